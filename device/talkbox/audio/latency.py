"""How long something took, many times over; as a histogram: a day of it takes no more memory than a minute. Pure."""

from __future__ import annotations

import math

_STEP = math.log(1.05)  # from one class to the next: what is read is within 2.5 % of what was measured
_LEAST_S = 1e-4


class Latency:
    """Times, in seconds, of which percentiles can be read. One thread adds, any reads."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    @property
    def count(self) -> int:
        """How many times were added."""
        return sum(self._counts.copy().values())

    def add(self, seconds: float) -> None:
        """Add one time; less than 0.1 ms counts as that."""
        index = round(math.log(max(seconds, _LEAST_S)) / _STEP)
        self._counts[index] = self._counts.get(index, 0) + 1

    def percentile(self, share: float) -> float | None:
        """Return the time, in seconds, that `share` (above 0, up to 1) of all took at most; `None` if there is none."""
        counts = sorted(self._counts.copy().items())
        left = math.ceil(share * sum(count for _, count in counts))
        for index, count in counts:
            left -= count
            if left <= 0:
                return math.exp(index * _STEP)
        return None
