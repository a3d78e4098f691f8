import pytest

from talkbox.doctor.check import Status
from talkbox.doctor.leds import leds
from talkbox_hardware.board import load_board
from talkbox_hardware.leds import NoLeds
from tests.support.boards import board as made_up
from tests.support.examined import MadeUpBoard, MadeUpDevice

RESPEAKER, AIY = load_board("respeaker-2mic-v1"), load_board("aiy-voice-hat")
STOPPED = MadeUpDevice(None)


def test_leds_that_are_free_show_three_colors_and_go_out() -> None:
    board = MadeUpBoard(RESPEAKER)
    slept: list[float] = []
    result = leds(board, STOPPED, boot=False, sleep=slept.append)
    assert result.status is Status.OK
    assert "3 were red, green, blue" in result.said
    assert [frame[0] for frame in board.row.history] == [(255, 0, 0), (0, 255, 0), (0, 0, 255)]
    assert board.row.closed
    assert len(slept) == 3


def test_plain_leds_are_lit() -> None:
    assert "were lit" in leds(MadeUpBoard(AIY), STOPPED, boot=False, sleep=lambda _s: None).said


def test_leds_on_a_dead_bus_are_a_failure_and_go_out() -> None:
    board = MadeUpBoard(RESPEAKER)
    board.row.failure = OSError(5, "Input/output error")
    result = leds(board, STOPPED, boot=False)
    assert (result.status, result.said) == (Status.FAILED, "they do not answer: input/output error")
    assert board.row.closed


def test_leds_that_this_user_may_not_use_were_not_seen() -> None:
    board = MadeUpBoard(RESPEAKER)
    board.row.failure = PermissionError(13, "Permission denied")
    with pytest.raises(PermissionError):
        leds(board, STOPPED, boot=False)


def test_leds_whose_library_is_missing_are_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    board = MadeUpBoard(RESPEAKER)
    monkeypatch.setattr(board, "leds", NoLeds)
    assert "not installed" in leds(board, STOPPED, boot=False).said


def test_a_running_device_is_asked_to_show_its_volume() -> None:
    board = MadeUpBoard(RESPEAKER)
    device = MadeUpDevice({"state": "idle", "leds": [[0, 0, 0]] * 3}, leds_on_turn=[[9, 9, 9], [9, 9, 9], [0, 0, 0]])
    result = leds(board, device, boot=False, sleep=lambda _s: None)
    assert (result.status, "2 of 3 were lit" in result.said) == (Status.OK, True)
    assert device.asked == ["status", "turn", "status"]
    assert not board.row.history


@pytest.mark.parametrize(
    ("status", "expected"),
    [({"state": "idle", "volume": 0.5}, Status.FAILED), ({"state": "idle", "volume": 0}, Status.UNSEEN)],
)
def test_a_running_device_whose_leds_stay_dark(status: dict[str, object], expected: Status) -> None:
    device = MadeUpDevice(status, leds_on_turn=[[0, 0, 0]] * 3)
    assert leds(MadeUpBoard(RESPEAKER), device, boot=False, sleep=lambda _s: None).status is expected


def test_leds_of_a_device_in_a_conversation_are_left_to_it() -> None:
    device = MadeUpDevice({"state": "listening"})
    assert leds(MadeUpBoard(RESPEAKER), device, boot=False).status is Status.UNSEEN
    assert device.asked == ["status"]


def test_at_boot_nothing_is_shown_and_nobody_is_asked_for_leds() -> None:
    device = MadeUpDevice({"state": "idle"})
    assert leds(MadeUpBoard(RESPEAKER), device, boot=True).status is Status.SKIPPED
    assert device.asked == []


@pytest.mark.parametrize(
    ("simulated", "said"), [(True, "`talkbox monitor` shows them"), (False, "this board has none")]
)
def test_a_board_without_leds_is_skipped(simulated: bool, said: str) -> None:
    result = leds(MadeUpBoard(made_up(), simulated=simulated), STOPPED, boot=False)
    assert (result.status, result.said) == (Status.SKIPPED, said)
