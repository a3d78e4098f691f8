"""How loud the loudspeaker may be for its echo to leave the microphone room. Pure; counts stretches, knows no clock."""

from __future__ import annotations

from math import log10
from typing import Final

from .ports import FULL_SCALE

HIGHEST_DB: Final = -1.0
"""The ceiling to begin with, and the highest there is, in dBFS."""

LOWEST_DB: Final = -30.0
"""The lowest: below it nobody would hear the agent, and another remedy is needed."""

_ECHO_DB = -9.0  # where its peaks are led to: below -6 dBFS also where one stretch is louder than those it follows
_CUT_OFF = 29_200  # -1 dBFS: a peak above it may well have been cut off on its way
_CUT_DB = 6.0  # by which the echo is then taken for louder than it was heard
_RISE_DB = 0.1  # a stretch: 6 dB in half a minute of the agent's speech


class Headroom:
    """
    Learn how much louder or softer than written the agent is heard, and derive the loudspeaker's ceiling from it.

    The ceiling falls at once, and rises slowly. Where the microphone's sound was cut off the truth is worse than what
    is heard: it falls by more, and again, until nothing is cut off any more.

    Attributes:
        ceiling_db: The highest peak that may be written to the card, in dBFS, `LOWEST_DB` to `HIGHEST_DB`.
    """

    def __init__(self) -> None:
        self.ceiling_db = HIGHEST_DB

    def learn(self, *, near_peak: int, far_peak: int) -> None:
        """
        Take the peaks of a stretch in which the agent alone was heard.

        Args:
            near_peak: The microphone's, 1 to 32768.
            far_peak: What was written to the card for it, 1 to 32768.
        """
        heard_db = _decibels(near_peak) + (_CUT_DB if near_peak > _CUT_OFF else 0.0)
        allowed_db = _ECHO_DB - (heard_db - _decibels(far_peak))
        ceiling_db = min(allowed_db, self.ceiling_db + _RISE_DB)
        self.ceiling_db = min(max(ceiling_db, LOWEST_DB), HIGHEST_DB)


def _decibels(peak: int) -> float:
    return 20 * log10(peak / FULL_SCALE)
