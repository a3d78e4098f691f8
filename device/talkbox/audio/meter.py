"""A level meter for people: quick to rise, slow to fall. Pure. Programs have the analyser."""

from __future__ import annotations

import math

import numpy as np

from .formats import Samples

_FLOOR_DB = -60.0
_FALL_DB_PER_S = 60.0


class Meter:
    """
    The loudness of a stream. Feed it from one thread; read it from any.

    Attributes:
        level: 0 (-60 dBFS rms or less) to 1 (a full-scale square wave); speech is about 0.5.
    """

    def __init__(self) -> None:
        self.level = 0.0

    def feed(self, samples: Samples, *, rate_hz: int) -> None:
        """Take the next ``samples``; how long they are says how far the level may fall."""
        if not len(samples):
            return
        signal = samples.astype(np.float32)
        power = float(np.dot(signal, signal)) / len(samples) / 32768.0**2
        now = 1.0 - 10.0 * math.log10(power) / _FLOOR_DB if power > 0 else 0.0
        fall = _FALL_DB_PER_S * len(samples) / rate_hz / -_FLOOR_DB
        self.level = min(1.0, max(0.0, now, self.level - fall))
