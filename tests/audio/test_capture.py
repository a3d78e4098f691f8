import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.capture import CapturePath
from talkbox.audio.formats import FORMATS, AudioFormat, Decoder, Encoding, Samples
from tests.support.tones import level_and_rest_db, tone

PCM_16000 = AudioFormat.parse("pcm_16000")


def noise(seconds: float, *, rate_hz: int = 16_000) -> Samples:
    return np.random.default_rng(1).integers(-9000, 9000, int(seconds * rate_hz)).astype(np.int16)


def decoded(payloads: list[bytes]) -> list[int]:
    return [int(sample) for sample in np.frombuffer(b"".join(payloads), "<i2")]


def feed(path: CapturePath, samples: Samples, *, rate_hz: int = 16_000) -> list[bytes]:
    """Period by period, as a card does."""
    periods = np.split(samples, range(rate_hz // 100, len(samples), rate_hz // 100))
    return [payload for period in periods for payload in path.feed(period, rate_hz=rate_hz)[0]]


def test_nothing_is_delivered_before_the_format_is_known_and_then_everything() -> None:
    path = CapturePath(chunk_ms=20)
    said = noise(3.5)
    assert feed(path, said[:48_000]) == []
    path.negotiate(PCM_16000)
    payloads = feed(path, said[48_000:])
    assert all(len(payload) == 640 for payload in payloads)
    assert decoded(payloads) == said.tolist()


def test_a_pre_roll_is_said_to_be_one_and_is_worked_off_in_slices() -> None:
    path = CapturePath(chunk_ms=20)
    feed(path, noise(1.0))
    path.negotiate(PCM_16000)
    period = noise(0.01)
    delivered = [path.feed(period, rate_hz=16_000) for _ in range(7)]
    assert [pre_roll for _, pre_roll in delivered] == [True, True, True, True, False, False, False]
    assert max(len(payloads) for payloads, _ in delivered) <= 13


def test_the_pre_roll_is_bounded_and_the_oldest_goes() -> None:
    path = CapturePath(chunk_ms=20, pre_roll_s=0.5)
    said = noise(2.0)
    feed(path, said)
    path.negotiate(PCM_16000)
    payloads = feed(path, np.zeros(4800, np.int16))
    assert decoded(payloads)[:8000] == said[-8000:].tolist()


def test_what_is_captured_while_muted_is_zeros_before_and_after_the_negotiation() -> None:
    path = CapturePath(chunk_ms=10)
    said = noise(0.1)
    feed(path, said)
    path.muted = True
    feed(path, said)
    path.negotiate(PCM_16000)
    payloads = feed(path, said)
    path.muted = False
    payloads += feed(path, said)
    sent = decoded(payloads)
    assert sent[:1600] == said.tolist()
    assert not any(sent[1600 + 48 : 4800])
    assert sent[4800 + 48 :] == said[48:].tolist()


def test_muting_and_unmuting_do_not_click() -> None:
    path = CapturePath(chunk_ms=10)
    path.negotiate(PCM_16000)
    said = tone(440, rate_hz=16_000)
    payloads = []
    for number, period in enumerate(np.split(said, range(160, len(said), 160))):
        path.muted = number % 7 > 3
        payloads += path.feed(period, rate_hz=16_000)[0]
    sent = np.array(decoded(payloads))
    assert np.count_nonzero(sent == 0) > len(sent) / 3
    assert np.abs(np.diff(sent)).max() < 1.1 * np.abs(np.diff(said)).max()


@pytest.mark.parametrize(("name", "chunk_bytes"), [("pcm_22050", 882), ("ulaw_8000", 160), ("pcm_48000", 1920)])
def test_chunks_have_one_length_in_every_format(name: str, chunk_bytes: int) -> None:
    path = CapturePath(chunk_ms=20)
    path.negotiate(AudioFormat.parse(name))
    payloads = feed(path, noise(0.5, rate_hz=48_000), rate_hz=48_000)
    assert {len(payload) for payload in payloads} == {chunk_bytes}
    assert len(payloads) == 25


def test_the_analyser_hears_what_is_sent_and_the_meter_what_is_captured() -> None:
    path = CapturePath(chunk_ms=20)
    feed(path, noise(0.2))
    assert path.meter.level > 0.5
    assert path.analyser.volume() == 0
    path.negotiate(PCM_16000)
    feed(path, noise(0.2))
    assert path.analyser.volume() > 0.1


@given(cuts=st.lists(st.integers(0, 4000), max_size=6), data=st.data())
@settings(max_examples=5)
@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
@pytest.mark.parametrize("name", FORMATS)
def test_it_makes_no_difference_how_the_microphone_s_sound_is_cut_nor_when_the_format_is_known(
    name: str, rate_hz: int, cuts: list[int], data: st.DataObject
) -> None:
    samples = noise(4000 / rate_hz, rate_hz=rate_hz)
    whole, cut = CapturePath(chunk_ms=10), CapturePath(chunk_ms=10)
    whole.negotiate(AudioFormat.parse(name))
    payload = b"".join(whole.feed(samples, rate_hz=rate_hz)[0])
    parts, known_at, sent = np.split(samples, sorted(cuts)), data.draw(st.integers(0, len(cuts) + 1)), b""
    for number, part in enumerate([*parts, samples[:0]]):  # the last brings nothing, and what waited
        if number == known_at:
            cut.negotiate(AudioFormat.parse(name))
        sent += b"".join(cut.feed(part, rate_hz=rate_hz)[0])
    assert len(sent) > 0.06 * AudioFormat.parse(name).rate_hz
    assert sent == payload


@pytest.mark.parametrize("name", ["pcm_16000", "pcm_48000"])
def test_where_the_rates_agree_what_is_sent_is_what_was_captured(name: str) -> None:
    audio_format = AudioFormat.parse(name)
    path = CapturePath(chunk_ms=20)
    path.negotiate(audio_format)
    said = noise(0.1, rate_hz=audio_format.rate_hz)
    assert decoded(feed(path, said, rate_hz=audio_format.rate_hz)) == said.tolist()


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@pytest.mark.parametrize("name", FORMATS)
def test_in_every_format_the_agent_hears_what_the_microphone_heard(name: str, rate_hz: int) -> None:
    audio_format = AudioFormat.parse(name)
    path = CapturePath(chunk_ms=20)
    path.negotiate(audio_format)
    payloads = feed(path, tone(1000, rate_hz=rate_hz), rate_hz=rate_hz)
    heard = Decoder(audio_format).decode(b"".join(payloads))
    assert len(heard) == 0.3 * audio_format.rate_hz
    middle = heard[len(heard) // 4 :]
    level_db, rest_db = level_and_rest_db(middle, hz=1000, rate_hz=audio_format.rate_hz)
    assert abs(level_db) < 0.1
    assert rest_db < (-33 if audio_format.encoding is Encoding.ULAW else -80)
