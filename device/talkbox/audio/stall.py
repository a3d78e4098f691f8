"""Tells a card that stands still from one that works. Pure: the caller brings the time."""

from __future__ import annotations


class StallWatch:
    """
    Watch numbers that grow while all is well. A watch that was itself held up for so long has seen nothing.

    Args:
        limit_s: How long one of them may stay the same.
    """

    def __init__(self, *, limit_s: float) -> None:
        self._limit_s = limit_s
        self._seen: dict[int, tuple[int, float]] = {}
        self._looked_s = 0.0

    def stands_still(self, *numbers: int, now_s: float) -> bool:
        """Return whether one of ``numbers`` has not grown for too long. Each call gives the same ones, in order."""
        if now_s - self._looked_s > self._limit_s:
            self._seen.clear()
        oldest_s = self._looked_s = now_s
        for place, number in enumerate(numbers):
            before, since_s = self._seen.get(place, (None, now_s))
            if number != before:
                since_s = now_s
            self._seen[place] = number, since_s
            oldest_s = min(oldest_s, since_s)
        return now_s - oldest_s > self._limit_s
