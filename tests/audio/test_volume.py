import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.audio.volume import Ramp, gain_of


@pytest.mark.parametrize(("volume", "gain"), [(0, 0), (1, 1), (-1, 0), (7, 1)])
def test_nothing_is_silence_and_full_is_untouched_and_beyond_is_clamped(volume: float, gain: float) -> None:
    assert gain_of(volume) == gain


def test_every_detent_is_the_same_number_of_decibels() -> None:
    decibels = [20 * math.log10(gain_of(detent / 20)) for detent in range(1, 21)]
    assert decibels == pytest.approx([-1.5 * (20 - detent) for detent in range(1, 21)])


@given(st.floats(0, 1), st.floats(0, 1))
def test_louder_is_never_softer(one: float, other: float) -> None:
    assert (gain_of(one) <= gain_of(other)) or one > other


def test_full_volume_touches_nothing() -> None:
    samples = np.array([1, -32768, 32767], np.int16)
    assert Ramp(1.0).apply(samples) is samples


def test_a_change_is_a_ramp_over_one_block_and_then_stays() -> None:
    ramp = Ramp(0.0)
    ramp.target = 1.0
    block = np.full(100, 10_000, np.int16)
    rising = ramp.apply(block)
    assert rising[-1] == 10_000
    assert np.diff(rising).max() <= 101
    assert ramp.apply(block) is block


def test_nothing_to_amplify_does_not_use_the_ramp_up() -> None:
    ramp = Ramp(1.0)
    ramp.target = 0.0
    assert len(ramp.apply(np.zeros(0, np.int16))) == 0
    falling = ramp.apply(np.full(4, 1000, np.int16))
    assert falling.tolist() == [750, 500, 250, 0]
    assert not ramp.apply(np.full(4, 1000, np.int16)).any()
