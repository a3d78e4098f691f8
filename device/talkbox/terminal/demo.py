"""
`talkbox demo`: a spoken conversation between this device and the embedded agent, in front of your eyes.

Both are the real programs, started as a user would start them; only the microphone and the loudspeaker are files, or
those of a simulated card in a simulated room.
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
from .monitor import leave_on_signals, print_event
from .place import Files, Place
from .record import Event, Glance, Record, Sound, read_wav
from .room import Room, memory
from .room import check as check_room
from .room_verdict import judge_in_room
from .scene import Scene
from .screenplay import Play, conversation, over_the_loudspeaker
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


def main(out: Path, *, room: bool = False) -> int:
    """
    Hold the conversation, write what happened into the folder ``out``, and judge it.

    Args:
        out: Made where it is missing.
        room: Hold it in a simulated room, in which the microphone hears the loudspeaker.

    Returns:
        0 if the conversation really happened, else 1.

    Raises:
        MissingFeature: If the embedded agent cannot hear or speak here, or there can be no room.
        CannotWrite: If ``out`` cannot be written.
        TalkboxError: If a program does not start.
    """
    _check_speech()
    if room:
        check_room()
    _clear(out)
    leave_on_signals()
    try:
        record = asyncio.run(_hold(out, room=room))
    except KeyboardInterrupt:
        sys.stderr.write(f"interrupted: nothing was judged; what there is of it is in {out}\n")
        raise
    speaker = _sound(out / "speaker.wav")
    checks = judge_in_room(record, speaker, _sound(out / "microphone.wav")) if room else judge(record, speaker)
    _write(out, record, speaker)
    _report(out, checks)
    return 0 if all(check.ok for check in checks) else 1


async def _hold(out: Path, *, room: bool) -> Record:
    """Start both programs, play the user's part, and return what was seen."""
    record = Record(begun_s=asyncio.get_running_loop().time())
    with (
        tempfile.TemporaryDirectory(prefix="talkbox-") as folder,
        tempfile.TemporaryDirectory(prefix="talkbox-card-", dir=memory()) as card,
    ):
        socket = Path(folder) / "control.sock"
        rate_hz = recording("thank you").rate_hz
        place: Place = Room(out, Path(folder), card=Path(card)) if room else Files(out, rate_hz=rate_hz)
        play = over_the_loudspeaker if room else conversation
        async with running(AGENT, log=out / "agent.log", lines=True) as agent:
            url = (await wait_for_line(agent, LISTENING)).removeprefix(LISTENING)
            command = (*DEVICE, *_settings(place, url=url, socket=socket))
            # A demonstration begins with the volume of the settings, and leaves yours alone.
            env = {"STATE_DIRECTORY": folder, **place.env}
            async with running(command, log=out / "device.log", env=env) as device:
                await wait_for_socket(device, socket, log=out / "device.log")
                async with connect(socket) as client:
                    director = Director(client=client, microphone=place, record=record, frames=place.frames)
                    await _watched(director, play, socket, record, place)
        place.keep()
    return record


def _settings(place: Place, *, url: str, socket: Path) -> list[str]:
    settings = {
        "hardware.board": "simulated",
        "agent.server": url,
        "agent.agent_id": "demo",
        "control.socket": socket,
        "lights.brightness": 1,
        **place.settings,
    }
    return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


async def _watched(director: Director, play: Play, socket: Path, record: Record, place: Place) -> None:
    """Let the director play, while everything is written down and shown."""
    console = Console(stderr=True)
    scene = Scene()
    view = View(scene, title="Talkbox, a demonstration", footer="speech is made up, everything else is real")
    live = Live(view, console=console, screen=True, auto_refresh=False)
    async with connect(socket) as client, subscribe(socket) as events, asyncio.TaskGroup() as group:

        async def listen() -> None:
            async for event in events:
                scene.take_event(event)
                await director.heard(place.seen(event))
                if not console.is_terminal:
                    print_event(event)
            await director.gone()

        tasks = [group.create_task(listen()), group.create_task(_glance(client, scene, record, place))]
        with live if console.is_terminal else contextlib.nullcontext():
            if console.is_terminal:
                tasks.append(group.create_task(draw(live)))
            try:
                await play(director)
            except CueMissed as missed:
                sys.stderr.write(f"the demonstration stopped: {missed}\n")
            except ControlError as error:
                sys.stderr.write(f"the demonstration stopped: {error}; see the device's log\n")
            await asyncio.sleep(1.0)  # let the end be seen and heard
        for task in tasks:
            task.cancel()


async def _glance(client: ControlClient, scene: Scene, record: Record, place: Place) -> None:
    """Look at the device again and again."""
    clock = asyncio.get_running_loop().time
    with contextlib.suppress(NotRunning):  # the director sees that too, and says so
        while True:
            status = await client.status()
            scene.take_status(status)
            record.glances.append(_seen(place.seen(status), clock()))
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
        echo=status["echo"],
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


def _sound(path: Path) -> Sound:
    """What was played, or heard; nothing, where the device never opened it."""
    try:
        return read_wav(path)
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
        f"what the microphone heard    {out / 'microphone.wav'}\n"
        f"who said what                {out / 'transcript.txt'}\n"
        f"every event                  {out / 'events.jsonl'}\n"
        f"the whole in one picture     {out / 'timeline.svg'}\n"
        f"logs                         {out / 'device.log'}, {out / 'agent.log'}\n"
    )
    failed = sum(not check.ok for check in checks)
    sys.stdout.write(
        f"\n{failed} of {len(checks)} checks failed; if the machine was too busy, the device's log says so\n"
        if failed
        else "\nthe conversation happened, and every check passed\n"
    )
