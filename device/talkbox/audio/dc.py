"""The offset of a microphone's converter, taken out. Pure."""

from __future__ import annotations

import numpy as np

from .formats import Samples

_FORGETS_S = 0.5  # its corner is at 0.3 Hz: what can be heard is left as it is


class DcBlock:
    """
    Follow the mean of a stream, and subtract it.

    The mean is taken of what came in one piece, then of ever more, up to about half a second; from one to the next it
    is a ramp. So there is no click, no delay, and no thump at the beginning.

    However the stream is cut: the offset that it begins with is gone from the first piece on, of a new one 98 % within
    2 s, and a tone of 20 Hz or more loses less than 0.3 dB. The samples may differ a little.

    Args:
        rate_hz: Samples a second.
    """

    def __init__(self, *, rate_hz: int) -> None:
        self._most = int(_FORGETS_S * rate_hz)
        self._learned = 0  # samples
        self._offset = 0.0

    def process(self, samples: Samples) -> Samples:
        """Return the next ``samples`` without their offset. Perfect silence is no microphone's: it stays silent."""
        if not samples.any():
            return samples
        before = self._offset
        first = self._learned == 0
        self._learned = min(self._learned + len(samples), self._most)
        self._offset += (float(samples.mean()) - before) * min(1.0, len(samples) / self._learned)
        if first:
            before = self._offset
        begin, end = round(before), round(self._offset)
        if begin == end == 0:
            return samples
        offset = np.full(1, end) if begin == end else np.rint(np.linspace(before, self._offset, len(samples)))
        centered: Samples = np.clip(samples - offset, -32768, 32767).astype(np.int16)
        return centered
