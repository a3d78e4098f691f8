"""Whether a microphone is overdriven: its samples stand at full scale, several in a row. And what helps. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from .formats import Samples

FULL: Final = 32_700
"""From here on a sample counts as at full scale: a codec's own filters may move it a little."""

ROW: Final = 3
"""So many of them in a row are no chance: a sound that only just fits touches full scale with one or two."""

REMEDY: Final = (
    "lower the microphone's gain in the mixer (`alsamixer`; where `talkbox board` names a profile, that is set anew at "
    "each start), or keep more distance"
)


def at_full_scale(samples: Samples, *, channels: int) -> NDArray[np.bool_]:
    """Return for each frame of the interleaved ``samples`` whether any channel of it is at full scale."""
    full = ((samples >= FULL) | (samples <= -FULL)).reshape(-1, channels)
    frames: NDArray[np.bool_] = np.logical_or.reduce(full, axis=1)
    return frames


class ClipWatch:
    """
    Look for sound that was cut off at full scale, however the stream is cut into pieces.

    Args:
        channels: Samples a frame; each is looked at by itself.
    """

    def __init__(self, *, channels: int = 1) -> None:
        self._channels = channels
        self._before: Samples = np.zeros(0, np.int16)  # the last frames, which a row may have begun in

    def feed(self, samples: Samples) -> bool:
        """Return whether the next ``samples``, interleaved, complete a row at full scale, or hold one."""
        step, kept, before = self._channels, (ROW - 1) * self._channels, self._before
        self._before = samples[-kept:] if len(samples) >= kept else np.concatenate([before, samples])[-kept:]
        if np.maximum.reduce(samples, initial=0) < FULL and np.minimum.reduce(samples, initial=0) > -FULL:
            return False
        joined = np.concatenate([before, samples])
        full = (joined >= FULL) | (joined <= -FULL)
        return bool((full[:-kept] & full[step:-step] & full[kept:]).any())
