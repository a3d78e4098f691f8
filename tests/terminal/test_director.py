"""The screenplay on virtual time, with a device that is made up: it only answers."""

from __future__ import annotations

import asyncio
from array import array
from pathlib import Path

import pytest

from talkbox.terminal import director as screenplay
from talkbox.terminal.director import LINES, CueMissed, Director, recording
from talkbox.terminal.record import Event, Record, rms
from talkbox.terminal.request import Answer
from tests.support.virtual_time import run


class Stage:
    """A device and an agent that answer everything, a second later, for four seconds."""

    def __init__(self, record: Record, speaker: Path) -> None:
        self.director = Director(client=self, microphone=self, record=record, speaker=speaker)
        self.done: list[str] = []
        self.deaf_after = 1000
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
        await asyncio.sleep(4.0)
        await self._tell("mode", mode="listening")

    async def _cut(self) -> None:
        assert self._speaking is not None
        self._speaking.cancel()
        await self._tell("mode", mode="listening")

    async def _tell(self, name: str, **fields: object) -> None:
        event: Event = {"event": name, "at_s": asyncio.get_running_loop().time(), "speaker_frame": 0, **fields}
        await self.director.heard(event)


def play(
    tmp_path: Path, *, deaf_after: int = 1000, ends_with: Event | None = None, goes_away: bool = False
) -> tuple[Stage, Record]:
    record = Record(begun_s=0.0)
    (tmp_path / "speaker.wav").write_bytes(bytes(44 + 2 * 500))

    async def main() -> Stage:
        stage = Stage(record, tmp_path / "speaker.wav")
        stage.deaf_after, stage.ends_with, stage.goes_away = deaf_after, ends_with, goes_away
        await stage.director.play()
        return stage

    return run(main()), record


def test_the_whole_screenplay(tmp_path: Path) -> None:
    stage, record = play(tmp_path)
    assert [line for line in stage.done if line != "turn"] == [
        "tap",
        "what time is it",
        "set the volume to forty percent",
        "tell me a long story",
        "what day is it",
        "tell me a long story",
        "press",
        "thank you",
        "release",
        "tap",
    ]
    assert stage.done.count("turn") == 4
    assert [spoken.text for spoken in record.spoken] == [line for line in stage.done if line in LINES]
    [hold] = [mark for mark in record.marks if mark[1] == "hold"]
    assert hold[2] == 500  # frames in the speaker's file at that moment


def test_nobody_waits_for_ever(tmp_path: Path) -> None:
    with pytest.raises(CueMissed, match="an answer to “what time is it”"):
        play(tmp_path, deaf_after=2)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"reason": "error", "text": "it broke"}, "the session ended (it broke) while waiting for an answer to"),
        ({"reason": "agent", "text": ""}, "the session ended (agent) while waiting for an answer to"),
    ],
)
def test_a_session_that_is_over_is_not_waited_for(event: Event, told: str, tmp_path: Path) -> None:
    with pytest.raises(CueMissed) as missed:
        play(tmp_path, deaf_after=2, ends_with={"event": "disconnected", **event})
    assert told in str(missed.value)


def test_a_device_that_went_away_is_not_waited_for(tmp_path: Path) -> None:
    with pytest.raises(CueMissed, match="the device went away while waiting for an answer to “what time is it”"):
        play(tmp_path, deaf_after=2, goes_away=True)


def test_every_line_has_a_recording_that_can_be_heard() -> None:
    for line in LINES:
        assert rms(recording(line).samples) > 0.02
        assert recording(line).rate_hz == 16_000


def test_no_recording_is_left_over() -> None:
    files = {path.stem for path in (Path(screenplay.__file__).parent / "speech").glob("*.wav")}
    assert files == {line.replace(" ", "-") for line in LINES}
