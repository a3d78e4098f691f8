"""A linear filter, then AEC3 for what that leaves: no echo passes for speech, and a user over the agent is heard."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from talkbox.audio.formats import Samples

from .delay import LONGEST, DelayTracker
from .double_talk import DoubleTalk
from .history import History
from .moved import WINDOW, has_moved
from .ports import RATE_HZ, Canceller

TAIL_S = 0.16
"""How long the linear filter is: from where the echo begins, which the tracker knows."""

_EARLY = 64  # samples, 4 ms: what a loudspeaker's filters and the tracker's error may let the echo come before its peak
_TOLD = np.float32(0.7)  # of the reference, that AEC3 is told: it would fear for the whole echo, and most is gone
_PAST = np.float32(0.03)  # of the microphone past the filter, -30 dB: an AEC3 that never hears an echo unlearns it
_LEFT = np.float32(1) - _PAST
_DRIFT = 2  # samples, by which the delay wanders where there are two clocks: a filter that is late leaves much of an S
_SETTLES = 100  # blocks, 1 s, in which a filter learns that the delay has wandered on: no look before that
_FIRST, _LOOK = 5, 3  # blocks from a surprise to the first look at it, and to the next one
_STILL = 16  # samples, 1 ms, by which a delay may wander while it is known before the filter is told


class Linear(Protocol):
    """
    A filter that learns the echo path. It adds no delay.

    Attributes:
        described: Its name.
    """

    described: str

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return ``near`` without the linear part of the echo of ``far``. Blocks as in `Canceller`."""
        ...


class Cascade:
    """
    Both, one after the other.

    AEC3 by itself suppresses whatever sounds together with the agent, a softer user too. With 20 dB of the echo gone
    before it, it leaves enough of the user to notice him; what it took of him, `DoubleTalk` gives back. The linear
    filter needs to know how late the echo is, so it rests until that is known, at the start and after a slip: AEC3,
    which finds the delay itself, does the work alone. After a slip the path is the same, only sooner or later: the
    filter goes on with what it has learned.

    A filter that leaves much all at once is looked at: whether somebody speaks, or the room is another, or the
    stream has slipped and nobody has told of it.

    Args:
        linear: The first.
        residual: The second.
        tracker: Knows how late the echo is. Who calls `process` has fed it.
    """

    def __init__(self, linear: Linear, residual: Canceller, *, tracker: DelayTracker) -> None:
        self.described = f"{linear.described}, then {residual.described}"
        self.delay_s = residual.delay_s
        self._linear, self._residual = linear, residual
        self._tracker = tracker
        self._history, self._left = History(longest=LONGEST + WINDOW), History(longest=WINDOW)
        self._delay = 0  # that the linear filter reckons with
        self._rests = True  # while nobody knows it
        self._double_talk = DoubleTalk(late=round(residual.delay_s * RATE_HZ))
        self.moved = False
        self._wait = 0  # blocks until the next look

    def process(self, near: Samples, far: Samples) -> Samples:
        """See `Canceller`."""
        delay = self._tracker.delay
        if delay is not None and (self._rests or abs(delay - self._delay) > _STILL):
            self._delay, self._wait = delay, _SETTLES
        self._rests = delay is None
        early = min(_EARLY, self._delay)
        late = self._history.delayed(far, by=self._delay - early)
        linear = near if self._rests else self._linear.process(near, late)
        heard = linear if self._rests else np.rint(_PAST * near + _LEFT * linear).astype(np.int16)
        clean = self._residual.process(heard, (far * _TOLD).astype(np.int16))
        spoken = self._double_talk.process(near, linear, clean)
        self.moved = self._look(linear, early=early)
        return spoken

    def slipped(self) -> None:
        """See `Canceller`."""
        self._residual.slipped()
        self._double_talk.forget()

    def _look(self, linear: Samples, *, early: int) -> bool:
        """Tell whether the echo has moved: seldom asked, as an answer costs some transforms."""
        self._left.append(linear)
        surprised, drift = self._double_talk.surprised, abs((self._tracker.delay or 0) - self._delay)
        self._wait = max(self._wait - 1, 0 if surprised else _FIRST)
        if self._wait or drift > _DRIFT:
            return False
        self._wait = _LOOK
        return has_moved(self._left.last(WINDOW), self._history.last(WINDOW, by=self._delay - early), delay=early)
