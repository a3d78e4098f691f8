"""A tone, and what became of it on its way."""

from __future__ import annotations

import numpy as np

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
