"""
`talkbox demo`: a spoken conversation between this device and the embedded agent, in front of your eyes.

Both are the real programs, started as a user would start them; only the microphone and the loudspeaker are files.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.live import Live

from talkbox.errors import ControlError, MissingFeature, NotRunning, TalkboxError
from talkbox.masking import printable

from .child import running, wait_for_line, wait_for_socket
from .client import ControlClient, connect, subscribe
from .director import CueMissed, Director, recording
from .follow import draw
from .microphone import Microphone
from .monitor import leave_on_signals, print_event
from .record import Event, Glance, Record, Sound, read_wav
from .scene import Scene
from .timeline import draw as draw_timeline
from .verdict import Check, judge
from .view import View

AGENT = (sys.executable, "-m", "talkbox_agent", "--port", "0")
DEVICE = (sys.executable, "-m", "talkbox", "run")
GLANCE_S = 1 / 20
FILES = ("speaker.wav", "microphone.wav", "transcript.txt", "events.jsonl", "timeline.svg", "device.log", "agent.log")
LISTENING = "talkbox-agent listening on "


class CannotWrite(TalkboxError):
    """The results cannot be put where they were asked for."""

    hint = "choose another folder with --out"
    exit_code = os.EX_CANTCREAT


def main(out: Path) -> int:
    """
    Hold the conversation, write what happened into the folder ``out``, and judge it.

    Returns:
        0 if the conversation really happened, else 1.

    Raises:
        MissingFeature: If the embedded agent cannot hear or speak here.
        CannotWrite: If ``out`` cannot be written.
        TalkboxError: If a program does not start.
    """
    _check_speech()
    _clear(out)
    leave_on_signals()
    try:
        record = asyncio.run(_hold(out))
    except KeyboardInterrupt:
        sys.stderr.write(f"interrupted: nothing was judged; what there is of it is in {out}\n")
        raise
    speaker = _speaker(out)
    checks = judge(record, speaker)
    _write(out, record, speaker)
    _report(out, checks)
    return 0 if all(check.ok for check in checks) else 1


async def _hold(out: Path) -> Record:
    """Start both programs, play the user's part, and return what was seen."""
    record = Record(begun_s=asyncio.get_running_loop().time())
    with tempfile.TemporaryDirectory(prefix="talkbox-") as folder:
        socket = Path(folder) / "control.sock"
        microphone = Microphone(out / "microphone.wav", rate_hz=recording("thank you").rate_hz)
        async with running(AGENT, log=out / "agent.log", lines=True) as agent:
            url = (await wait_for_line(agent, LISTENING)).removeprefix(LISTENING)
            command = (*DEVICE, *_settings(out, url=url, socket=socket))
            # A demonstration begins with the volume of the settings, and leaves yours alone.
            state = {"STATE_DIRECTORY": folder}
            async with running(command, log=out / "device.log", env=state) as device:
                await wait_for_socket(device, socket, log=out / "device.log")
                async with connect(socket) as client:
                    director = Director(
                        client=client, microphone=microphone, record=record, speaker=out / "speaker.wav"
                    )
                    await _watched(director, socket, record)
    return record


def _settings(out: Path, *, url: str, socket: Path) -> list[str]:
    settings = {
        "hardware.board": "simulated",
        "agent.server": url,
        "agent.agent_id": "demo",
        "audio.capture": f"wav:{out / 'microphone.wav'}",
        "audio.playback": f"wav:{out / 'speaker.wav'}",
        "control.socket": socket,
        "lights.brightness": 1,
    }
    return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


async def _watched(director: Director, socket: Path, record: Record) -> None:
    """Let the director play, while everything is written down and shown."""
    console = Console(stderr=True)
    scene = Scene()
    view = View(scene, title="Talkbox, a demonstration", footer="speech is made up, everything else is real")
    live = Live(view, console=console, screen=True, auto_refresh=False)
    async with connect(socket) as client, subscribe(socket) as events, asyncio.TaskGroup() as group:

        async def listen() -> None:
            async for event in events:
                scene.take_event(event)
                await director.heard(event)
                if not console.is_terminal:
                    print_event(event)
            await director.gone()

        tasks = [group.create_task(listen()), group.create_task(_glance(client, scene, record))]
        with live if console.is_terminal else contextlib.nullcontext():
            if console.is_terminal:
                tasks.append(group.create_task(draw(live)))
            try:
                await director.play()
            except CueMissed as missed:
                sys.stderr.write(f"the demonstration stopped: {missed}\n")
            except ControlError as error:
                sys.stderr.write(f"the demonstration stopped: {error}; see the device's log\n")
            await asyncio.sleep(1.0)  # let the end be seen and heard
        for task in tasks:
            task.cancel()


async def _glance(client: ControlClient, scene: Scene, record: Record) -> None:
    """Look at the device again and again."""
    clock = asyncio.get_running_loop().time
    with contextlib.suppress(NotRunning):  # the director sees that too, and says so
        while True:
            status = await client.status()
            scene.take_status(status)
            record.glances.append(_seen(status, clock()))
            await asyncio.sleep(GLANCE_S)


def _seen(status: Event, at_s: float) -> Glance:
    return Glance(
        at_s=at_s,
        state=str(status["state"]),
        leds=tuple((int(red), int(green), int(blue)) for red, green, blue in status["leds"]),
        input_level=float(status["input_level"]),
        output_level=float(status["output_level"]),
        volume=float(status["volume"]),
        speaker_frame=int(status["speaker_frame"]),
    )


def _check_speech() -> None:
    """Refuse before anything is started: without ears and a voice the conversation would be tones."""
    missing = []
    if importlib.util.find_spec("pocketsphinx") is None:
        missing.append("pip install 'talkbox[agent]'")
    if not any(shutil.which(program) for program in ("flite", "espeak-ng")):
        missing.append("apt install flite")
    if missing:
        raise MissingFeature("the embedded agent cannot hear and speak here", hint=" && ".join(missing))


def _clear(out: Path) -> None:
    """Make the folder, and remove what an earlier demonstration left in it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (out / name).unlink(missing_ok=True)
        (out / FILES[0]).touch()  # a folder that was there may let nobody in
        (out / FILES[0]).unlink()
    except OSError as error:
        raise CannotWrite(f"cannot write into {out}: {(error.strerror or str(error)).lower()}") from error


def _speaker(out: Path) -> Sound:
    """What the loudspeaker played; nothing, where it was never opened."""
    try:
        return read_wav(out / "speaker.wav")
    except (OSError, ValueError):
        return Sound(samples=type(recording("thank you").samples)("h"), rate_hz=16_000)


def _write(out: Path, record: Record, speaker: Sound) -> None:
    lines = [json.dumps(event, ensure_ascii=False) for event in record.events]
    (out / "events.jsonl").write_text("".join(f"{line}\n" for line in lines), "utf-8")
    (out / "transcript.txt").write_text(
        "".join(
            f"{event['at_s'] - record.begun_s:6.1f} s  {event['source']}: {printable(event['text'])}\n"
            for event in record.transcript()
        ),
        "utf-8",
    )
    (out / "timeline.svg").write_text(draw_timeline(record, speaker), "utf-8")


def _report(out: Path, checks: list[Check]) -> None:
    for check in checks:
        sys.stdout.write(f"{'ok    ' if check.ok else 'FAILED'}  {check.name}: {printable(check.seen)}\n")
    sys.stdout.write(
        f"\nwhat the loudspeaker played  {out / 'speaker.wav'}\n"
        f"who said what                {out / 'transcript.txt'}\n"
        f"every event                  {out / 'events.jsonl'}\n"
        f"the whole in one picture     {out / 'timeline.svg'}\n"
        f"logs                         {out / 'device.log'}, {out / 'agent.log'}\n"
    )
    failed = sum(not check.ok for check in checks)
    sys.stdout.write(
        f"\n{failed} of {len(checks)} checks failed\n"
        if failed
        else "\nthe conversation happened, and every check passed\n"
    )
