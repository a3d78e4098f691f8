from __future__ import annotations

import math
from array import array

import pytest

from talkbox.terminal.acoustics import DELAY_S, RT60_S, amplified, echo_path, level_db, mixed, noise

RATE_HZ = 8_000


def sine(seconds: float, *, amplitude: int = 10_000) -> array[int]:
    return array("h", (round(amplitude * math.sin(n * 0.7)) for n in range(round(seconds * RATE_HZ))))


def energy(taps: array[float]) -> float:
    return sum(tap * tap for tap in taps)


def test_a_room_is_silent_until_its_delay_is_over_and_has_the_energy_that_was_asked_for() -> None:
    taps = echo_path(RATE_HZ, level_db=-3.0)
    first = round(DELAY_S * RATE_HZ)
    assert not any(taps[:first])
    assert max(map(abs, taps)) == abs(taps[first + 2])
    assert 10 * math.log10(energy(taps)) == pytest.approx(-3.0, abs=0.01)


def test_its_reverberation_falls_by_60_db_in_its_time() -> None:
    taps = echo_path(RATE_HZ, level_db=0.0)
    early, late = (round((DELAY_S + at_s) * RATE_HZ) for at_s in (0.02, 0.17))
    width = round(0.05 * RATE_HZ)
    fall_db = 10 * math.log10(energy(taps[early : early + width]) / energy(taps[late : late + width]))
    assert fall_db == pytest.approx(60 * 0.15 / RT60_S, abs=3.0)


def test_every_seed_is_another_room() -> None:
    assert echo_path(RATE_HZ, level_db=0.0, seed=1) != echo_path(RATE_HZ, level_db=0.0, seed=2)


def test_the_level_is_of_what_sounds_and_not_of_the_pauses() -> None:
    tone = sine(0.5)
    expected = 20 * math.log10(10_000 / 32_768) - 3.01
    assert level_db(tone, rate_hz=RATE_HZ) == pytest.approx(expected, abs=0.05)
    assert level_db(tone + sine(0.5, amplitude=5), rate_hz=RATE_HZ) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize("samples", [array("h"), array("h", bytes(4000))])
def test_silence_has_a_level_that_is_a_number(samples: array[int]) -> None:
    assert level_db(samples, rate_hz=RATE_HZ) == -200.0


def test_a_rooms_noise_is_at_its_level() -> None:
    assert level_db(noise(4000), rate_hz=RATE_HZ) == pytest.approx(-62.0, abs=0.7)


def test_what_is_too_loud_is_clipped_and_not_turned_over() -> None:
    loud = array("h", [30_000, -30_000, 100])
    assert amplified(loud, by_db=20.0) == array("h", [32_767, -32_768, 1000])
    assert mixed(loud, loud) == array("h", [32_767, -32_768, 200])


def test_a_mixture_is_as_long_as_the_longer_one() -> None:
    short, long = array("h", [1]), array("h", [2, 3])
    assert mixed(short, long) == mixed(long, short) == array("h", [3, 3])
