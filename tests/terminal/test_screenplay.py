"""Both plays on virtual time, with a device that is made up: it only answers."""

from __future__ import annotations

from talkbox.terminal.director import LINES
from talkbox.terminal.record import Record
from talkbox.terminal.screenplay import STORY_S, Play, conversation, over_the_loudspeaker
from tests.support.stage import FRAMES, Stage
from tests.support.virtual_time import run


def played(play: Play, *, answer_s: float = 4.0) -> tuple[Stage, Record]:
    record = Record(begun_s=0.0)

    async def main() -> Stage:
        stage = Stage(record)
        stage.answer_s = answer_s
        await play(stage.director)
        return stage

    return run(main()), record


def test_the_conversation_has_everything_in_it() -> None:
    stage, record = played(conversation)
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
    assert hold[2] == FRAMES


def test_in_a_room_the_user_cuts_in_after_a_long_while_at_once_again_and_after_another() -> None:
    stage, record = played(over_the_loudspeaker, answer_s=60.0)
    assert stage.done == [
        "tap",
        "what day is it",
        "tell me a long story",
        "what day is it",
        "what time is it",
        "tell me a long story",
        "what time is it",
        "tap",
    ]
    assert [spoken.over for spoken in record.spoken] == [False, False, True, True, False, True]
    before, long, at_once = (spoken.at_s for spoken in record.spoken[1:4])
    assert long - before > STORY_S
    assert at_once - long < 2.0
