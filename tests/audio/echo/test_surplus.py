import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from talkbox.audio.echo.ports import RATE_HZ
from talkbox.audio.echo.surplus import surplus
from tests.support.tones import band

COUNT = 381  # what the cascade asks with
ECHO = 3000.0**2


def between(low_hz: float, high_hz: float, *, seed: int, power: float) -> NDArray[np.float32]:
    """Noise between two frequencies."""
    sound = band(low_hz, high_hz, rate_hz=RATE_HZ, count=COUNT, rms=power**0.5, seed=seed)
    return sound.astype(np.float32)


def asked(taken: NDArray[np.float32], left: NDArray[np.float32], *, echo: float = ECHO) -> float:
    return surplus(np.stack([taken, left]), echo=echo)


@pytest.mark.parametrize("seed", range(8))
def test_a_wrong_filter_leaves_none(seed: int) -> None:
    taken = between(100, 4000, seed=seed, power=ECHO)
    assert asked(taken, 0.7 * taken) == 0.0
    assert asked(taken, -0.7 * taken) == 0.0


@pytest.mark.parametrize("seed", range(8))
def test_a_user_ten_decibels_below_the_echo_has_some_where_the_agent_is_not(seed: int) -> None:
    taken = between(100, 1000, seed=seed, power=ECHO)
    user = between(1500, 3000, seed=seed + 100, power=ECHO / 10)
    assert asked(taken, user + 0.05 * taken) > 0.02


@pytest.mark.parametrize("seed", range(8))
def test_what_a_loudspeaker_distorts_is_none(seed: int) -> None:
    taken = between(100, 1000, seed=seed, power=ECHO)
    distortion = between(1000, 4000, seed=seed + 100, power=ECHO / 200)  # -23 dB
    assert asked(taken, 0.05 * taken + distortion) < 0.001


def test_reverberation_counts_as_echo_though_the_agent_has_just_stopped() -> None:
    taken = between(100, 1000, seed=1, power=ECHO / 100)
    rest = between(1500, 3000, seed=2, power=ECHO / 100)
    assert asked(taken, rest, echo=ECHO / 100) > 30 * asked(taken, rest, echo=ECHO)


@given(st.floats(0.001, 5.0), st.integers(40, 800))
@settings(max_examples=30)
def test_loudness_and_length_of_the_look_change_nothing_of_what_none_is(gain: float, count: int) -> None:
    taken = between(100, 4000, seed=3, power=ECHO)
    taken = np.resize(taken, count) * np.float32(gain)
    assert asked(taken, 0.5 * taken, echo=ECHO * gain**2) == 0.0
