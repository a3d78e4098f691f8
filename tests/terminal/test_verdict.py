from array import array

import pytest

from talkbox.terminal.record import Record, Sound
from talkbox.terminal.verdict import judge, likeness, sounding
from tests.support.scene import RATE_HZ, conversation, event, message, said, tone


def failed(record: Record, speaker: Sound) -> list[str]:
    return [check.name for check in judge(record, speaker) if not check.ok]


def test_a_good_conversation_passes_every_check() -> None:
    record, speaker = conversation()
    assert failed(record, speaker) == []
    assert len(judge(record, speaker)) == 9


def test_nothing_at_all_passes_no_check() -> None:
    checks = judge(Record(begun_s=0.0), Sound(samples=array("h"), rate_hz=RATE_HZ))
    assert checks
    assert not any(check.ok for check in checks)


def test_what_was_not_understood_is_named() -> None:
    record, speaker = conversation()
    record.spoken[0] = said("switch on the light", 2.0)
    assert failed(record, speaker) == ["understood “switch on the light”"]


def test_what_was_never_answered_with_a_transcript_is_named() -> None:
    record, speaker = conversation()
    record.spoken.append(said("are you there", 17.9))
    [check] = [check for check in judge(record, speaker) if not check.ok]
    assert check.seen == "heard nothing"


def test_a_silent_answer_is_no_answer() -> None:
    record, speaker = conversation()
    speaker.samples[3000:4000] = array("h", bytes(2000))
    assert failed(record, speaker) == ["answered aloud at least 4 times, no answer silent"]


@pytest.mark.parametrize(("at_s", "kind"), [(9.0, "voice"), (14.0, "button")])
def test_too_much_of_an_old_answer_is_counted_in_samples(at_s: float, kind: str) -> None:
    record, speaker = conversation()
    first = round((at_s + 0.5) * RATE_HZ)  # long after, when everyone believed that it was over
    speaker.samples[first : first + 80] = tone(0.08)
    [check] = [check for check in judge(record, speaker) if not check.ok]
    assert kind in check.name
    assert check.seen == "120 ms"


def test_an_interruption_of_silence_proves_nothing() -> None:
    record, speaker = conversation()
    speaker.samples[8000:9040] = array("h", bytes(2 * 1040))
    assert any("voice" in name for name in failed(record, speaker))


def test_a_conversation_without_interruptions_is_not_what_was_asked_for() -> None:
    record, speaker = conversation()
    record.marks.clear()
    record.events[:] = [event for event in record.events if event["event"] != "interrupted"]
    names = failed(record, speaker)
    assert names == [
        "an answer was interrupted by the speaker's voice",
        "an answer was interrupted by the held button",
    ]


def test_an_interruption_without_a_next_answer_is_watched_to_the_end() -> None:
    record, speaker = conversation()
    record.events.append(event("interrupted", 18.05, cut=True))
    record.events.append(message("user", "hello", 18.06))
    speaker.samples[18_060:18_065] = tone(0.005)
    assert any(check.seen == "5 ms" for check in judge(record, speaker))


def test_a_session_that_broke_did_not_end_by_the_button() -> None:
    record, speaker = conversation()
    record.events.append(event("disconnected", 18.2, reason="error"))
    assert failed(record, speaker) == ["the button ended the session"]


def test_a_volume_that_only_the_encoder_changed_is_told() -> None:
    record, speaker = conversation()
    record.events[:] = [e for e in record.events if e.get("by") != "agent"]
    assert failed(record, speaker) == ["the agent set the volume, and the encoder turned it"]


@pytest.mark.parametrize(
    ("said_words", "heard", "share"),
    [
        ("what time is it", "What time is it?", 1.0),
        ("what time is it", "what time", 0.5),
        ("what time is it", "it is what time", 0.5),
        ("what time is it", "", 0.0),
        ("stop", "please stop it now thank you", 1 / 6),
        ("", "", 0.0),
    ],
)
def test_likeness_is_the_share_of_words_in_order(said_words: str, heard: str, share: float) -> None:
    assert likeness(said_words, heard) == pytest.approx(share)


def test_exact_zeros_are_silence_and_nothing_else_is() -> None:
    assert sounding(array("h", [0, 1, -1, 0, 32767])) == 3
