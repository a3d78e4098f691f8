"""How often the service may be asked. Pure: the caller brings the time."""

from __future__ import annotations


class TokenBucket:
    """
    Allow `burst` requests at once, and `per_minute` in the long run.

    All times are seconds on one monotonic clock. Starts full.
    """

    def __init__(self, *, burst: int, per_minute: int) -> None:
        self._burst = burst
        self._per_s = per_minute / 60.0
        self._tokens = float(burst)
        self._at_s = float("-inf")

    def take(self, *, now_s: float) -> float:
        """
        Take one request's allowance.

        Returns:
            0.0 if it was there; otherwise the seconds until it will be, and nothing is taken.
        """
        elapsed_s = max(0.0, now_s - self._at_s)
        self._tokens = min(float(self._burst), self._tokens + elapsed_s * self._per_s)
        self._at_s = now_s
        if self._tokens >= 1.0:
            self._tokens -= 1.0
            return 0.0
        return (1.0 - self._tokens) / self._per_s
