import pytest

from talkbox.doctor.check import Status
from talkbox.doctor.device import device, running
from tests.support.examined import MadeUpDevice

COUNTERS = {"sessions": 3, "underruns": 0, "chunks_sent": 1200}


def test_a_running_device_says_how_it_is_and_what_it_counted() -> None:
    result = device(MadeUpDevice({"state": "idle", "uptime_s": 7300.0, "counters": COUNTERS}))
    assert (result.status, result.said) == (Status.OK, "idle, up 2 h 1 min: 3 sessions, 1200 chunks sent")
    assert result.figures == {"state": "idle", "sessions": 3, "chunks_sent": 1200}


def test_one_of_another_version_that_says_less_is_well_too() -> None:
    assert device(MadeUpDevice({})).said == "runs"
    assert device(MadeUpDevice({"state": "idle", "counters": 7})).said == "idle"


def test_one_that_does_not_run_is_to_be_started() -> None:
    result = device(MadeUpDevice(None))
    assert (result.status, "systemctl start" in result.remedy) == (Status.WARNING, True)


def test_one_that_does_not_let_us_ask_was_not_seen() -> None:
    result = device(MadeUpDevice({"state": "idle"}, hidden=True))
    assert (result.status, "no permission" in result.said) == (Status.UNSEEN, True)


@pytest.mark.parametrize(
    ("state", "in_session"),
    [("idle", False), ("offline", False), ("fault", False), ("listening", True), ("connecting", True)],
)
def test_the_card_is_in_use_in_a_session_and_the_pins_always(state: str, in_session: bool) -> None:
    now = running(MadeUpDevice({"state": state}))
    assert (now.in_session, now.has_pins) == (in_session, True)


def test_what_does_not_run_has_nothing() -> None:
    for ask in (MadeUpDevice(None), MadeUpDevice({}, hidden=True)):
        now = running(ask)
        assert (now.in_session, now.has_pins) == (False, False)


def test_an_answer_without_a_status_is_an_empty_one() -> None:
    assert running(lambda _command: {"ok": True}).status == {}
