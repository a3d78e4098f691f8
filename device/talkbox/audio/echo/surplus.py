"""What a filter leaves that no echo explains: sound in bands in which the loudspeaker made none. Pure."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from .ports import RATE_HZ

_CENTERS_HZ = np.arange(200, 4001, 200)  # where speech is
_WRONG = 0.5  # of a band's echo, in power, that even a wrong filter leaves no more than
_DISTORTED = 0.045  # of the echo, that a loudspeaker puts into a band in which nothing was played: -13 dB


def surplus(taken_and_left: NDArray[np.float32], *, echo: float) -> float:
    """
    Return how much of what was left is no echo's, relative to the echo, in power.

    A filter that is wrong leaves sound where the loudspeaker made some; a user speaks in other bands, too. So the one
    has nothing here, or hardly anything, and the other is noticed in his first hundredths of a second.

    Args:
        taken_and_left: The echo that the filter took away, and what it left of the microphone, shape ``(2, n)``; a few
            hundredths of a second.
        echo: The echo's power of late, its reverberation included; not 0.
    """
    powers = np.square(taken_and_left @ _bank(taken_and_left.shape[1]))
    of_echo, of_rest = powers[:, : len(_CENTERS_HZ)] + powers[:, len(_CENTERS_HZ) :]
    whole = max(echo, float(of_echo.mean()))
    return float(np.maximum(of_rest - _WRONG * of_echo - _DISTORTED * whole, 0).mean()) / whole


@cache
def _bank(count: int) -> NDArray[np.float32]:
    """Return one column for each band's cosine, and then each one's sine, in a Hann window of ``count`` samples."""
    window = np.hanning(count + 2)[1:-1]
    phase = 2 * np.pi / RATE_HZ * np.outer(np.arange(count), _CENTERS_HZ)
    bank = np.hstack([np.cos(phase), np.sin(phase)]) * window[:, None] * np.sqrt(2 / (window @ window))
    return bank.astype(np.float32)
