"""A device and an agent that are made up, for the user of a demonstration to talk to. For virtual time."""

from __future__ import annotations

import asyncio
from array import array

from talkbox.terminal.director import LINES, Director, recording
from talkbox.terminal.record import Event, Record
from talkbox.terminal.request import Answer

FRAMES = 500
"""How far its loudspeaker always is."""


class Stage:
    """A device and an agent that answer everything, a second later, for four seconds."""

    def __init__(self, record: Record) -> None:
        self.director = Director(client=self, microphone=self, record=record, frames=lambda: FRAMES)
        self.done: list[str] = []
        self.deaf_after = 1000
        self.answer_s = 4.0
        self.ends_with: Event | None = None
        self.goes_away = False
        self._answers: set[asyncio.Task[None]] = set()
        self._speaking: asyncio.Task[None] | None = None

    async def request(self, command: str, **_fields: object) -> Answer:
        self.done.append(command)
        if command == "tap":
            if self.done.count("tap") == 1:
                self._answer()
            else:
                await self._tell("state", state="idle")
        if command == "press":
            await self._cut()
        return {"ok": True}

    def say(self, samples: array[int]) -> None:
        line = next(line for line in LINES if recording(line).samples == samples)
        self.done.append(line)
        if self.done.count(line) + len(self.done) <= self.deaf_after:
            self._answer(line)
        elif self.ends_with is not None:
            self._answers.add(asyncio.ensure_future(self.director.heard(self.ends_with)))
        elif self.goes_away:
            self._answers.add(asyncio.ensure_future(self.director.gone()))

    def _answer(self, line: str = "") -> None:
        task = asyncio.ensure_future(self._speak(line))
        self._answers.add(task)
        task.add_done_callback(self._answers.discard)

    async def _speak(self, line: str) -> None:
        if self._speaking is not None and not self._speaking.done():
            await self._cut()
            await self._tell("interrupted", cut=True)
        self._speaking = asyncio.current_task()
        await asyncio.sleep(1.0)
        if "volume" in line:
            await self._tell("volume", volume=0.4, by="agent")
        await self._tell("mode", mode="speaking")
        await asyncio.sleep(self.answer_s if "story" in line else 4.0)
        await self._tell("mode", mode="listening")

    async def _cut(self) -> None:
        assert self._speaking is not None
        self._speaking.cancel()
        await self._tell("mode", mode="listening")

    async def _tell(self, name: str, **fields: object) -> None:
        event: Event = {"event": name, "at_s": asyncio.get_running_loop().time(), "speaker_frame": 0, **fields}
        await self.director.heard(event)
