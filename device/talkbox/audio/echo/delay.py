"""How late the loudspeaker is heard: generalized cross-correlation (GCC-PHAT) of microphone and reference. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from talkbox.audio.formats import Samples

from .ports import BLOCK, RATE_HZ

_WINDOW = RATE_HZ  # 1 s
_HOP = RATE_HZ // 2  # between updates
_HASTE = RATE_HZ // 4  # the same after a slip: what the filter has learned waits for the new delay
LONGEST = RATE_HZ // 2
"""The longest delay that is looked for, in samples: 500 ms."""
_SIZE = _WINDOW + LONGEST  # so that no delay of interest wraps around
_LOW_HZ, _HIGH_HZ = 300, 6_000
_KEPT = 0.5  # of the old correlation at each update
_LEAST_POWER = 32_768.0**2 * 10 ** (-55 / 10)  # of the reference, in a window that says something
_CLEAR = 8.0  # how far, in standard deviations, a peak must stand out
_AGREED = 2  # samples, by which two findings of one delay may differ


class DelayTracker:
    """
    Follow the delay from the reference to its echo, 0 to 500 ms.

    An update every 0.5 s, every 0.25 s after a slip, where the reference sounded in the second before; a delay is
    believed when two updates in a row agree on it. People who speak meanwhile, noise and distortion do not disturb it.

    Attributes:
        delay: In samples; `None` until it is known, and again after `lose`.
    """

    def __init__(self) -> None:
        self.delay: int | None = None
        self._near, self._far = np.zeros(_WINDOW, np.float32), np.zeros(_WINDOW, np.float32)
        self._at = 0  # in both, where the next block goes, and the oldest is
        self._fresh = 0
        self._hop = _HOP
        self._correlated = np.zeros(_SIZE // 2 + 1, np.complex128)
        self._seen: int | None = None
        frequencies = np.fft.rfftfreq(_SIZE, 1 / RATE_HZ)
        self._band = (frequencies > _LOW_HZ) & (frequencies < _HIGH_HZ)

    def lose(self) -> None:
        """Forget the delay and what led to it: the stream has slipped."""
        if self.delay is not None:
            self._hop = _HASTE
        self.delay = self._seen = None
        for old in (self._correlated, self._near, self._far):
            old[:] = 0
        self._fresh = -_HASTE  # half a second at least from after the slip

    def feed(self, near: Samples, far: Samples) -> None:
        """Take the next `BLOCK` of both."""
        here = slice(self._at, self._at + BLOCK)
        self._near[here], self._far[here] = near, far
        self._at = here.stop % _WINDOW
        self._fresh += BLOCK
        if self._fresh >= self._hop:
            self._fresh = 0
            self._update()

    def _update(self) -> None:
        if float(np.dot(self._far, self._far)) < _LEAST_POWER * _WINDOW:
            return
        near, far = (np.concatenate([window[self._at :], window[: self._at]]) for window in (self._near, self._far))
        cross = np.fft.rfft(near, _SIZE) * np.conj(np.fft.rfft(far, _SIZE)) * self._band
        self._correlated = _KEPT * self._correlated + (1 - _KEPT) * cross / np.maximum(np.abs(cross), 1e-9)
        found = _peak(np.fft.irfft(self._correlated, _SIZE)[:LONGEST])
        if found is not None and self._seen is not None and abs(found - self._seen) <= _AGREED:
            self.delay, self._hop = found, _HOP
        self._seen = found


def _peak(correlation: NDArray[np.float64]) -> int | None:
    """Return where the correlation has its one clear maximum."""
    best = int(np.argmax(correlation))
    return best if correlation[best] > _CLEAR * correlation.std() else None
