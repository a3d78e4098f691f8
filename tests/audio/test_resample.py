import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.formats import Samples
from talkbox.audio.resample import Resampler
from tests.support.tones import AMPLITUDE, level_and_rest_db, tone

WIRE_HZ = (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)
PAIRS = list(itertools.permutations(WIRE_HZ, 2))  # a card has 16 or 48 kHz, a file in its place any of them


def resampled(samples: Samples, *, from_hz: int, to_hz: int) -> Samples:
    return Resampler(from_hz=from_hz, to_hz=to_hz).process(samples)


def settled(samples: Samples) -> Samples:
    """The middle: without the filter's start."""
    return samples[len(samples) // 4 :]


def decibels(ratio: float) -> float:
    return 20 * float(np.log10(max(ratio, 1e-9)))


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_below_0_8_of_the_nyquist_frequency_the_gain_is_flat(from_hz: int, to_hz: int) -> None:
    """Tones 40 Hz apart, all at once; in 0.1 s every rate has whole waves of each."""
    spectrum = np.zeros(from_hz // 20 + 1, np.complex128)
    tones = np.arange(4, int(0.8 * min(from_hz, to_hz) / 2) // 10 + 1, 4)
    spectrum[tones] = np.exp(1j * tones**2)  # so that no moment has all their peaks
    wave = np.fft.irfft(spectrum, from_hz // 10)
    scale = AMPLITUDE / np.abs(wave).max()
    out = resampled(np.rint(np.tile(scale * wave, 2)).astype(np.int16), from_hz=from_hz, to_hz=to_hz)
    levels = np.abs(np.fft.rfft(out[-to_hz // 10 :]))[tones] * from_hz / to_hz / scale
    assert np.abs(20 * np.log10(levels)).max() <= 0.2


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_a_tone_passes_alone_without_images(from_hz: int, to_hz: int) -> None:
    """Up to the Nyquist frequency, just below which the filter has its slope, and just above it the image."""
    for part in (0.05, 0.2, 0.31, 0.5, 0.62, 0.8, 0.9, 0.985, 0.998):
        hz = part * min(from_hz, to_hz) / 2
        out = resampled(tone(hz, rate_hz=from_hz, seconds=0.12), from_hz=from_hz, to_hz=to_hz)
        assert level_and_rest_db(settled(out), hz=hz, rate_hz=to_hz)[1] <= -80


@pytest.mark.parametrize(("from_hz", "to_hz"), [pair for pair in PAIRS if pair[0] > pair[1]])
def test_what_the_lower_rate_cannot_hold_is_gone(from_hz: int, to_hz: int) -> None:
    for hz in np.geomspace(1.002 * to_hz / 2, 0.985 * from_hz / 2, 9):
        out = resampled(tone(hz, rate_hz=from_hz, seconds=0.12), from_hz=from_hz, to_hz=to_hz)
        assert decibels(float(settled(out).std()) * np.sqrt(2) / AMPLITUDE) <= -80


@pytest.mark.parametrize(("from_hz", "to_hz"), PAIRS)
def test_a_sound_comes_out_no_more_than_3_ms_later(from_hz: int, to_hz: int) -> None:
    resampler = Resampler(from_hz=from_hz, to_hz=to_hz)
    click = np.zeros(from_hz // 10, np.int16)
    click[from_hz // 20] = AMPLITUDE
    out = resampler.process(click)
    delay_s = int(np.argmax(np.abs(out))) / to_hz - (from_hz // 20) / from_hz
    assert delay_s <= 0.003
    assert abs(delay_s - resampler.delay_s) <= 1 / to_hz
    assert len(out) == -(-len(click) * to_hz // from_hz)  # and nothing is held back


@given(st.data())
@settings(max_examples=8)
@pytest.mark.parametrize(("from_hz", "to_hz"), [*PAIRS, (16_000, 16_000)])
def test_it_makes_no_difference_how_a_stream_is_cut(from_hz: int, to_hz: int, data: st.DataObject) -> None:
    seed = data.draw(st.integers(0, 2**32 - 1))
    samples = np.random.default_rng(seed).integers(-32768, 32768, 600).astype(np.int16)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(samples)), max_size=6)))
    whole = Resampler(from_hz=from_hz, to_hz=to_hz).process(samples)
    resampler = Resampler(from_hz=from_hz, to_hz=to_hz)
    parts = [resampler.process(part) for part in np.split(samples, cuts)]
    assert np.array_equal(np.concatenate(parts), whole)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(24_000, 48_000), (48_000, 16_000), (22_050, 48_000), (16_000, 16_000)])
def test_taking_it_period_by_period_gives_the_same_stream(from_hz: int, to_hz: int) -> None:
    samples = np.random.default_rng(1).integers(-32768, 32768, from_hz // 5).astype(np.int16)
    whole = Resampler(from_hz=from_hz, to_hz=to_hz).process(samples)
    resampler = Resampler(from_hz=from_hz, to_hz=to_hz)
    period, used, parts = to_hz // 100, 0, []
    while used + (needed := resampler.needed(period)) <= len(samples):
        parts.append(resampler.process(samples[used : used + needed], count=period))
        used += needed
    assert len(parts) >= 19
    assert np.array_equal(np.concatenate(parts), whole[: period * len(parts)])


def test_equal_rates_pass_untouched() -> None:
    samples = np.array([0, 1, -32768, 32767, 5], np.int16)
    resampler = Resampler(from_hz=16_000, to_hz=16_000)
    out = resampler.process(samples)
    assert out.tolist() == samples.tolist()
    assert np.shares_memory(out, samples)
    assert resampler.delay_s == 0
    assert resampler.needed(7) == 7


def test_silence_is_exact_and_so_is_a_constant() -> None:
    assert not Resampler(from_hz=44_100, to_hz=48_000).process(np.zeros(441, np.int16)).any()
    constant = Resampler(from_hz=44_100, to_hz=48_000).process(np.full(882, 1234, np.int16))
    assert set(constant[200:].tolist()) == {1234}


def test_what_would_overflow_is_clipped() -> None:
    square = np.where(np.arange(800) // 40 % 2, 32767, -32768).astype(np.int16)
    out = Resampler(from_hz=8_000, to_hz=48_000).process(square)
    assert out.max() == 32767
    assert out.min() == -32768


def test_more_than_there_is_cannot_be_taken() -> None:
    resampler = Resampler(from_hz=8_000, to_hz=16_000)
    assert resampler.needed(0) == 0
    with pytest.raises(ValueError, match="11 samples asked for, 10 at hand"):
        resampler.process(np.zeros(5, np.int16), count=11)


@pytest.mark.parametrize(("from_hz", "to_hz"), [(0, 16_000), (16_000, -1)])
def test_a_rate_must_be_a_rate(from_hz: int, to_hz: int) -> None:
    with pytest.raises(ValueError, match="above 0 Hz"):
        Resampler(from_hz=from_hz, to_hz=to_hz)
