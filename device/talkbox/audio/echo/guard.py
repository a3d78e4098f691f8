"""When the canceller does not cancel: half duplex, and back again. Pure; counts blocks, knows no clock."""

from __future__ import annotations

from collections import deque

import numpy as np

from .ports import BLOCK, RATE_HZ

_LEAST_DB = 12.0
_WELL_DB = 15.0
_LONG = 16  # judged stretches, 8 s in which the agent spoke alone
_TRIAL = 4  # the same after another attempt: 2 s
_AGAIN_MOST = 16  # times as long as to the first further attempt, to all the later ones
_LOOKS_S = 1.0  # in which a canceller finds an echo again
_TAIL_S = 0.4  # the room, and what the card still holds
_BLOCKS_A_SECOND = RATE_HZ // BLOCK


class Guard:
    """
    Decide whether the microphone may be open while the agent speaks.

    It may, until the echo loss has been under 12 dB for 8 s of the agent's speech. Then it is muted while the agent
    speaks, until the loss is measured above 15 dB, or a minute has passed: that is a trial, and fails after 2 s.
    While a canceller that has never heard its room learns what an echo is, it is muted as well, and for a second of the
    agent's speech after a slip: the echo is where nobody looks for it then, and the agent would interrupt itself.

    Args:
        learns_s: How much of the agent's speech a new canceller needs.
        always: There is no canceller and there shall be none: muted whenever the agent speaks.
        again_s: To the first further attempt; twice as long to each one after it.

    Attributes:
        half_duplex: Whether the microphone is muted while the agent speaks.
        again: Whether this is a further attempt, or what came of one: no news to anybody.
        loss_db: The echo loss of late, the median; `None` until there is any to speak of.
    """

    def __init__(self, *, always: bool = False, again_s: float = 60.0, learns_s: float = 0.0) -> None:
        self.half_duplex = self._always = always
        self.again = False
        self.loss_db: float | None = None
        self._losses: deque[float] = deque(maxlen=_LONG)
        self._enough = _LONG
        self._first_s = self._again_s = again_s
        self._wait = 0  # blocks until the next attempt
        self._learns = round(learns_s * _BLOCKS_A_SECOND)  # blocks of speech to come
        self._looks = round(min(learns_s, _LOOKS_S) * _BLOCKS_A_SECOND)  # the same, after a slip
        self._tail = 0  # blocks for which the agent still counts as speaking

    def begin(self) -> None:
        """Take note that a session begins: of what the agent said in the last one nothing is heard any more."""
        self._tail = 0

    def slipped(self) -> None:
        """Take note that the echo comes sooner or later than before, for a canceller that has to look for it."""
        self._learns = max(self._learns, self._looks)

    def judge(self, loss_db: float) -> None:
        """Take the loss of a stretch in which the agent alone was heard."""
        self._losses.append(loss_db)
        self.loss_db = float(np.median(self._losses))
        if self._always or len(self._losses) < self._enough:
            return
        if not self.half_duplex and self.loss_db < _LEAST_DB:
            self.half_duplex, self._wait = True, int(self._again_s * _BLOCKS_A_SECOND)
            self._again_s = min(2 * self._again_s, _AGAIN_MOST * self._first_s)
            self._losses.clear()
        elif self.loss_db >= _WELL_DB:
            self._open()
            self._enough, self._again_s, self.again = _LONG, self._first_s, False

    def mutes(self, *, sounding: bool) -> bool:
        """
        Count the next block, and return whether the microphone must be silent in it.

        Args:
            sounding: Whether the loudspeaker says something.
        """
        self._tail = int(_TAIL_S * _BLOCKS_A_SECOND) if sounding else max(0, self._tail - 1)
        if self.half_duplex and not self._always:
            self._wait -= 1
            if self._wait <= 0:
                self._open()
                self._enough, self.again = _TRIAL, True
        learning, self._learns = self._learns > 0, max(0, self._learns - sounding)
        return (self.half_duplex or learning) and self._tail > 0

    def _open(self) -> None:
        if self.half_duplex:
            self.half_duplex = False
            self._losses.clear()
