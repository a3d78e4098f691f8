"""
What the user of a demonstration can do: say a line, press, turn, and wait for what comes of it.

Knows the device only as its users do: by its control socket, and by a microphone that one can speak into.
"""

from __future__ import annotations

import asyncio
import re
from array import array
from collections.abc import Callable
from importlib import resources
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
        frames: Tells how far the loudspeaker is, at the moment of a press.
    """

    def __init__(self, *, client: Device, microphone: Ear, record: Record, frames: Callable[[], int]) -> None:
        self._client, self._microphone, self._record, self._frames = client, microphone, record, frames
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

    async def ask(self, line: str) -> None:
        """
        Say a line, and wait until it was answered.

        Raises:
            CueMissed: As in `until`.
        """
        since = self.now()
        await self.say(line)
        await self.answered(since=since, to=f"“{line}”")

    async def say(self, line: str) -> float:
        """Say a line, and return how long it is in seconds."""
        sound = recording(line)
        self._record.spoken.append(
            Spoken(at_s=_clock(), text=line, samples=sound.samples, rate_hz=sound.rate_hz, over=self._record.speaking),
        )
        self._microphone.say(sound.samples)
        return len(sound.samples) / sound.rate_hz

    async def do(self, command: str, mark: str, **fields: object) -> None:
        """Press or turn, and write down when, as ``mark``."""
        self._record.marks.append((_clock(), mark, self._frames()))
        await self._client.request(command, **fields)

    async def answered(self, *, since: int, to: str) -> None:
        """Wait until the agent has spoken and is silent again, and as long as a person then waits."""
        speaks = await self.until(mode("speaking"), since, f"an answer to {to}")
        await self.until(mode("listening"), speaks, f"the end of the answer to {to}")
        await asyncio.sleep(TURN_GAP_S)

    def now(self) -> int:
        """Return how many events there were: what comes later is after it."""
        return len(self._record.events)

    async def until(self, wanted: Callable[[Event], bool], since: int, what: str) -> int:
        """
        Wait for an event after the first ``since``; return how many there were with it.

        Raises:
            CueMissed: If the device or the agent did not do its part.
        """

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


def mode(wanted: str) -> Callable[[Event], bool]:
    """Tell of an event whether the agent begins to speak, or to listen."""
    return lambda event: event["event"] == "mode" and event["mode"] == wanted


def _clock() -> float:
    return asyncio.get_running_loop().time()
