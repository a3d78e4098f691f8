"""The reference, a while ago. Pure."""

from __future__ import annotations

import numpy as np

from talkbox.audio.formats import Samples


class History:
    """
    A stream that can be had later than it came.

    Args:
        longest: The most, in samples, that it can be had later.
    """

    def __init__(self, *, longest: int) -> None:
        self._kept: Samples = np.zeros(longest, np.int16)

    def delayed(self, samples: Samples, *, by: int) -> Samples:
        """Append ``samples``, and return as many from ``by`` samples before, 0 to ``longest``."""
        count, longest = len(samples), len(self._kept)
        joined = np.concatenate([self._kept, samples])
        self._kept = joined[count:]
        first = longest - by
        return joined[first : first + count]
