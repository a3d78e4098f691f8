import numpy as np
import pytest

from talkbox.audio.chirp import FLOOR_DB, PEAK, chirp, decibels, find, loudness
from talkbox.audio.formats import Samples

RATES = [16_000, 44_100, 48_000]


def noise(count: int, *, rms: float, seed: int = 1) -> Samples:
    return np.rint(rms * np.random.default_rng(seed).standard_normal(count)).astype(np.int16)


def recording(rate_hz: int, *, at: int, gain: float, noise_rms: float = 0.0) -> Samples:
    sound = chirp(rate_hz)
    heard = noise(len(sound) + rate_hz, rms=noise_rms).astype(np.float64)
    heard[at : at + len(sound)] += gain * sound
    return np.clip(np.rint(heard), -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("rate_hz", RATES)
def test_it_begins_and_ends_in_silence_and_is_not_too_loud(rate_hz: int) -> None:
    sound = chirp(rate_hz)
    assert len(sound) == int(0.6 * rate_hz)
    assert abs(int(sound[0])) + abs(int(sound[-1])) < PEAK // 100
    assert PEAK * 0.99 < np.abs(sound).max() <= PEAK


@pytest.mark.parametrize(("rate_hz", "gain"), [(16_000, 1.0), (16_000, 0.01), (44_100, 0.1), (48_000, -0.1)])
def test_it_is_found_where_it_is_as_loud_as_it_is_upside_down_too(rate_hz: int, gain: float) -> None:
    found = find(recording(rate_hz, at=12_345, gain=gain), rate_hz=rate_hz)
    assert found is not None
    assert abs(found.frame - 12_345) <= 1
    assert found.loss_db == pytest.approx(-decibels(abs(gain)), abs=0.5)


def test_it_is_found_in_noise_that_is_louder_than_it() -> None:
    found = find(recording(16_000, at=9_000, gain=0.02, noise_rms=400), rate_hz=16_000)
    assert found is not None
    assert abs(found.frame - 9_000) <= 1


@pytest.mark.parametrize("seed", range(5))
def test_noise_is_not_taken_for_it(seed: int) -> None:
    assert find(noise(40_000, rms=1000, seed=seed), rate_hz=16_000) is None


@pytest.mark.parametrize("hz", [50, 400, 1000])
def test_nor_is_a_hum(hz: int) -> None:
    hum = (8000 * np.sin(2 * np.pi * hz * np.arange(40_000) / 16_000)).astype(np.int16)
    assert find(hum, rate_hz=16_000) is None


def test_nor_is_silence_nor_less_than_a_chirp() -> None:
    assert find(np.zeros(40_000, np.int16), rate_hz=16_000) is None
    assert find(np.zeros(100, np.int16), rate_hz=16_000) is None


def test_a_recording_that_is_a_chirp_and_nothing_else_is_clear() -> None:
    found = find(chirp(16_000), rate_hz=16_000)
    assert found is not None
    assert (found.frame, found.clarity) == (0, float("inf"))


def test_how_loud_a_tone_is() -> None:
    tone = (16_384 * np.sin(2 * np.pi * 500 * np.arange(16_000) / 16_000) + 1000).astype(np.int16)
    heard = loudness(tone, full=np.zeros(len(tone), np.bool_))
    assert heard.rms_db == pytest.approx(-9.03, abs=0.05)
    assert heard.peak_db == pytest.approx(-6.02, abs=0.05)
    assert (heard.clipped, heard.constant) == (0.0, False)


def test_what_is_at_full_scale_is_clipped() -> None:
    square = np.where(np.arange(1000) % 100 < 50, 32_767, -32_768).astype(np.int16)
    assert loudness(square, full=np.arange(1000) < 250).clipped == 0.25


@pytest.mark.parametrize("samples", [np.zeros(100, np.int16), np.full(100, 7, np.int16), np.zeros(0, np.int16)])
def test_the_same_number_all_the_time_is_silence(samples: Samples) -> None:
    heard = loudness(samples, full=np.zeros(len(samples), np.bool_))
    assert (heard.rms_db, heard.peak_db, heard.constant) == (FLOOR_DB, FLOOR_DB, True)


def test_decibels_have_a_floor() -> None:
    assert (decibels(1.0), decibels(0.0), decibels(1e-9)) == (0.0, FLOOR_DB, FLOOR_DB)
