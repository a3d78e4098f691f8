from itertools import cycle, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.formats import FORMATS, AudioFormat, Encoding
from talkbox.audio.resample import Resampler
from talkbox.audio.voice import Voice
from tests.support.tones import level_and_rest_db, tone

PCM_16000 = AudioFormat.parse("pcm_16000")


def voice(*, gain: float = 1.0, rate_hz: int = 16_000) -> Voice:
    made = Voice(gain=gain)
    made.negotiate(PCM_16000, rate_hz=rate_hz)
    return made


def said(count: int, value: int = 1000) -> bytes:
    return np.full(count, value, "<i2").tobytes()


class Card:
    """Plays what a voice renders, some periods behind, and counts."""

    def __init__(self, played: Voice, *, period: int = 160) -> None:
        self._voice, self._period, self.written = played, period, 0

    def turn(self, periods: int = 1) -> list[bool]:
        """Render and hear; say after each period whether it is silent."""
        silent = []
        for _ in range(periods):
            silent.append(self._voice.heard(self.written - 3 * self._period))
            self._voice.render(self._period, first_frame=self.written)
            self.written += self._period
        return silent


def test_before_the_formats_are_known_it_is_silent_and_takes_nothing() -> None:
    made = Voice(gain=1.0)
    assert made.play(said(10)) == 0
    made.interrupt()
    assert made.render(5, first_frame=0).tolist() == [0] * 5
    assert made.heard(0)


def test_what_is_played_is_rendered_with_odd_ends_carried_over() -> None:
    made = voice()
    made.play(said(200)[:3])
    made.play(said(200)[3:])
    assert made.render(160, first_frame=0).tolist() == [1000] * 160
    assert made.render(41, first_frame=160).tolist()[:41] == [1000] * 41  # 40, and the first of the fade


def test_the_volume_is_a_ramp_and_is_heard_by_analyser_and_meter() -> None:
    made = voice(gain=1.0)
    made.play(said(4000, 20_000))
    made.render(2048, first_frame=0)
    loud, level = made.analyser.volume(), made.meter.level
    made.ramp.target = 0.0
    assert made.render(160, first_frame=0)[-1] == 0
    assert not made.render(160, first_frame=0).any()
    assert loud > 0
    assert level > 0.9
    assert made.meter.level < level


def test_it_is_resampled_once_to_the_cards_rate() -> None:
    made = voice(rate_hz=48_000)
    made.play(said(1600))
    rendered = np.concatenate([made.render(480, first_frame=480 * n) for n in range(12)])
    assert (rendered[300:4500] == 1000).all()
    assert not rendered[5200:].any()


@pytest.mark.parametrize("name", ["pcm_16000", "pcm_22050", "pcm_48000"])
def test_sounds_between_silences_are_rendered_as_if_each_were_the_only_one(name: str) -> None:
    audio_format = AudioFormat.parse(name)
    sound = np.random.default_rng(3).integers(-9000, 9000, audio_format.rate_hz // 40).astype(np.int16)
    sound[-audio_format.rate_hz // 200 :] = 0  # or it would be taken for one that broke off

    def rendered(made: Voice, periods: range) -> list[int]:
        return [int(sample) for n in periods for sample in made.render(480, first_frame=480 * n)]

    alone, again = Voice(gain=0.3), Voice(gain=0.3)
    for made in (alone, again):
        made.negotiate(audio_format, rate_hz=48_000)
    alone.play(audio_format.encode(sound))
    first = rendered(alone, range(6))
    assert first[-480:] == [0] * 480
    for start in range(0, 60, 20):
        again.play(audio_format.encode(sound))
        assert rendered(again, range(start, start + 20)) == first + [0] * 480 * 14


def test_an_interruption_fades_within_3_ms_and_forgets_half_a_sample() -> None:
    made = voice()
    made.play(said(16_000)[:-1])
    made.render(160, first_frame=0)
    assert made.interrupt() == 16_000 - 1 - 160 - 48
    rendered = made.render(160, first_frame=160)
    assert rendered[0] == 1000
    assert (np.diff(rendered[:48]) <= 0).all()
    assert not rendered[48:].any()
    made.play(said(160, 7))
    assert made.render(160, first_frame=320).tolist() == [7] * 160


def test_with_nothing_to_play_an_interruption_cuts_nothing() -> None:
    assert voice().interrupt() == 0
    assert Voice(gain=1.0).interrupt() == 0


def test_it_is_drained_when_the_last_sample_has_left_the_card() -> None:
    made = voice()
    card, notified = Card(made), []
    made.play(said(320))
    made.when_drained(lambda: notified.append(card.written))
    assert card.turn(10) == [False] * 7 + [True] * 3
    assert notified == [1120]  # 320 and a fade rendered, a frame of margin, and 480 behind: seen at the next period


@pytest.mark.parametrize("name", ["pcm_16000", "ulaw_8000", "pcm_44100", "pcm_48000"])
def test_it_is_drained_when_the_resampler_has_rung_out_too(name: str) -> None:
    audio_format = AudioFormat.parse(name)
    made, drained = Voice(gain=1.0), list[bool]()
    made.negotiate(audio_format, rate_hz=48_000)
    made.play(audio_format.encode(np.full(audio_format.rate_hz // 50, 20_000, np.int16)))
    made.play(audio_format.encode(np.zeros(1, np.int16)))  # its end is quiet: nothing is added to it
    made.when_drained(lambda: drained.append(True))
    rendered, drained_frame = list[int](), 0
    for frame in range(0, 2400, 48):
        rendered += made.render(48, first_frame=frame).tolist()
        made.heard(frame)
        drained_frame = drained_frame or (frame if drained else 0)
    last = int(np.flatnonzero(rendered)[-1])
    assert last < drained_frame <= last + 148  # a period later it is known that nothing follows


def test_who_asks_in_the_silence_is_answered_at_once() -> None:
    made = voice()
    card, notified = Card(made), []
    made.play(said(320))
    card.turn(10)
    made.when_drained(lambda: notified.append(card.written))
    card.turn()
    assert notified == [1600]


def test_what_is_played_later_is_not_waited_for() -> None:
    made = voice()
    card, notified = Card(made), []
    made.play(said(160))
    made.when_drained(lambda: notified.append("first"))
    made.play(said(1600))
    made.when_drained(lambda: notified.append("second"))
    card.turn(7)
    assert notified == ["first"]
    card.turn(20)
    assert notified == ["first", "second"]


def test_an_interruption_drains() -> None:
    made = voice()
    card, notified = Card(made), []
    made.play(said(160_000))
    made.when_drained(lambda: notified.append(card.written))
    card.turn(2)
    made.interrupt()
    card.turn(6)
    assert len(notified) == 1


def test_who_waits_when_it_is_given_up_is_told_and_so_is_who_comes_later() -> None:
    made = voice()
    notified: list[str] = []
    made.play(said(160))
    made.when_drained(lambda: notified.append("before"))
    made.give_up()
    made.when_drained(lambda: notified.append("after"))
    assert notified == ["before", "after"]


def test_who_waits_before_the_formats_are_known_waits_for_nothing() -> None:
    made = Voice(gain=1.0)
    notified: list[int] = []
    made.when_drained(lambda: notified.append(1))
    made.heard(0)
    assert notified == [1]


def test_a_burst_of_ten_minutes_is_kept_and_of_more_the_oldest_gives_way() -> None:
    made = voice()
    for _ in range(10):
        assert made.play(bytes(60 * 32_000)) == 0.0
    assert made.play(said(16_000)) == 60.0  # the oldest message
    assert made.play(said(16_000)) == 0.0


def test_how_often_it_broke_off_is_counted() -> None:
    made = Voice(gain=1.0)
    assert made.starved == 0
    made = voice()
    for _ in range(3):
        made.play(said(320))
        Card(made).turn(5)
    assert made.starved == 2


RATES = [8_000, 16_000, 22_050, 24_000, 44_100, 48_000]


@pytest.mark.parametrize("card_hz", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("agent_hz", RATES)
def test_it_takes_exactly_the_agents_rate_for_ever(agent_hz: int, card_hz: int) -> None:
    """What it takes in each period repeats itself, every second the same, and so after hours nothing has drifted."""
    resampler = Resampler(from_hz=agent_hz, to_hz=card_hz)
    taken = []
    for _ in range(201):
        taken.append(resampler.needed(card_hz // 100))
        resampler.process(np.zeros(taken[-1], np.int16), count=card_hz // 100)
    assert taken[1:101] == taken[101:]
    assert sum(taken[101:]) == agent_hz


def played(payloads: list[bytes], name: str, *, counts: list[int], gain: float = 0.3, rate_hz: int) -> list[int]:
    """Render 0.1 s of what was said before, in pieces of so many samples, from its first sample on."""
    made, rendered = Voice(gain=gain), list[int]()
    made.negotiate(AudioFormat.parse(name), rate_hz=rate_hz)
    for payload in payloads:
        made.play(payload)
    for count in cycle(counts):
        if len(rendered) > 0.1 * rate_hz:
            break
        rendered += made.render(count, first_frame=len(rendered)).tolist()
    return np.trim_zeros(rendered)


@given(cuts=st.lists(st.integers(0, 10_000), max_size=6), counts=st.lists(st.integers(1, 700), min_size=1, max_size=6))
@settings(max_examples=5)
@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@pytest.mark.parametrize("name", FORMATS)
def test_it_makes_no_difference_how_the_agent_s_sound_is_cut_nor_how_much_is_rendered_at_once(
    name: str, rate_hz: int, cuts: list[int], counts: list[int]
) -> None:
    audio_format = AudioFormat.parse(name)
    sound = np.random.default_rng(2).integers(1000, 9000, audio_format.rate_hz // 20).astype(np.int16)
    payload = audio_format.encode(sound) + b"\x80"[: audio_format.sample_bytes - 1]  # and half a sample
    edges = [0, *sorted(min(cut, len(payload)) for cut in cuts), len(payload)]
    parts = [payload[first:end] for first, end in pairwise(edges)]
    whole = played([payload], name, counts=[rate_hz], rate_hz=rate_hz)
    assert len(whole) >= 0.05 * rate_hz
    assert played(parts, name, counts=counts, rate_hz=rate_hz) == whole


@pytest.mark.parametrize("name", ["pcm_16000", "pcm_48000"])
def test_where_the_rates_agree_what_is_played_is_what_was_said(name: str) -> None:
    audio_format = AudioFormat.parse(name)
    sound = np.random.default_rng(2).integers(1000, 9000, audio_format.rate_hz // 20).astype(np.int16)
    rendered = played([sound.tobytes()], name, counts=[160], gain=1.0, rate_hz=audio_format.rate_hz)
    assert rendered[: len(sound)] == sound.tolist()


@pytest.mark.parametrize("name", FORMATS)
def test_an_empty_payload_is_nothing(name: str) -> None:
    made = Voice(gain=1.0)
    made.negotiate(AudioFormat.parse(name), rate_hz=48_000)
    assert made.play(b"") == 0
    assert not made.render(480, first_frame=0).any()
    assert made.heard(0)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@pytest.mark.parametrize("name", FORMATS)
def test_in_every_format_the_loudspeaker_says_what_the_agent_said(name: str, rate_hz: int) -> None:
    audio_format = AudioFormat.parse(name)
    made = Voice(gain=1.0)
    made.negotiate(audio_format, rate_hz=rate_hz)
    made.play(audio_format.encode(tone(1000, rate_hz=audio_format.rate_hz)))
    period = rate_hz // 100
    said = np.concatenate([made.render(period, first_frame=period * number) for number in range(40)])
    assert np.flatnonzero(said)[-1] == pytest.approx(0.3 * rate_hz, abs=0.01 * rate_hz)
    middle = said[rate_hz // 10 : rate_hz // 4]
    level_db, rest_db = level_and_rest_db(middle, hz=1000, rate_hz=rate_hz)
    assert abs(level_db) < 0.1
    assert rest_db < (-33 if audio_format.encoding is Encoding.ULAW else -80)
