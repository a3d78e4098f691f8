"""What the loudspeaker says, for the thread that listens: written by one, taken by the other, each at its own time."""

from __future__ import annotations

from threading import Lock

import numpy as np

from talkbox.audio.formats import Samples
from talkbox.audio.resample import Resampler

from .ports import RATE_HZ

_KEPT = 2 * RATE_HZ  # samples: what a stalled thread may come back to
_LEAD = RATE_HZ * 5 // 1000  # the reference is so much ahead of its sound: an echo must not come before it
_WATCHED = 100  # takings, a second and more of them, in which the lead is looked at
_LEAST_LEAD = RATE_HZ // 1000


class Reference:
    """
    Samples that were written to the card, and where on the card's own count the loudspeaker is.

    The taker is put where the loudspeaker is, once; from then on it goes on by as many samples as the microphone
    delivers: both directions run by one clock. Only where that fails, because a card ran dry or over or the clocks are
    two, is it put there anew.
    """

    def __init__(self) -> None:
        self._rate_hz = RATE_HZ
        self._resampler = Resampler(from_hz=RATE_HZ, to_hz=RATE_HZ)
        self._lock = Lock()  # held for what follows
        self._samples: Samples = np.zeros(_KEPT, np.int16)  # a ring: the n-th sample is at n modulo its length
        self._written = 0
        self._heard, self._heard_s = 0.0, 0.0  # a sample's number, and when it was heard
        self._next: int | None = None  # to be taken
        self._lead, self._takings = -_KEPT, 0
        self._audible = True

    @property
    def audible(self) -> bool:
        """Whether there is a card to play what is written. Any thread's; while it is not, silence is taken."""
        return self._audible

    @audible.setter
    def audible(self, here: bool) -> None:
        with self._lock:
            if here != self._audible:
                self._audible, self._next = here, None

    def opened(self, *, rate_hz: int) -> None:
        """Begin anew, with a card at ``rate_hz``. The playback thread's."""
        self._rate_hz = rate_hz
        self._resampler = Resampler(from_hz=rate_hz, to_hz=RATE_HZ)
        with self._lock:
            self._samples[:] = 0
            self._written, self._heard, self._next = 0, 0.0, None

    def write(self, samples: Samples) -> None:
        """Append what was written to the card, at its rate. The playback thread's."""
        fresh = self._resampler.process(samples)
        with self._lock:
            while len(fresh):
                at = self._written % _KEPT
                count = min(len(fresh), _KEPT - at)  # up to the ring's end at most
                self._samples[at : at + count] = fresh[:count]
                self._written, fresh = self._written + count, fresh[count:]

    def heard(self, frame: int, *, now_s: float) -> None:
        """Take note that the loudspeaker has played everything before ``frame``, counted since `opened`."""
        with self._lock:
            self._heard, self._heard_s = frame * RATE_HZ / self._rate_hz, now_s

    def take(self, count: int, *, now_s: float) -> tuple[Samples, bool]:
        """
        Return the samples that belong to the last ``count`` of the microphone, and whether they follow those before.

        The capture thread's. They are a constant time ahead of their sound, 5 ms or a little more.
        """
        with self._lock:
            sounding = self._heard + (now_s - self._heard_s) * RATE_HZ
            follows = self._next is not None and self._is_well(self._next + count, sounding)
            if not follows:
                self._next = round(sounding) + _LEAD - count
                self._lead, self._takings = -_KEPT, 0
            first = self._next or 0
            self._next = first + count
            return self._between(first, first + count), follows

    def lose(self) -> None:
        """Take note of a slip: the next `take` looks where the loudspeaker is."""
        with self._lock:
            self._next = None

    def _is_well(self, end: int, sounding: float) -> bool:
        """Tell whether the samples up to ``end`` can be had, and are still ahead of their sound."""
        if end > self._written or end <= self._written - _KEPT:
            return False
        self._lead = max(self._lead, int(end - sounding))  # a taker who is late sees less of it than there is
        self._takings += 1
        if self._takings < _WATCHED:
            return True
        well = self._lead >= _LEAST_LEAD
        self._lead, self._takings = -_KEPT, 0
        return well

    def _between(self, first: int, end: int) -> Samples:
        """Return what was written from ``first`` to ``end``, and silence where that is not at hand."""
        taken = np.zeros(end - first, np.int16)
        if self._audible:
            here, until = max(first, 0, self._written - _KEPT), min(end, self._written)
            while here < until:
                at = here % _KEPT
                count = min(until - here, _KEPT - at)  # up to the ring's end at most
                taken[here - first : here - first + count] = self._samples[at : at + count]
                here += count
        return taken
