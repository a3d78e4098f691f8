"""The last of a stream. Pure."""

from __future__ import annotations

import numpy as np

from talkbox.audio.formats import Samples

_ROOM = 32_000  # samples, 2 s, that are appended before the last ones move to a new place: seldom, not each time


class History:
    """
    A stream that can be had later than it came.

    Args:
        longest: The most, in samples, that it can be had later.
    """

    def __init__(self, *, longest: int) -> None:
        self._longest = self._end = longest
        self._kept: Samples = np.zeros(longest, np.int16)  # up to the end; then there is room

    def delayed(self, samples: Samples, *, by: int) -> Samples:
        """Append ``samples``, and return as many from ``by`` samples before, 0 to ``longest``; they will not change."""
        self.append(samples)
        return self.last(len(samples), by=by)

    def last(self, count: int, *, by: int = 0) -> Samples:
        """Return the ``count`` samples before the newest ``by``; both together are ``longest`` at most."""
        return self._kept[self._end - by - count : self._end - by]

    def append(self, samples: Samples) -> None:
        """Take what is next."""
        before, end = self._end, self._end + len(samples)
        if end > len(self._kept):  # a new one: what was given away is of the old
            room = np.zeros(max(_ROOM, len(samples)), np.int16)
            self._kept = np.concatenate([self._kept[before - self._longest : before], room])
            before, end = self._longest, self._longest + len(samples)
        self._kept[before:end] = samples
        self._end = end
