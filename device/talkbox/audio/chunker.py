"""A stream, cut into pieces of one length. Pure."""

from __future__ import annotations

import numpy as np

from .formats import Samples


class Chunker:
    """
    Cut a stream of samples into chunks.

    Args:
        size: Samples a chunk, above zero.
    """

    def __init__(self, size: int) -> None:
        if size <= 0:
            raise ValueError(f"a chunk must have samples, not {size}")
        self._size = size
        self._rest = np.zeros(0, np.int16)

    def push(self, samples: Samples) -> list[Samples]:
        """Append ``samples``; return the chunks that are now complete, oldest first."""
        stream = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        whole = len(stream) // self._size * self._size
        self._rest = stream[whole:]
        return list(stream[:whole].reshape(-1, self._size))
