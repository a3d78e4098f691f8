"""Whether an echo has moved: it comes at another time all at once, or from another room. Pure."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkbox.audio.formats import Samples

from .ports import RATE_HZ

WINDOW = RATE_HZ * 3 // 10
"""Samples that are looked at: shorter stretches say less, longer ones say it later."""

_SIZE = WINDOW + 600  # of the transforms: an echo may be up to 37 ms later, or sooner, which is at their far end
_LOW_HZ, _HIGH_HZ = 300, 6_000
_LEAST_POWER = 30.0**2  # -61 dBFS, of the reference: softer ones say nothing
_CLEAR = 14.0  # standard deviations by which a delay must stand out
_SAME = 32  # samples, by which two delays differ at most that are one
_BEFORE, _TAPS = 8, 128  # samples, before a delay and in all: 8 ms, in which most of an echo comes
_HERE, _ELSEWHERE = 0.5, 0.3  # of what was left, in power, that is an echo at the old delay, or at another
_PRE_EMPHASIS = 0.9  # speech is deep: without it only its lowest tones would count
_LOADED = 1.001  # the reference's power: so that the equations have a solution, whatever it is

Spectrum = NDArray[np.complexfloating[Any, Any]]


def has_moved(left: Samples, far: Samples, *, delay: int) -> bool:
    """
    Tell an echo that has moved from a user who speaks: either way a filter leaves much all at once.

    What is left of an echo is correlated with the loudspeaker's sound at one delay (GCC-PHAT, as in `DelayTracker`,
    with the rest in the place of the microphone), and a short filter there explains much of it. Under a user who speaks
    there is a little echo as well, that stands out, but explains little. It takes less to show a slip: one half of what
    is left is then what the filter took away where no echo was.

    Args:
        left: What the filter left, `WINDOW` samples.
        far: As many of the reference.
        delay: By how many samples the echo that the filter knows is later than ``far``.
    """
    said = far.astype(np.float32)
    if float(said @ said) < _LEAST_POWER * WINDOW:
        return False
    of_left, of_far = (np.fft.rfft(samples * _shape(), _SIZE) for samples in (left, said))
    stands_out = _correlation(of_left, of_far)
    same = np.abs(np.arange(_SIZE) - delay) <= _SAME
    here, elsewhere = (int(np.argmax(stands_out * of_them)) for of_them in (same, ~same))
    return any(
        stands_out[found] > _CLEAR and _explained(of_left, of_far, delay=found) > enough
        for found, enough in ((here, _HERE), (elsewhere, _ELSEWHERE))
    )


def _correlation(of_left: Spectrum, of_far: Spectrum) -> NDArray[np.floating[Any]]:
    """Return by how many standard deviations each delay stands out; the last ones are negative."""
    cross = of_left * np.conj(of_far)
    found = np.abs(np.fft.irfft(_band() * cross / np.maximum(np.abs(cross), 1e-9), _SIZE))
    return found / max(float(np.sqrt(np.mean(found**2))), 1e-9)


def _explained(of_left: Spectrum, of_far: Spectrum, *, delay: int) -> float:
    """Return the share of what was left, in power, that the best filter there explains (the Wiener-Hopf equations)."""
    power = _emphasis() * np.abs(of_left) ** 2
    lags = np.arange(delay - _BEFORE, delay - _BEFORE + _TAPS) % _SIZE
    common = np.fft.irfft(_emphasis() * of_left * np.conj(of_far), _SIZE)[lags]
    of_itself = np.fft.irfft(_emphasis() * np.abs(of_far) ** 2, _SIZE)[:_TAPS]
    of_itself[0] *= _LOADED
    taps = np.linalg.solve(of_itself[np.abs(np.subtract.outer(np.arange(_TAPS), np.arange(_TAPS)))], common)
    return float(common @ taps / np.mean(power))


@cache
def _shape() -> NDArray[np.float32]:
    return np.hanning(WINDOW).astype(np.float32)


@cache
def _band() -> NDArray[np.bool_]:
    at_hz = np.fft.rfftfreq(_SIZE, 1 / RATE_HZ)
    return (at_hz > _LOW_HZ) & (at_hz < _HIGH_HZ)


@cache
def _emphasis() -> NDArray[np.float64]:
    gain: NDArray[np.float64] = np.abs(1 - _PRE_EMPHASIS * np.exp(-2j * np.pi * np.fft.rfftfreq(_SIZE)))
    return gain**2
