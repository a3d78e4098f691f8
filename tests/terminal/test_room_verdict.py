from array import array
from dataclasses import replace

import pytest

from talkbox.terminal.record import Glance, Record, Sound, Spoken
from talkbox.terminal.room_verdict import judge_in_room
from tests.support.scene import RATE_HZ, event, message, silence, tone

SOFT = 0.316  # 10 dB
END_S = 90.0
ASKED = [("what day is it", 1.0), ("a story", 5.0), ("a story", 45.0), ("the time", 48.0)]
ANSWERS = [(2.0, 3.5), (6.5, 45.5), (47.0, 48.5), (50.0, 80.0)]


def user(text: str, at_s: float, *, over: bool) -> Spoken:
    return Spoken(at_s=at_s, text=text, samples=tone(0.8), rate_hz=RATE_HZ, over=over)


def conversation() -> tuple[Record, Sound, Sound]:
    """Two lines are said in peace, two over the agent, who is silent then; half a minute is left to it after that."""
    record, speaker = Record(begun_s=0.0), silence(END_S).tolist()
    microphone = silence(END_S).tolist()
    for n, ((text, at_s), (first_s, last_s)) in enumerate(zip(ASKED, ANSWERS, strict=True)):
        over = n > 1
        record.spoken.append(user(text, at_s, over=over))
        if over:
            record.events.append(event("interrupted", at_s + 0.5, cut=True))
        record.events.append(message("user", text, at_s + 1.2))
        record.events.append(event("mode", first_s, mode="speaking"))
        record.events.append(event("mode", last_s, mode="listening"))
        first, last = round(first_s * RATE_HZ), round(last_s * RATE_HZ)
        speaker[first:last] = microphone[first:last] = tone(last_s - first_s)
        at = round(at_s * RATE_HZ)
        microphone[at : at + 800] = [round(sample * SOFT) for sample in tone(0.8)]
    record.events.append(event("disconnected", 81.0, reason="user"))
    record.events.append(event("state", 81.1, state="idle"))
    record.events.sort(key=lambda one: float(one["at_s"]))
    glance = Glance(
        at_s=0.0,
        state="listening",
        leds=(),
        input_level=0.0,
        output_level=0.0,
        volume=1.0,
        speaker_frame=0,
        echo={"canceller": "one", "half_duplex": False, "loss_db": None},
    )
    heard = {"canceller": "one", "half_duplex": False, "loss_db": 31.0}
    record.glances += [glance, replace(glance, at_s=END_S, speaker_frame=round(END_S * RATE_HZ), echo=heard)]
    return (
        record,
        Sound(samples=array("h", speaker), rate_hz=RATE_HZ),
        Sound(samples=array("h", microphone), rate_hz=RATE_HZ),
    )


def failed(record: Record, speaker: Sound, microphone: Sound) -> list[str]:
    return [f"{one.name}: {one.seen}" for one in judge_in_room(record, speaker, microphone) if not one.ok]


def test_a_good_conversation_passes_every_check() -> None:
    assert failed(*conversation()) == []


def test_nothing_at_all_passes_no_check_but_that_nobody_else_was_heard() -> None:
    nothing = Sound(samples=array("h"), rate_hz=RATE_HZ)
    checks = judge_in_room(Record(begun_s=0.0), nothing, nothing)
    assert [one.name for one in checks if one.ok] == ["the agent heard the user's lines and nothing else"]


def test_an_agent_that_interrupts_itself_is_caught() -> None:
    record, speaker, microphone = conversation()
    record.events.append(event("interrupted", 70.0, cut=False))
    [seen] = failed(record, speaker, microphone)
    assert "interrupted itself" in seen
    assert ": 1 times in 7" in seen


def test_less_than_a_minute_proves_nothing() -> None:
    record, speaker, microphone = conversation()
    speaker.samples[60 * RATE_HZ : 80 * RATE_HZ] = silence(20.0)
    assert any("interrupted itself" in seen for seen in failed(record, speaker, microphone))


def test_an_agent_that_hears_words_in_its_own_voice_is_caught() -> None:
    record, speaker, microphone = conversation()
    record.events.append(message("user", "what can you do", 75.0))
    assert failed(record, speaker, microphone) == ["the agent heard the user's lines and nothing else: 5 heard, 4 said"]


def test_a_user_who_is_not_noticed_is_named() -> None:
    record, speaker, microphone = conversation()
    record.events[:] = [one for one in record.events if one["event"] != "interrupted" or one["at_s"] < 46]
    assert "the agent noticed “the time” over its own voice: it did not" in failed(record, speaker, microphone)


def test_what_is_said_over_the_agent_must_be_understood_like_everything_else() -> None:
    record, speaker, microphone = conversation()
    [*_, last] = record.named("message")
    last["text"] = "what can you do"
    [seen] = failed(record, speaker, microphone)
    assert seen.startswith("understood “the time”")


def test_a_line_that_nobody_spoke_over_must_be_understood() -> None:
    record, speaker, microphone = conversation()
    record.named("message")[0]["text"] = "what can you do"
    [seen] = failed(record, speaker, microphone)
    assert seen.startswith("understood “what day is it”")


def test_a_user_who_cut_in_once_only_proves_nothing() -> None:
    record, speaker, microphone = conversation()
    record.spoken[3] = replace(record.spoken[3], over=False)
    assert "the user cut in, and at once again: 1 times" in failed(record, speaker, microphone)


@pytest.mark.parametrize("gain", [0.5, 2.0])
def test_an_echo_that_is_not_as_loud_as_it_should_be_is_another_test(gain: float) -> None:
    record, speaker, microphone = conversation()
    louder = array("h", (round(sample * gain) for sample in microphone.samples))
    mixture = Sound(samples=louder, rate_hz=RATE_HZ)
    for at_s in (1.0, 5.0):
        at = round(at_s * RATE_HZ)
        mixture.samples[at : at + 800] = microphone.samples[at : at + 800]
    [seen] = failed(record, speaker, mixture)
    assert "10 dB louder" in seen


@pytest.mark.parametrize(
    ("echo", "seen"),
    [
        ({"half_duplex": True, "loss_db": 5.0}, "echo loss 5 dB, half duplex 1 times"),
        ({"half_duplex": False, "loss_db": None}, "no echo loss was measured"),
    ],
)
def test_a_microphone_that_was_muted_for_the_agent_is_no_full_duplex(echo: dict[str, object], seen: str) -> None:
    record, speaker, microphone = conversation()
    record.glances[-1] = replace(record.glances[-1], echo=echo)
    [found] = failed(record, speaker, microphone)
    assert found.endswith(seen)
