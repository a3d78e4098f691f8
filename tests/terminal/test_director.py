"""The user of a demonstration on virtual time, with a device that is made up: it only answers."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from talkbox.terminal import director
from talkbox.terminal.director import LINES, CueMissed, recording
from talkbox.terminal.record import Event, Record, rms
from tests.support.stage import FRAMES, Stage
from tests.support.virtual_time import run


def ask(*, deaf: bool = False, ends_with: Event | None = None, goes_away: bool = False) -> tuple[Stage, Record]:
    """Begin a session, and ask for the time; ``deaf``: the device never answers that."""
    record = Record(begun_s=0.0)

    async def main() -> Stage:
        stage = Stage(record)
        stage.deaf_after, stage.ends_with, stage.goes_away = 2 if deaf else 1000, ends_with, goes_away
        await stage.director.do("tap", "tap: start")
        await stage.director.answered(since=0, to="the first tap")
        await stage.director.ask("what time is it")
        return stage

    return run(main()), record


def test_what_is_done_and_said_is_written_down() -> None:
    stage, record = ask()
    assert stage.done == ["tap", "what time is it"]
    assert [(what, frame) for _, what, frame in record.marks] == [("tap: start", FRAMES)]
    [spoken] = record.spoken
    assert (spoken.text, spoken.over) == ("what time is it", False)


def test_what_is_said_while_the_agent_speaks_is_said_over_it() -> None:
    record = Record(begun_s=0.0)

    async def main() -> None:
        stage = Stage(record)
        await stage.director.do("tap", "tap: start")
        await asyncio.sleep(2.0)
        await stage.director.say("thank you")

    run(main())
    assert [spoken.over for spoken in record.spoken] == [True]


def test_nobody_waits_for_ever() -> None:
    with pytest.raises(CueMissed, match="an answer to “what time is it”"):
        ask(deaf=True)


@pytest.mark.parametrize(
    ("event", "told"),
    [
        ({"reason": "error", "text": "it broke"}, "the session ended (it broke) while waiting for an answer to"),
        ({"reason": "agent", "text": ""}, "the session ended (agent) while waiting for an answer to"),
    ],
)
def test_a_session_that_is_over_is_not_waited_for(event: Event, told: str) -> None:
    with pytest.raises(CueMissed) as missed:
        ask(deaf=True, ends_with={"event": "disconnected", **event})
    assert told in str(missed.value)


def test_a_device_that_went_away_is_not_waited_for() -> None:
    with pytest.raises(CueMissed, match="the device went away while waiting for an answer to “what time is it”"):
        ask(deaf=True, goes_away=True)


def test_every_line_has_a_recording_that_can_be_heard() -> None:
    for line in LINES:
        assert rms(recording(line).samples) > 0.02
        assert recording(line).rate_hz == 16_000


def test_no_recording_is_left_over() -> None:
    files = {path.stem for path in (Path(director.__file__).parent / "speech").glob("*.wav")}
    assert files == {line.replace(" ", "-") for line in LINES}
