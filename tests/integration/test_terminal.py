"""The live views in a real (pseudo) terminal: `monitor`, `simulate`, on `follow` and `keyboard`."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.test_cli import TALKBOX, device

pytestmark = pytest.mark.integration

LONG_S = 60.0
LEAVE_SCREEN = b"\x1b[?1049l"


class Terminal:
    """A user at a terminal of 80 by 30 who starts one command, types, and reads what appears."""

    def __init__(self, *arguments: str) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("4H", 30, 80, 0, 0))
        self.before = termios.tcgetattr(theirs)
        environ = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            [*TALKBOX, *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509  Ctrl-C is a signal there
            env={**environ, "TERM": "xterm-256color"},
        )
        self._theirs = theirs
        self._seen = b""

    def see(self, text: str) -> None:
        """Read until `text` appears, after what was seen last."""
        deadline = time.monotonic() + LONG_S
        while (found := self._seen.find(text.encode())) < 0:
            self._read(deadline)
        self._seen = self._seen[found + len(text.encode()) :]

    def type(self, keys: bytes) -> None:
        os.write(self._ours, keys)

    def end(self) -> tuple[int, bytes]:
        """Wait for the command to end. Return its exit code, and what was left on the screen after the view."""
        deadline = time.monotonic() + LONG_S
        while self.process.poll() is None:
            self._read(deadline)
        self._read(deadline)
        return self.process.returncode, self._seen.rpartition(LEAVE_SCREEN)[2]

    @property
    def as_before(self) -> bool:
        """Whether the terminal works as it did."""
        return termios.tcgetattr(self._theirs) == self.before

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._ours)
        os.close(self._theirs)

    def _read(self, deadline: float) -> None:
        assert time.monotonic() < deadline, self._seen[-3000:]
        if select.select([self._ours], [], [], 0.2)[0]:
            self._seen += os.read(self._ours, 65536)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


def monitored(path: Path, terminals: list[Terminal]) -> Terminal:
    terminal = Terminal("monitor", "--socket", str(path))
    terminals.append(terminal)
    terminal.see("listening")
    return terminal


@pytest.mark.parametrize("keys", [b"q", b"\x03", b"\x1b[99;5u"], ids=["q", "Ctrl-C", "Ctrl-C as Kitty sends it"])
def test_monitor_shows_a_device_and_leaves_the_terminal_as_it_was(
    keys: bytes, tmp_path: Path, terminals: list[Terminal]
) -> None:
    with device(tmp_path / "s") as path:
        terminal = monitored(path, terminals)
        terminal.see("what\\x1b[2J time is it")
        terminal.type(keys)
        assert terminal.end() == (0, b"")
    assert terminal.as_before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_monitor_restores_the_terminal_when_it_is_stopped(
    number: signal.Signals, tmp_path: Path, terminals: list[Terminal]
) -> None:
    with device(tmp_path / "s") as path:
        terminal = monitored(path, terminals)
        terminal.process.send_signal(number)
        assert terminal.end() == (0, b"")
    assert terminal.as_before


def test_monitor_says_that_the_device_went_away_and_sees_it_come_back(
    tmp_path: Path, terminals: list[Terminal]
) -> None:
    path = tmp_path / "s"
    with device(path):
        terminal = monitored(path, terminals)
    terminal.see("the device does not answer")
    path.unlink()
    with device(path):
        terminal.see("listening")
        terminal.type(b"q")
        assert terminal.end() == (0, b"")


def test_monitor_exits_69_when_nothing_ever_answered(tmp_path: Path, terminals: list[Terminal]) -> None:
    terminal = Terminal("monitor", "--socket", str(tmp_path / "s"))
    terminals.append(terminal)
    code, left = terminal.end()
    assert code == os.EX_UNAVAILABLE
    assert f"error: nothing answers on {tmp_path / 's'}".encode() in left
    assert terminal.as_before


def simulated(terminals: list[Terminal], *, answers: bytes) -> Terminal:
    """A simulated device on its way up; its terminal `answers` when asked what it can do."""
    terminal = Terminal("simulate", "--set", "agent.agent_id=a", "--set", "agent.server=ws://127.0.0.1:9")
    terminals.append(terminal)
    terminal.see("\x1b[?u")
    terminal.type(answers)
    return terminal


def test_simulate_is_a_device_with_keys(terminals: list[Terminal]) -> None:
    terminal = simulated(terminals, answers=b"\x1b[?62c")
    terminal.see("idle")
    terminal.see("ready: press the button")
    terminal.see("space = the button: tap it, or hold it down to talk")
    terminal.type(b"m")
    terminal.see("muted")
    terminal.type(b"\x1b[B\x1b[B")
    terminal.see("70 %")
    terminal.type(b" ")
    terminal.see("no connection to 127.0.0.1")  # there is no agent to talk to
    terminal.see("nothing listens there")
    terminal.type(b"q")
    code, left = terminal.end()
    assert code == 0
    assert terminal.as_before
    log = Path(left.decode().strip().removeprefix("its log: "))
    assert "ready" in log.read_text()
    assert "Traceback" not in log.read_text()
    log.unlink()


def test_simulate_hears_releases_where_the_terminal_tells_them(terminals: list[Terminal]) -> None:
    terminal = simulated(terminals, answers=b"\x1b[?0u\x1b[?62c")
    terminal.see("\x1b[>11u")
    terminal.see("idle")
    terminal.see("space = the button: tap it, or hold it to talk")
    terminal.type(b"\x1b[109;1:1u\x1b[109;1:3u")
    terminal.see("muted")
    terminal.type(b"\x1b[99;5u")
    code, left = terminal.end()
    assert code == 0
    assert terminal.as_before
    Path(left.decode().strip().removeprefix("its log: ")).unlink()


def test_simulate_shows_why_its_device_could_not_start(terminals: list[Terminal]) -> None:
    terminal = Terminal("simulate", "--set", "audio.volume=7")
    terminals.append(terminal)
    code, left = terminal.end()
    assert code == os.EX_CONFIG
    assert b"audio.volume must be a number, 0..1, not 7" in left
    assert b"ended with exit code 78" in left
    assert terminal.as_before
    Path(left.decode().strip().rpartition("its log: ")[2]).unlink()
