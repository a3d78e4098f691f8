"""The real programs, started as a user starts them and reached as a user reaches them. For integration tests."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from talkbox.errors import ControlError
from talkbox.terminal.request import request

Found = TypeVar("Found")

PATIENCE_S = 30.0
"""A busy machine holds a program up for seconds now and then. No test is about speed."""
LISTENING = "talkbox-agent listening on "
TALKBOX = (sys.executable, "-m", "talkbox")


def environment(**more: str) -> dict[str, str]:
    """What a program gets: ours, without anything that would configure it."""
    return {key: value for key, value in os.environ.items() if not key.startswith("TALKBOX_")} | more


def eventually(look: Callable[[], Found | None], what: str) -> Found:
    """Look again and again until there is something to see."""
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s:
        if found := look():
            return found
        time.sleep(0.02)
    raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain for {what}")


@contextmanager
def program(*command: str, log: Path, **env: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program while the body does, and end it politely."""
    with log.open("wb") as output:
        child = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment(**env)
        )
    try:
        yield child
    finally:
        if child.poll() is None:
            child.terminate()
            try:
                child.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
                raise


@contextmanager
def agent(folder: Path, *arguments: str, script: str = "") -> Iterator[str]:
    """Run the embedded agent, with tones unless told otherwise; give its address."""
    options = list(arguments) or ["--tones"]
    if script:
        (folder / "script.toml").write_text(script, "utf-8")
        options += ["--script", str(folder / "script.toml")]
    log = folder / "agent.log"
    with program(sys.executable, "-m", "talkbox_agent", "--port", "0", *options, log=log) as child:

        def address() -> str:
            assert child.poll() is None, log.read_text("utf-8")
            said = [line for line in log.read_text("utf-8").splitlines() if line.startswith(LISTENING)]
            return said[0].removeprefix(LISTENING) if said else ""

        yield eventually(address, "the agent to listen")


@dataclass(slots=True, kw_only=True)
class Device:
    """A running `talkbox run`."""

    socket: Path
    log: Path
    speaker: Path
    process: subprocess.Popen[bytes]

    def do(self, command: str, **fields: object) -> None:
        request(self.socket, command, **fields)

    def status(self) -> dict[str, Any]:
        status = request(self.socket, "status")["status"]
        assert isinstance(status, dict)
        return status

    def until(self, **wanted: object) -> dict[str, Any]:
        """Wait for a status in which these are so."""

        def look() -> dict[str, Any] | None:
            status = self.status()
            return status if all(status[key] == value for key, value in wanted.items()) else None

        return eventually(look, f"{wanted}, and it is {self.status()}; the log:\n{self.said()}")

    def said(self) -> str:
        return self.log.read_text("utf-8")


@contextmanager
def device(folder: Path, server: str, *settings: str, command: Sequence[str] = TALKBOX, **env: str) -> Iterator[Device]:
    """Run the appliance on the simulated board and WAV files until the body is over."""
    socket, log, speaker = folder / "control.sock", folder / "device.log", folder / "speaker.wav"
    ours = [f"agent.server={server}", "agent.agent_id=test", f"control.socket={socket}", "audio.rate_hz=16000"]
    ours += [f"audio.playback=wav:{speaker}"]
    if not any(setting.startswith("audio.capture") for setting in settings):
        write_silence(folder / "mic.wav")
        ours.append(f"audio.capture=wav:{folder / 'mic.wav'}")
    state = {"STATE_DIRECTORY": str(folder)}
    options = [part for setting in (*ours, *settings) for part in ("--set", setting)]
    with program(*command, "run", *options, log=log, **state | env) as process:

        def ready() -> bool:
            assert process.poll() is None, log.read_text("utf-8")
            with contextlib.suppress(ControlError):
                request(socket, "status")
                return True
            return False

        eventually(ready, "the device to be ready")
        yield Device(socket=socket, log=log, speaker=speaker, process=process)


def talkbox(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `talkbox` to its end."""
    return subprocess.run(
        [*TALKBOX, *arguments],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        env=environment(**env),
        check=False,
    )


def write_silence(path: Path) -> None:
    """A WAV file in which nothing is said: a header."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
