"""A microphone that is shut and opened without a click. Pure."""

from __future__ import annotations

import numpy as np

from .formats import Samples

FADE_S = 0.003
"""What still passes, ever softer, of what comes after the shutting: too little for a sound of speech."""


class Gate:
    """
    Let a stream pass, or put zeros in its place; from one to the other there is a fade of 3 ms.

    What the stream begins with passes whole, or not at all. Belongs to one thread.
    """

    def __init__(self) -> None:
        self._gain: float | None = None  # at the end of what came so far

    def process(self, samples: Samples, *, shut: bool, rate_hz: int) -> Samples:
        """Return the next ``samples``, as they are, faded, or as zeros."""
        target = 0.0 if shut else 1.0
        before = target if self._gain is None else self._gain
        self._gain = target
        if before == target:
            return np.zeros_like(samples) if shut else samples
        step = (-1 if shut else 1) / (FADE_S * rate_hz)
        gain = np.clip(before + step * np.arange(1, len(samples) + 1), 0.0, 1.0)
        self._gain = float(gain[-1]) if len(gain) else before
        faded: Samples = np.rint(samples * gain).astype(np.int16)
        return faded
