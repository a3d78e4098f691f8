"""How much of an answer must be at hand before it begins to sound. Pure: it knows neither samples nor a clock."""

from __future__ import annotations

_LEAST_S = 0.010  # one period of the card: on a good network nothing is waited for
_MOST_S = 0.4


class StartThreshold:
    """
    Small on a good network, larger on one that leaves the loudspeaker without sound in mid-answer.

    Each time that happens it is doubled, up to 0.4 s; after each answer in which it did not, it is halved, down to a
    period of 10 ms.

    Args:
        rate_hz: Samples a second.

    Attributes:
        samples: What it is now.
    """

    def __init__(self, *, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._starved = False
        self._set(_LEAST_S)

    def starved(self) -> None:
        """Take note that the answer broke off, and went on: more should have been at hand."""
        self._starved = True
        self._set(min(2 * self._seconds, _MOST_S))

    def ended(self) -> None:
        """Take note that the answer has come to its end."""
        if not self._starved:
            self._set(max(self._seconds / 2, _LEAST_S))
        self._starved = False

    def _set(self, seconds: float) -> None:
        self._seconds = seconds
        self.samples = int(seconds * self._rate_hz)
