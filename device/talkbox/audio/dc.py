"""The offset of a microphone's converter, taken out. Pure."""

from __future__ import annotations

import numpy as np

from .formats import Samples

_STEP = 2.0  # so little, 84 dB below full scale, that it needs no ramp
_FORGETS_S = 0.5  # its corner is at 0.3 Hz: what can be heard is left as it is


class DcBlock:
    """
    Follow the mean of a stream, and subtract it.

    The mean is taken of the first piece, then of ever more, up to about half a second; from one to the next there is a
    ramp. So there is no click, no delay, and no thump at the beginning.

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
        count, total = len(samples), int(np.add.reduce(samples, dtype=np.int64))
        if total == 0 and not samples.any():
            return samples
        first, before = self._learned == 0, self._offset
        self._learned = min(self._learned + count, self._most)
        self._offset += (total / count - before) * min(1.0, count / self._learned)
        if not first and abs(self._offset - before) > _STEP:
            ramp = np.rint(np.linspace(before, self._offset, count))
            ramped: Samples = np.minimum(np.maximum(samples - ramp, -32768), 32767).astype(np.int16)
            return ramped
        offset = round(self._offset)
        if offset == 0:
            return samples
        # What would not fit is cut off beforehand: 16 bits are quick.
        if offset > 0:
            samples = np.maximum(samples, np.int16(offset - 32768))
        else:
            samples = np.minimum(samples, np.int16(offset + 32767))
        return samples - np.int16(offset)
