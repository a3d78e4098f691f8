"""A level meter for people: quick to rise, slow to fall. Pure. Programs have the analyser."""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from .formats import Samples

_FLOOR_DB = -60.0
_FALL_DB_PER_S = 60.0
_MOST = 100  # pieces that wait for somebody to look: a second and more, in which it falls to the floor


class Meter:
    """
    The loudness of a stream. Feed it from one thread; read it from one other.

    It reckons only when it is read: lights look 30 times a second, and often nobody does.
    """

    def __init__(self) -> None:
        self._fresh: deque[tuple[Samples, int]] = deque(maxlen=_MOST)
        self._level = 0.0

    def feed(self, samples: Samples, *, rate_hz: int) -> None:
        """Take the next ``samples``, which must not change afterwards; their length says how far the level may fall."""
        self._fresh.append((samples, rate_hz))

    @property
    def level(self) -> float:
        """0 (-60 dBFS rms or less) to 1 (a full-scale square wave); speech is about 0.5."""
        while self._fresh:
            samples, rate_hz = self._fresh.popleft()
            if count := len(samples):
                signal = samples.astype(np.float32)
                power = float(signal.dot(signal)) / count / 32768.0**2
                loudness = 1.0 - 10.0 * math.log10(power) / _FLOOR_DB if power > 0 else 0.0
                fall = _FALL_DB_PER_S * count / rate_hz / -_FLOOR_DB
                self._level = min(1.0, max(0.0, loudness, self._level - fall))
        return self._level
