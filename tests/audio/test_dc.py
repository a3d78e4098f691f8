import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.dc import DcBlock
from talkbox.audio.formats import Samples

RATE_HZ = 16_000
pieces = st.lists(st.integers(80, 1600), min_size=1, max_size=8)


def blocked(samples: Samples, sizes: list[int]) -> Samples:
    """What comes of ``samples`` in pieces of ``sizes``, again and again."""
    block, out, at, n = DcBlock(rate_hz=RATE_HZ), [], 0, 0
    while at < len(samples):
        size = sizes[n % len(sizes)]
        out.append(block.process(samples[at : at + size]))
        at, n = at + size, n + 1
    return np.concatenate(out)


def tone(hz: float, *, offset: float, seconds: float = 2.0, peak: float = 6000.0) -> Samples:
    at_s = np.arange(int(seconds * RATE_HZ)) / RATE_HZ
    samples: Samples = np.rint(offset + peak * np.sin(2 * np.pi * hz * at_s)).astype(np.int16)
    return samples


def amplitude(samples: Samples, hz: float) -> float:
    turning = np.exp(-2j * np.pi * hz * np.arange(len(samples)) / RATE_HZ)
    return float(2 * abs(np.dot(samples, turning)) / len(samples))


@given(offset=st.integers(-20_000, 20_000), sizes=st.lists(st.integers(1, 400), min_size=4, max_size=8))
@settings(max_examples=10)
def test_an_offset_is_gone_from_the_first_sample_on_however_it_is_cut(offset: int, sizes: list[int]) -> None:
    rng = np.random.default_rng(1)
    hiss = np.rint(rng.standard_normal(RATE_HZ // 2) * 20).astype(np.int16)
    out = blocked((hiss + offset).astype(np.int16), sizes)
    assert np.abs(out - hiss).max() <= 100  # a first piece of one sample takes its hiss for an offset
    assert abs(float(out[RATE_HZ // 4 :].mean())) < 2


@given(hz=st.sampled_from([20.0, 35.0, 50.0, 80.0, 300.0]), offset=st.integers(-5000, 5000), sizes=pieces)
@settings(max_examples=10)
def test_no_bass_is_lost_however_it_is_cut(hz: float, offset: int, sizes: list[int]) -> None:
    out = blocked(tone(hz, offset=offset), sizes)[RATE_HZ:]
    assert 20 * np.log10(amplitude(out, hz) / 6000) == pytest.approx(0, abs=0.3)


@given(sizes=pieces)
@settings(max_examples=10)
def test_an_offset_that_changes_is_followed_without_a_click(sizes: list[int]) -> None:
    hiss = tone(300.0, offset=0.0, seconds=4.0, peak=300.0)
    offset = np.where(np.arange(len(hiss)) < RATE_HZ, 0, 2000)
    taken = (hiss + offset).astype(np.int32) - blocked((hiss + offset).astype(np.int16), sizes)
    assert np.abs(taken[3 * RATE_HZ :] - 2000).max() < 50
    assert np.abs(np.diff(taken)).max() <= max(3.0, 2100 / min(sizes))


def test_what_has_no_offset_is_left_as_it_is() -> None:
    block = DcBlock(rate_hz=RATE_HZ)
    whole = tone(500.0, offset=0.0, seconds=0.1)
    assert all(block.process(piece) is piece for piece in np.split(whole, 10))


def test_perfect_silence_stays_silent_and_teaches_nothing() -> None:
    block, silence = DcBlock(rate_hz=RATE_HZ), np.zeros(RATE_HZ, np.int16)
    block.process(np.full(RATE_HZ, 700, np.int16))
    assert not block.process(silence).any()
    assert not block.process(np.full(160, 700, np.int16)).any()
    assert not len(block.process(np.zeros(0, np.int16)))


@pytest.mark.parametrize("offset", [700, -700])
def test_what_does_not_fit_is_cut_off_and_not_turned_over(offset: int) -> None:
    block, loud = DcBlock(rate_hz=RATE_HZ), np.array([-32768, 32767] * 50, np.int16)
    block.process(np.full(RATE_HZ, offset, np.int16))
    for _ in range(20):  # with a ramp at first, and without one as soon as the offset stands nearly still
        taken = block.process(loud)
        assert taken[::2].max() < -31_000
        assert taken[1::2].min() > 31_000
