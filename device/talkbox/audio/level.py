"""
The microphone at its level: mono, without offset, at a fixed gain, and watched for what was cut off. Pure.

The gain is fixed. An automatic one would lift what is left of the echo while nobody speaks, and move the echo path that
the canceller has learned. It never makes anything softer: what the card has cut off is not mended by that.
"""

from __future__ import annotations

from enum import StrEnum

import numpy as np

from .clipping import ClipWatch
from .dc import DcBlock
from .formats import Samples
from .frames import averaged, interleaved


class Overdriven(StrEnum):
    """Where sound was cut off at full scale."""

    CARD = "card"
    """In the card already, or before it."""

    GAIN = "gain"
    """By the fixed gain: the card had it whole."""


class MicLevel:
    """
    What happens to a card's frames before anything else does.

    Args:
        rate_hz, channels, sample_bytes: The card's.
        gain_db: By how much everything becomes louder, 0 or more; beyond full scale it is cut off.

    Attributes:
        overdriven: Where sound of the last period was cut off; `None`: nowhere.
    """

    def __init__(self, *, rate_hz: int, channels: int, sample_bytes: int, gain_db: float = 0.0) -> None:
        self.overdriven: Overdriven | None = None
        self._channels, self._sample_bytes = channels, sample_bytes
        self._gain = np.float32(10 ** (gain_db / 20))
        self._dc = DcBlock(rate_hz=rate_hz)
        self._of_card, self._of_gain = ClipWatch(channels=channels), ClipWatch()

    def process(self, payload: bytes) -> Samples:
        """Return the next frames as mono samples."""
        samples = interleaved(payload, sample_bytes=self._sample_bytes)
        self.overdriven = Overdriven.CARD if self._of_card.feed(samples) else None
        samples = self._dc.process(averaged(samples, channels=self._channels))
        if self._gain == 1:
            return samples
        louder: Samples = np.minimum(np.maximum(np.rint(samples * self._gain), -32768), 32767).astype(np.int16)
        if self._of_gain.feed(louder) and self.overdriven is None:
            self.overdriven = Overdriven.GAIN
        return louder
