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
@pytest.mark.parametrize("slip", [-250, -50, 50, 160, 290])
def test_an_echo_at_another_delay_has_moved(seed: int, slip: int) -> None:
    far = sound(seed)
    left = echo(far, seed=1, delay=300 + slip) - echo(far, seed=1, delay=300)
    assert asked(left, far, delay=300)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_echo_that_comes_sooner_than_the_reference_has_moved(seed: int) -> None:
    far = sound(seed)
    sooner = np.concatenate([echo(far, seed=1)[320:], np.zeros(320)])
    assert asked((sooner - echo(far, seed=1))[:-320], far[:-320])


@pytest.mark.parametrize("seed", SEEDS)
def test_an_echo_from_another_room_has_moved_though_it_comes_when_it_did(seed: int) -> None:
    far = sound(seed)
    assert asked(1.4 * echo(far, seed=1) - echo(far, seed=2), far)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("below_db", "reflected"), [(6, 0), (10, 0), (20, 0), (10, 160), (10, 300)])
def test_a_user_is_no_echo_nor_is_what_a_filter_leaves_below_his_voice(
    seed: int, below_db: float, reflected: int
) -> None:
    far, user = sound(seed), sound(seed + 100, level=1000)
    leak = echo(far, seed=1, delay=DELAY + reflected)
    leak *= np.std(user) / np.std(leak) * 10 ** (-below_db / 20)
    assert not asked(user + leak, far)


def test_a_reference_that_is_all_but_silent_says_nothing() -> None:
    far = sound(1, level=10)
    assert not asked(echo(far, seed=1, delay=300), far)


@given(st.sampled_from([0, 1, 40, 4000, 32767]), st.sampled_from([0.0, 0.001, 0.05, 0.5]), st.integers(0, 64))
def test_silence_tones_and_square_waves_are_answered_too(level: int, cycles: float, delay: int) -> None:
    wave = level * np.cos(2 * np.pi * cycles * np.arange(2 * WINDOW))
    for left, far in ((wave, wave), (np.sign(wave) * level, wave), (wave, sound(1)), (sound(1), wave)):
        asked(left, far, delay=delay)  # it does not raise
