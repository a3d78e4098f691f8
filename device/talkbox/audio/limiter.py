"""The last thing before the card: nothing leaves louder than the ceiling. Pure."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .formats import Samples, peak

_ATTACK_S = 0.001
_RELEASE_S = 0.12  # by then it has come back two thirds of the way, by 0.4 s nearly all of it
_UNTOUCHED = 0.999  # a gain from which the way to 1 is inaudible


class Limiter:
    """
    A gain that falls within 1 ms to what a loud block needs, and returns slowly.

    What is not too loud is not touched. For one thread, but for `ceiling_db`.

    Args:
        ceiling_db: The loudest sample that may leave, in dBFS; above 0 is 0.

    Attributes:
        gain: What the end of the last block was multiplied with, above 0 to 1.
    """

    def __init__(self, *, ceiling_db: float = -1.0) -> None:
        self.gain = 1.0
        self.ceiling_db = ceiling_db

    @property
    def ceiling_db(self) -> float:
        """The loudest sample that may leave, in dBFS. May be set from any thread, at any time: it is not heard."""
        return self._ceiling_db

    @ceiling_db.setter
    def ceiling_db(self, ceiling_db: float) -> None:
        self._ceiling_db = min(ceiling_db, 0.0)
        self._ceiling = int(32767 * 10 ** (self._ceiling_db / 20))

    def process(self, mix: Samples | NDArray[np.int32], *, rate_hz: int) -> Samples:
        """Return ``mix``, which may exceed 16 bits, as samples below the ceiling; untouched where it is below."""
        if not len(mix):
            return mix.astype(np.int16)
        ceiling, before = self._ceiling, self.gain
        loudest = peak(mix)
        if loudest <= ceiling and before == 1.0:
            return mix.astype(np.int16, copy=False)
        allowed = min(1.0, ceiling / max(loudest, 1))
        if allowed < before:
            self.gain, ramp_samples = allowed, min(int(_ATTACK_S * rate_hz), len(mix))
        else:
            self.gain, ramp_samples = min(allowed, _released(before, len(mix) / rate_hz)), len(mix)
        gain = np.full(len(mix), self.gain, np.float32)
        gain[:ramp_samples] = np.linspace(before, self.gain, ramp_samples, dtype=np.float32)
        # What is too loud within the first millisecond is cut off.
        limited: Samples = np.clip(np.rint(mix * gain), -ceiling, ceiling).astype(np.int16)
        return limited


def _released(gain: float, seconds: float) -> float:
    """Return what ``gain`` has become after ``seconds`` in which nothing held it down."""
    released = 1.0 - (1.0 - gain) * math.exp(-seconds / _RELEASE_S)
    return 1.0 if released > _UNTOUCHED else released
