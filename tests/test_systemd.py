import pytest

from talkbox.systemd import Notifier, datagram, notifier, socket_address, watchdog_s


class Manager:
    """systemd's end: keeps what it was told, or is not there."""

    def __init__(self, *, error: OSError | None = None) -> None:
        self.error = error
        self.told: list[tuple[str, bytes]] = []

    def send(self, address: str, message: bytes) -> None:
        if self.error is not None:
            raise self.error
        self.told.append((address, message))


def test_each_kind_of_news_is_one_datagram() -> None:
    manager = Manager()
    tell = Notifier("/run/systemd/notify", send=manager.send)
    tell.ready("idle")
    tell.status("listening")
    tell.alive()
    tell.stopping("stopping")
    assert {address for address, _ in manager.told} == {"/run/systemd/notify"}
    assert [message for _, message in manager.told] == [
        b"READY=1\nSTATUS=idle",
        b"STATUS=listening",
        b"WATCHDOG=1",
        b"STOPPING=1\nSTATUS=stopping",
    ]


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "notify", "."])
def test_where_nobody_can_be_told_nothing_is_sent(address: str) -> None:
    manager = Manager()
    Notifier(address, send=manager.send).ready("idle")
    assert manager.told == []


def test_an_abstract_address_begins_with_a_zero() -> None:
    assert socket_address("@/org/notify") == "\0/org/notify"
    assert socket_address("/run/notify") == "/run/notify"


def test_news_that_nobody_takes_is_lost_and_the_device_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    Notifier("/run/notify", send=Manager(error=FileNotFoundError(2, "gone")).send).status("idle")
    assert "not told STATUS" in caplog.text


def test_no_status_can_smuggle_in_other_news() -> None:
    assert datagram({"STATUS": "idle\nSTOPPING=1", "WATCHDOG": "1"}) == b"STATUS=idle\\nSTOPPING=1\nWATCHDOG=1"


def test_the_environment_says_whom_to_tell() -> None:
    assert notifier({"NOTIFY_SOCKET": "/run/notify"})._address == "/run/notify"
    assert notifier({})._address == ""


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "-5"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_a_watchdog_is_fed_only_by_whom_it_is_for(environ: dict[str, str], expected: float | None) -> None:
    assert watchdog_s(environ, pid=7) == expected
