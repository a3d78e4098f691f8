from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_agent.audio import (
    RATE_HZ,
    AudioFormat,
    PayloadReader,
    Resampler,
    decode,
    encode,
    level_dbfs,
    resample,
    tone,
)

RATES_HZ = sorted({audio_format.rate_hz for audio_format in AudioFormat})
EVERY_SAMPLE = np.arange(-32768, 32768).astype(np.int16)


def test_formats_know_their_rate_and_size() -> None:
    assert (AudioFormat.PCM_22050.rate_hz, AudioFormat.PCM_22050.sample_bytes) == (22050, 2)
    assert (AudioFormat.ULAW_8000.rate_hz, AudioFormat.ULAW_8000.sample_bytes) == (8000, 1)


def test_ulaw_decodes_as_the_table_of_g_711() -> None:
    # The ends of the eight segments, from the recommendation's table of decoder output values, times four.
    codes = bytes([0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0, 0xEF, 0xF0, 0xFE, 0xFF, 0x7F, 0x7E, 0x00])
    values = [32124, 16764, 15996, 8316, 7932, 3900, 1884, 876, 372, 132, 120, 8, 0, 0, -8, -32124]
    assert decode(codes, AudioFormat.ULAW_8000).tolist() == values


def test_ulaw_codes_survive_a_round_trip_but_for_the_negative_zero() -> None:
    codes = bytes(range(256))
    assert encode(decode(codes, AudioFormat.ULAW_8000), AudioFormat.ULAW_8000) == codes.replace(b"\x7f", b"\xff")


def test_ulaw_is_as_near_as_its_steps_allow() -> None:
    heard = decode(encode(EVERY_SAMPLE, AudioFormat.ULAW_8000), AudioFormat.ULAW_8000).astype(int)
    magnitude = np.abs(EVERY_SAMPLE.astype(int))
    step = 8 * 2.0 ** np.floor(np.log2((magnitude + 132) / 128))
    inside = magnitude < 32636
    assert np.all(np.abs(heard - EVERY_SAMPLE)[inside] <= step[inside] / 2)
    assert np.all(np.diff(heard) >= 0)


def test_pcm_is_little_endian() -> None:
    assert encode(np.array([1, -2], np.int16), AudioFormat.PCM_8000) == b"\x01\x00\xfe\xff"
    assert decode(b"\x01\x00\xfe\xff", AudioFormat.PCM_8000).tolist() == [1, -2]


@pytest.mark.parametrize("from_hz", RATES_HZ)
@pytest.mark.parametrize("to_hz", RATES_HZ)
def test_a_tone_stays_the_same_tone_at_every_rate(from_hz: int, to_hz: int) -> None:
    def sine(rate_hz: int) -> np.ndarray:
        return 16000 * np.sin(2 * np.pi * 1000 * np.arange(rate_hz // 10) / rate_hz)

    heard = resample(np.rint(sine(from_hz)).astype(np.int16), from_hz=from_hz, to_hz=to_hz)
    wanted = sine(to_hz)
    assert len(heard) == len(wanted)
    middle = slice(to_hz // 40, -to_hz // 40)
    noise = np.sqrt(np.mean((heard - wanted)[middle] ** 2))
    assert 20 * np.log10(16000 / np.sqrt(2) / noise) > 80


@pytest.mark.parametrize(("from_hz", "pitch_hz"), [(48000, 9000), (48000, 20000), (44100, 12000), (24000, 10000)])
def test_what_the_lower_rate_cannot_have_is_filtered_out(from_hz: int, pitch_hz: int) -> None:
    sine = (16000 * np.sin(2 * np.pi * pitch_hz * np.arange(from_hz // 10) / from_hz)).astype(np.int16)
    heard = resample(sine, from_hz=from_hz, to_hz=16000)
    assert level_dbfs(heard[200:-200]) < -80


@given(st.data(), st.sampled_from(RATES_HZ), st.sampled_from(RATES_HZ))
def test_the_cutting_of_the_input_changes_nothing(data: st.DataObject, from_hz: int, to_hz: int) -> None:
    samples = np.random.default_rng(1).integers(-32768, 32767, 700, dtype=np.int16)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(samples)), max_size=6)))
    resampler = Resampler(from_hz=from_hz, to_hz=to_hz)
    parts = [resampler.feed(part) for part in np.split(samples, cuts)]
    whole = Resampler(from_hz=from_hz, to_hz=to_hz).feed(samples)
    assert np.array_equal(np.concatenate(parts), whole)


@given(st.lists(st.binary(max_size=9)), st.sampled_from(list(AudioFormat)))
def test_payloads_may_be_cut_anywhere(payloads: list[bytes], audio_format: AudioFormat) -> None:
    reader = PayloadReader(audio_format)
    parts = [reader.feed(payload) for payload in payloads]
    whole = PayloadReader(audio_format).feed(b"".join(payloads))
    assert np.array_equal(np.concatenate([np.zeros(0, np.int16), *parts]), whole)


def test_a_long_sound_is_resampled_in_blocks() -> None:
    assert len(resample(np.zeros(RATE_HZ, np.int16), from_hz=RATE_HZ, to_hz=48000)) == 48000


def test_a_tone_has_its_length_and_level() -> None:
    sound = tone(660, 3.0)
    assert len(sound) == 3 * RATE_HZ
    assert np.abs(sound).max() == round(32767 * 10 ** (-12 / 20))
    assert level_dbfs(sound) == pytest.approx(-15.01, abs=0.02)


def test_silence_has_no_level() -> None:
    assert level_dbfs(np.zeros(10, np.int16)) == level_dbfs(np.zeros(0, np.int16)) == float("-inf")
