"""The device under systemd's eyes: with a real socket to tell it what happens, real threads, and a real end."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from talkbox.appliance.state import State
from talkbox.appliance.supervision import WORDS
from talkbox.appliance.watchdog import Watch
from talkbox.audio.engine import AudioEngine
from talkbox.audio.realtime import PRIORITY
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.systemd import Notifier
from tests.support.programs import agent, device, eventually, program, talkbox, write_silence

pytestmark = pytest.mark.integration


class Ear:
    """systemd's end of the socket."""

    def __init__(self, address: str) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(address)
        self._socket.setblocking(False)
        self.heard: list[str] = []

    def hears(self, line: str) -> bool:
        """Whether `line` was said so far, in whatever datagram."""
        while True:
            try:
                self.heard.append(self._socket.recv(4096).decode())
            except BlockingIOError:
                return any(line in one.splitlines() for one in self.heard)

    def close(self) -> None:
        self._socket.close()


@contextmanager
def ear(address: str) -> Iterator[Ear]:
    one = Ear(address)
    try:
        yield one
    finally:
        one.close()


@pytest.mark.parametrize("kind", ["path", "abstract"])
def test_news_reaches_a_real_socket(kind: str, tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with ear(name if kind == "path" else f"\0{name}") as systemd:
        Notifier(name if kind == "path" else f"@{name}").ready("idle: press")
        assert systemd.hears("READY=1")
        assert systemd.heard == ["READY=1\nSTATUS=idle: press"]


def test_a_systemd_that_is_busy_holds_the_device_up_for_an_instant_only(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with ear(name) as systemd:
        while not _full(name):
            pass
        began_s = time.monotonic()
        Notifier(name).alive()
        assert time.monotonic() - began_s < 10
        assert not systemd.hears("WATCHDOG=1")


def _full(name: str) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as one:
        one.setblocking(False)
        try:
            one.sendto(b"", name)
        except BlockingIOError:
            return True
        return False


def test_systemd_hears_of_a_conversation_from_ready_to_the_end(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with (
        ear(name) as systemd,
        agent(tmp_path) as url,
        device(tmp_path, url, NOTIFY_SOCKET=name, WATCHDOG_USEC="3000000") as talkbox_,
    ):
        eventually(lambda: systemd.hears("READY=1"), "ready")
        assert systemd.hears(f"STATUS={WORDS[State.IDLE]}")
        talkbox_.do("tap")
        eventually(lambda: systemd.hears(f"STATUS={WORDS[State.SPEAKING]}"), "the agent's greeting")
        assert systemd.hears(f"STATUS={WORDS[State.CONNECTING]}")
        talkbox_.do("tap")
        talkbox_.until(state="idle")
        before = len(systemd.heard)
        eventually(
            lambda: systemd.hears("WATCHDOG=1") and "WATCHDOG=1" in systemd.heard[before:], "the watchdog's food"
        )
        talkbox_.process.terminate()
        assert talkbox_.process.wait(30) == 0
        assert systemd.hears("STOPPING=1")
    assert "the watchdog is not fed" not in talkbox_.said()


def test_a_device_that_is_held_up_says_nothing(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    with ear(name) as systemd, device(tmp_path, "ws://127.0.0.1:1", NOTIFY_SOCKET=name, WATCHDOG_USEC="600000") as held:
        eventually(lambda: systemd.hears("WATCHDOG=1"), "the watchdog's food")
        os.kill(held.process.pid, signal.SIGSTOP)
        try:
            systemd.hears("")
            before = len(systemd.heard)
            time.sleep(1)
            systemd.hears("")
            assert systemd.heard[before:] == []
        finally:
            os.kill(held.process.pid, signal.SIGCONT)


class Stalling(SilentSource):
    """A microphone that stands still when it is told to."""

    stalled = threading.Event()

    def read(self) -> bytes:
        while self.stalled.is_set():
            time.sleep(0.01)
        return super().read()


def test_the_progress_of_a_session_stands_still_with_its_card() -> None:
    Stalling.stalled.clear()

    async def until(look: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not look():  # noqa: ASYNC110  the threads tell nobody how far they are: that is what is tested
                await asyncio.sleep(0.02)

    async def main() -> None:
        engine = AudioEngine(
            open_capture=lambda: Stalling(rate_hz=16_000, period_frames=160),
            open_playback=lambda: SilentSink(rate_hz=16_000, period_frames=160),
            stall_s=60,
        )
        assert engine.progress is None
        await engine.open()
        watch = Watch()
        watch.trouble(engine.progress)
        await until(lambda: watch.trouble(engine.progress) == "")
        Stalling.stalled.set()
        await until(lambda: watch.trouble(engine.progress) == "the microphone brings nothing")
        Stalling.stalled.clear()
        await engine.close()
        assert engine.progress is None

    asyncio.run(main())


@pytest.fixture
def _ordinary() -> Iterator[None]:
    """Be an ordinary thread that may become a real-time one; afterwards what it was before."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    except OSError as error:
        pytest.skip(f"real-time priority is not allowed here: {error}")
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
    yield
    os.sched_setscheduler(0, *before)


@pytest.mark.usefixtures("_ordinary")
def test_the_audio_threads_go_before_others_where_that_is_allowed() -> None:
    async def main() -> dict[str, tuple[int, int]]:
        engine = AudioEngine(
            open_capture=lambda: SilentSource(rate_hz=16_000, period_frames=160),
            open_playback=lambda: SilentSink(rate_hz=16_000, period_frames=160),
        )
        await engine.open()
        found = {
            thread.name: (
                os.sched_getscheduler(thread.native_id) & ~os.SCHED_RESET_ON_FORK,
                os.sched_getparam(thread.native_id).sched_priority,
            )
            for thread in threading.enumerate()
            if thread.name in ("talkbox-microphone", "talkbox-loudspeaker") and thread.native_id is not None
        }
        await engine.close()
        return found

    assert asyncio.run(main()) == {
        "talkbox-microphone": (os.SCHED_RR, PRIORITY),
        "talkbox-loudspeaker": (os.SCHED_RR, PRIORITY),
    }


def test_stopped_says_a_bad_end_in_one_line_and_a_good_one_not_at_all() -> None:
    bad = talkbox("stopped", SERVICE_RESULT="watchdog", EXIT_CODE="dumped", EXIT_STATUS="ABRT")
    assert bad.returncode == 0
    assert bad.stderr.count("\n") == 1
    assert "its watchdog ended it" in bad.stderr
    good = talkbox("stopped", SERVICE_RESULT="success", EXIT_CODE="exited", EXIT_STATUS="0")
    assert (good.returncode, good.stdout, good.stderr) == (0, "", "")


def test_stopped_fails_nothing_whatever_the_configuration_is(tmp_path: Path) -> None:
    broken = tmp_path / "broken.toml"
    broken.write_text("[hardware", "utf-8")
    for path in (broken, tmp_path / "missing.toml"):
        assert talkbox("stopped", "--config", str(path), SERVICE_RESULT="exit-code").returncode == 0


def test_a_device_is_ready_although_there_is_neither_network_nor_card(tmp_path: Path) -> None:
    name = str(tmp_path / "notify")
    write_silence(tmp_path / "mic.wav")
    options = ["hardware.board=respeaker-2mic-v1", "agent.agent_id=test", f"control.socket={tmp_path / 'c.sock'}"]
    command = [sys.executable, "-m", "talkbox", "run", *(part for one in options for part in ("--set", one))]
    environ = {"NOTIFY_SOCKET": name, "GPIOZERO_PIN_FACTORY": "mock", "STATE_DIRECTORY": str(tmp_path)}
    with ear(name) as systemd, program(*command, log=tmp_path / "log", **environ) as child:

        def ready() -> bool:
            assert child.poll() is None, (tmp_path / "log").read_text("utf-8")
            return systemd.hears("READY=1")

        eventually(ready, "ready")
        said = (tmp_path / "log").read_text("utf-8")
        assert "no sound card" not in said  # it was not waited for
        eventually(lambda: "no sound card" in (tmp_path / "log").read_text("utf-8"), "the missing card to be said")
        child.terminate()
        assert child.wait(30) == 0
