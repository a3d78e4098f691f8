"""How loud: from the knob's number to a gain, and from one gain to the next without a click. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .formats import Samples


def gain_of(volume: float) -> float:
    """
    Return the factor for ``volume``, 0 (silence) to 1 (untouched); beyond is clamped.

    The square: half the volume is 12 dB less, which most people call about half as loud, and every step of a knob is
    heard as much as the one before.
    """
    return min(max(volume, 0.0), 1.0) ** 2


class Ramp:
    """
    A gain that moves to its target within one block.

    Args:
        gain: Where it starts, 0 to 1.

    Attributes:
        target: Where it goes. May be set from any thread.
    """

    def __init__(self, gain: float) -> None:
        self.target = self._gain = gain

    def apply(self, samples: Samples) -> Samples:
        """Return ``samples``, amplified; untouched at a gain of 1."""
        start, end = self._gain, self.target
        if not len(samples) or start == end == 1.0:
            return samples
        self._gain = end
        gain: np.float32 | NDArray[np.float32] = np.float32(end)
        if start != end:
            steps = np.arange(1, len(samples) + 1, dtype=np.float32) / np.float32(len(samples))
            gain = start + (end - start) * steps
        amplified: Samples = np.rint(samples * gain).astype(np.int16)
        return amplified
