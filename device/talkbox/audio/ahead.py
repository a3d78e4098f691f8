"""How many periods the card is kept ahead of what is heard. Pure: time is what was written."""

from __future__ import annotations

LEAST_PERIODS = 4
"""What is in the card cannot be taken back: the less, the sooner an interruption is heard."""

MOST_PERIODS = 8
_CALM_S = 60.0


class PeriodsAhead:
    """
    One period more after an underrun of the card, and one less after each minute without.

    Attributes:
        periods: What it is now, 4 to 8.
    """

    def __init__(self) -> None:
        self.periods = LEAST_PERIODS
        self._calm_s = 0.0

    def wrote(self, seconds: float, *, underruns: int) -> int:
        """
        Take note of a writing of ``seconds`` of sound, during which the card ran dry ``underruns`` times.

        Returns:
            By how much `periods` has changed: 1, -1, or mostly 0.
        """
        before = self.periods
        self._calm_s += seconds
        if underruns:
            self._calm_s = 0.0
            self.periods = min(before + 1, MOST_PERIODS)
        elif self._calm_s >= _CALM_S:
            self._calm_s = 0.0
            self.periods = max(before - 1, LEAST_PERIODS)
        return self.periods - before
