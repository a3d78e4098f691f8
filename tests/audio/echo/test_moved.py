import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from talkbox.audio.echo.moved import WINDOW, has_moved
from talkbox.audio.formats import Samples

DELAY = 64
ROOM = 256  # samples
SEEDS = range(8)


def sound(seed: int, *, level: float = 3000.0) -> NDArray[np.float64]:
    """What is deep, as speech is, and comes in syllables; longer than a window."""
    rng = np.random.default_rng(seed)
    white = rng.standard_normal(2 * WINDOW)
    deep = np.convolve(white, 0.9 ** np.arange(40))[: len(white)]
    syllables = np.repeat(rng.uniform(0.2, 1.0, len(white) // 1200), 1200)
    spoken: NDArray[np.float64] = deep * syllables * (level / np.sqrt(np.mean(deep**2)))
    return spoken


def echo(far: NDArray[np.float64], *, seed: int, delay: int = DELAY) -> NDArray[np.float64]:
    """In a room of one's own: a direct sound, and what follows it."""
    rng = np.random.default_rng(seed)
    response = rng.standard_normal(ROOM) * 0.3 * np.exp(-np.arange(ROOM) / 60)
    response[0] = 1.0
    heard: NDArray[np.float64] = np.concatenate([np.zeros(delay), np.convolve(far, response)])[: len(far)]
    return heard


def asked(left: NDArray[np.float64], far: NDArray[np.float64], *, delay: int = DELAY) -> bool:
    newest: list[Samples] = [np.rint(of[-WINDOW:]).astype(np.int16) for of in (left, far)]
    return has_moved(*newest, delay=delay)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("slip", [-50, 50, 160, 320, 440])
def test_an_echo_at_another_delay_has_moved(seed: int, slip: int) -> None:
    far = sound(seed)
    left = echo(far, seed=1, delay=128 + slip) - echo(far, seed=1, delay=128)
    assert asked(left, far, delay=128)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_echo_from_another_room_has_moved_though_it_comes_when_it_did(seed: int) -> None:
    far = sound(seed)
    assert asked(1.4 * echo(far, seed=1) - echo(far, seed=2), far)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("below_db", [6, 10, 20])
def test_a_user_is_no_echo_nor_is_what_a_filter_leaves_below_his_voice(seed: int, below_db: float) -> None:
    far, user = sound(seed), sound(seed + 100, level=1000)
    leak = echo(far, seed=1)
    leak *= np.std(user) / np.std(leak) * 10 ** (-below_db / 20)
    assert not asked(user + leak, far)


def test_a_reference_that_is_all_but_silent_says_nothing() -> None:
    far = sound(1, level=10)
    assert not asked(echo(far, seed=1, delay=300), far)


@given(st.sampled_from([0, 1, 40, 4000, 32767]), st.sampled_from([0.0, 0.001, 0.05, 0.5]), st.integers(0, 64))
def test_silence_tones_and_square_waves_are_answered_too(level: int, cycles: float, delay: int) -> None:
    wave = level * np.cos(2 * np.pi * cycles * np.arange(2 * WINDOW))
    for left, far in ((wave, wave), (np.sign(wave) * level, wave), (wave, sound(1)), (sound(1), wave)):
        assert asked(left, far, delay=delay) in (True, False)
