"""
The demonstration's screenplay: what its user says and does, and what it waits for in between.

Knows the device only as its users do: by its control socket, and by a microphone that one can speak into.
"""

from __future__ import annotations

import asyncio
import re
from array import array
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Protocol

from .record import Event, Record, Sound, Spoken, read_wav
from .request import Answer

LINES = (
    "what time is it",
    "set the volume to forty percent",
    "tell me a long story",
    "what day is it",
    "thank you",
)
"""Everything the user says. Each is a recording, ``speech/what-time-is-it.wav``, made with flite's voice rms."""

ANSWER_S = 20.0
"""How long anything may take that the agent must do before the demonstration gives up."""
TURN_GAP_S = 0.7
"""How long people wait before they answer; at least."""


class Device(Protocol):
    """What the user presses and turns: a `ControlClient`."""

    async def request(self, command: str, **fields: object) -> Answer:
        """Do one thing."""
        ...


class Ear(Protocol):
    """What the user speaks into: a `Microphone`."""

    def say(self, samples: array[int]) -> None:
        """Say int16 ``samples``, from now on."""
        ...


class CueMissed(Exception):
    """Something that the screenplay waits for did not happen. ``str(error)`` says what."""


def recording(line: str) -> Sound:
    """Return the recording of one of `LINES`."""
    name = re.sub(r"\W+", "-", line) + ".wav"
    with resources.as_file(resources.files("talkbox.terminal") / "speech" / name) as path:
        return read_wav(path)


class Director:
    """
    Play the user's part.

    Args:
        client: The device.
        microphone: What it hears.
        record: Where everything is written down; `heard` must be told of each event as it comes.
        speaker: The file of what the loudspeaker plays, to read its length at the moment of a press.
    """

    def __init__(self, *, client: Device, microphone: Ear, record: Record, speaker: Path) -> None:
        self._client, self._microphone, self._record, self._speaker = client, microphone, record, speaker
        self._news = asyncio.Condition()
        self._over = ""

    async def heard(self, event: Event) -> None:
        """Take one event of the device."""
        async with self._news:
            self._record.events.append(event)
            if event["event"] == "disconnected" and event.get("reason") != "user":
                self._over = f"the session ended ({event.get('text') or event.get('reason')})"
            self._news.notify_all()

    async def gone(self) -> None:
        """Take note that the device went away: there will be no more events."""
        async with self._news:
            self._over = "the device went away"
            self._news.notify_all()

    async def play(self) -> None:
        """
        Hold the conversation.

        Raises:
            CueMissed: If the device or the agent did not do its part.
        """
        await self._do("tap", "tap: start")
        await self._answered(since=0, to="the first tap")
        await self._ask("what time is it")
        await self._volume_by_voice_and_knob()
        await self._interrupt_by_voice()
        await self._interrupt_by_button()
        ends = self._now()
        await self._do("tap", "tap: end")
        await self._until(
            lambda event: event["event"] == "state" and event["state"] == "idle", ends, "the session to end"
        )

    async def _volume_by_voice_and_knob(self) -> None:
        since = self._now()
        await self._say("set the volume to forty percent")
        await self._until(lambda event: event["event"] == "volume", since, "the agent to set the volume")
        await self._until(_mode("speaking"), since, "the agent to answer")
        for _ in range(4):
            await self._do("turn", "turn +2", detents=2)
            await asyncio.sleep(0.15)
        await self._answered(since=since, to="the volume")

    async def _interrupt_by_voice(self) -> None:
        since = self._now()
        await self._say("tell me a long story")
        await self._until(_mode("speaking"), since, "the story to begin")
        await asyncio.sleep(3.0)
        since = self._now()
        await self._say("what day is it")
        await self._until(lambda event: event["event"] == "interrupted", since, "the agent to notice the interruption")
        await self._answered(since=since, to="the interruption")

    async def _interrupt_by_button(self) -> None:
        since = self._now()
        await self._say("tell me a long story")
        await self._until(_mode("speaking"), since, "the story to begin")
        await asyncio.sleep(3.0)
        since = self._now()
        await self._do("press", "hold")
        await asyncio.sleep(0.8)  # a hold, not a tap
        spoken_s = await self._say("thank you")
        await asyncio.sleep(spoken_s + 0.2)
        await self._do("release", "release")
        await self._answered(since=since, to="what was said while the button was held")

    async def _ask(self, line: str) -> None:
        since = self._now()
        await self._say(line)
        await self._answered(since=since, to=f"“{line}”")

    async def _say(self, line: str) -> float:
        """Say a line, and return how long it is in seconds."""
        sound = recording(line)
        self._record.spoken.append(
            Spoken(at_s=_clock(), text=line, samples=sound.samples, rate_hz=sound.rate_hz),
        )
        self._microphone.say(sound.samples)
        return len(sound.samples) / sound.rate_hz

    async def _do(self, command: str, mark: str, **fields: object) -> None:
        frames = max(0, self._speaker.stat().st_size - 44) // 2 if self._speaker.exists() else 0
        self._record.marks.append((_clock(), mark, frames))
        await self._client.request(command, **fields)

    async def _answered(self, *, since: int, to: str) -> None:
        """Wait until the agent has spoken and is silent again, and as long as a person then waits."""
        speaks = await self._until(_mode("speaking"), since, f"an answer to {to}")
        await self._until(_mode("listening"), speaks, f"the end of the answer to {to}")
        await asyncio.sleep(TURN_GAP_S)

    def _now(self) -> int:
        return len(self._record.events)

    async def _until(self, wanted: Callable[[Event], bool], since: int, what: str) -> int:
        """Wait for an event after the first ``since``; return how many there were with it."""

        def found() -> int:
            events = enumerate(self._record.events[since:], since + 1)
            return next((count for count, event in events if wanted(event)), 0)

        try:
            async with asyncio.timeout(ANSWER_S), self._news:
                await self._news.wait_for(lambda: found() or self._over)
        except TimeoutError as error:
            raise CueMissed(f"waited {ANSWER_S:.0f} s in vain for {what}") from error
        if not found():
            raise CueMissed(f"{self._over} while waiting for {what}")
        return found()


def _mode(mode: str) -> Callable[[Event], bool]:
    return lambda event: event["event"] == "mode" and event["mode"] == mode


def _clock() -> float:
    return asyncio.get_running_loop().time()
