"""Agent audio waiting to be heard. Pure: no thread, no card, no clock."""

from __future__ import annotations

from collections import deque

import numpy as np

from .formats import Samples

_MOST = 32 * 1024 * 1024  # samples, that is 64 MiB: over half an hour at 16 kHz


class PlaybackBuffer:
    """
    Mono samples between the network, which is bursty, and the card, which is not.

    The engine serialises access; this class takes no lock.

    Args:
        fade: Samples over which `interrupt` fades to silence. A cut in mid-wave clicks; 5 ms (80 samples at 16 kHz)
            does not.
        most: Samples held at most; what comes on top of them is not taken.

    Attributes:
        written: Samples taken so far, ever.
    """

    def __init__(self, *, fade: int = 80, most: int = _MOST) -> None:
        self._chunks: deque[Samples] = deque()
        self._fade, self._most = fade, most
        self._waiting = 0
        self._sounding = False  # whether the last sample that was read was one of ours
        self.written = 0

    def __len__(self) -> int:
        """Samples waiting."""
        return self._waiting

    @property
    def position(self) -> int:
        """Of the samples `written`, how many were read or interrupted."""
        return self.written - self._waiting

    def write(self, samples: Samples) -> int:
        """
        Append ``samples``, shape ``(n,)``. The caller must not change them afterwards.

        Returns:
            How many there was no room for; 0 but for a stream of hours.
        """
        taken = samples[: self._most - self._waiting]
        if len(taken):
            self._chunks.append(taken)
            self._waiting += len(taken)
            self.written += len(taken)
        return len(samples) - len(taken)

    def read(self, count: int) -> Samples:
        """
        Take the next ``count`` samples, padded with silence.

        Returns:
            Shape ``(count,)``, always: the card must be fed, ready or not.
        """
        out = np.zeros(count, np.int16)
        filled = 0
        while filled < count and self._chunks:
            head = self._chunks.popleft()
            taken = min(len(head), count - filled)
            out[filled : filled + taken] = head[:taken]
            filled += taken
            if taken < len(head):
                self._chunks.appendleft(head[taken:])
        self._waiting -= filled
        if count:
            self._sounding = filled == count
        return out

    def interrupt(self) -> int:
        """
        Drop everything but a fade-out; and that, too, where nothing of it has been read yet.

        Returns:
            Samples the user will never hear.
        """
        before = self._waiting
        tail = self.read(min(self._fade, before) if self._sounding else 0)
        ramp = np.linspace(1.0, 0.0, len(tail), dtype=np.float32)
        self._chunks.clear()
        if len(tail):
            self._chunks.append((tail * ramp).astype(np.int16))
        self._waiting = len(tail)
        return before - len(tail)
