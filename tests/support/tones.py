"""A tone, and what became of it on its way."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from talkbox.audio.formats import Samples

AMPLITUDE = 20_000


def tone(hz: float, *, rate_hz: int, seconds: float = 0.3) -> Samples:
    """Return a tone of `AMPLITUDE`."""
    samples: Samples = np.rint(AMPLITUDE * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(
        np.int16
    )
    return samples


def level_and_rest_db(samples: Samples, *, hz: float, rate_hz: int) -> tuple[float, float]:
    """Return the level of the tone, and of all that is there beside it, against the tone that went in."""
    angle = 2 * np.pi * hz * np.arange(len(samples)) / rate_hz
    basis = np.stack([np.sin(angle), np.cos(angle)], axis=1)
    fit, *_ = np.linalg.lstsq(basis, samples.astype(np.float64), rcond=None)
    level, rest = float(np.hypot(*fit)), float((samples - basis @ fit).std()) * np.sqrt(2)
    return 20 * np.log10(level / AMPLITUDE), 20 * np.log10(max(rest, 1e-3) / AMPLITUDE)


def band(low_hz: float, high_hz: float, *, rate_hz: int, count: int, rms: float, seed: int) -> NDArray[np.float64]:
    """Noise between two frequencies."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(count))
    at_hz = np.fft.rfftfreq(count, 1 / rate_hz)
    sound = np.fft.irfft(spectrum * ((at_hz >= low_hz) & (at_hz <= high_hz)), count)
    noise: NDArray[np.float64] = sound * (rms / np.sqrt(np.mean(sound**2)))
    return noise
