"""How loud: from the knob's number to a gain, and from one gain to the next without a click. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .formats import Samples

RANGE_DB = 30.0
"""
From the softest volume there is to the full one, in dB.

Speech through a HAT's small loudspeaker is about 70 dB at 1 m with the codec at its ceiling; 30 dB below that it is the
noise of a quiet room. More range would be detents that only take away what nobody hears.
"""


def gain_of(volume: float) -> float:
    """
    Return the factor for ``volume``, 0 (silence) to 1 (untouched); beyond is clamped.

    Equal steps of the knob are equal steps in dB, which is how they are heard: a detent of 0.05 is 1.5 dB wherever the
    knob stands, and the last one, from -28.5 dB to 0, is silence.
    """
    if volume <= 0.0:
        return 0.0
    return float(10.0 ** (-RANGE_DB * (1.0 - min(volume, 1.0)) / 20.0))


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
        if start == end == 1.0 or not len(samples):
            return samples
        self._gain = end
        gain: np.float32 | NDArray[np.float32] = np.float32(end)
        if start != end:
            steps = np.arange(1, len(samples) + 1, dtype=np.float32) / np.float32(len(samples))
            gain = start + (end - start) * steps
        amplified: Samples = np.rint(samples * gain).astype(np.int16)
        return amplified
