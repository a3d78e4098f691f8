import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from talkbox.audio.limiter import Limiter

RATE_HZ, PERIOD = 16_000, 160
CEILING = 29_203  # -1 dBFS


def sine(seconds: float, *, amplitude: float, hz: float = 440) -> NDArray[np.int32]:
    wave = amplitude * np.sin(2 * np.pi * hz / RATE_HZ * np.arange(int(seconds * RATE_HZ)))
    return np.asarray(np.rint(wave), dtype=np.int32)


def limited(limiter: Limiter, mix: NDArray[np.int32]) -> NDArray[np.int64]:
    periods = np.split(mix, range(PERIOD, len(mix), PERIOD))
    return np.concatenate([limiter.process(period, rate_hz=RATE_HZ) for period in periods]).astype(np.int64)


def test_what_is_not_too_loud_is_not_touched() -> None:
    limiter, loud = Limiter(), sine(0.01, amplitude=CEILING).astype(np.int16)
    assert limiter.process(loud, rate_hz=RATE_HZ) is loud
    assert limiter.process(loud.astype(np.int32), rate_hz=RATE_HZ).tolist() == loud.tolist()
    assert limiter.process(loud[:0], rate_hz=RATE_HZ).dtype == np.int16
    assert limiter.gain == 1.0


@given(data=st.data(), ceiling_db=st.floats(-40, 3))
@settings(max_examples=40)
def test_nothing_is_ever_louder_than_the_ceiling(data: st.DataObject, ceiling_db: float) -> None:
    limiter, most = Limiter(ceiling_db=ceiling_db), 32767 * 10 ** (min(ceiling_db, 0) / 20)
    for _ in range(4):
        mix = np.array(data.draw(st.lists(st.integers(-98_304, 98_301), max_size=24)), np.int32)
        out = limiter.process(mix, rate_hz=RATE_HZ)
        assert (np.abs(out.astype(int)) <= most).all()
        assert (np.sign(out) * np.sign(mix) >= 0).all()


@pytest.mark.parametrize("amplitude", [33_000, 60_000, 90_000])
def test_a_loud_tone_is_a_softer_tone_and_neither_clipped_nor_clicking(amplitude: int) -> None:
    mix = sine(0.5, amplitude=amplitude)
    out = limited(Limiter(), mix)
    assert out.max() >= CEILING - 20
    later = out[PERIOD:]
    fit = later @ mix[PERIOD:] / (mix[PERIOD:].astype(float) @ mix[PERIOD:])
    assert np.abs(later - fit * mix[PERIOD:]).max() < 0.02 * CEILING  # the same tone
    assert np.abs(np.diff(out)).max() < 1.1 * np.abs(np.diff(mix)).max()


def test_it_falls_within_a_millisecond_and_returns_within_half_a_second() -> None:
    limiter = Limiter()
    soft, loud = sine(1.0, amplitude=10_000), sine(0.1, amplitude=60_000)
    limited(limiter, soft[:PERIOD])
    first = limiter.process(loud[:PERIOD], rate_hz=RATE_HZ)
    assert limiter.gain == pytest.approx(CEILING / 60_000, rel=0.01)
    assert np.abs(first[16:] - limiter.gain * loud[16:PERIOD]).max() <= 1
    limited(limiter, loud)
    gains = []
    for period in np.split(soft[: PERIOD * 80], 80):
        limiter.process(period, rate_hz=RATE_HZ)
        gains.append(limiter.gain)
    assert gains == sorted(gains)
    assert gains[9] < 0.8
    assert gains[49] > 0.99
    assert gains[79] == 1.0
    assert limiter.process(soft[:PERIOD].astype(np.int16), rate_hz=RATE_HZ).tolist() == soft[:PERIOD].tolist()


def test_the_ceiling_can_be_set_at_any_time_and_that_does_not_click() -> None:
    limiter, tone = Limiter(), sine(2.0, amplitude=20_000)
    before = limited(limiter, tone[:16_000])
    limiter.ceiling_db = -20.0
    after = limited(limiter, tone[16_000:])
    assert (limiter.ceiling_db, before.max(), after[PERIOD:].max()) == (-20.0, tone.max(), 3276)
    steps = np.abs(np.diff(np.concatenate([before, after])))
    assert steps.max() < 1.1 * np.abs(np.diff(tone)).max() + 20_000 / 16
