"""The canceller at work: its back end is fed, its echo loss measured, the microphone muted where it fails. Pure."""

from __future__ import annotations

import numpy as np

from talkbox.audio.formats import Samples, peak
from talkbox.audio.gate import Gate

from .delay import LONGEST, DelayTracker
from .guard import Guard
from .headroom import Headroom
from .history import History
from .loss import LossMeter
from .nothing import Nothing
from .ports import BLOCK, RATE_HZ, Canceller

_SOUNDING = 33  # -60 dBFS: a peak below it is no speech
_LOUD, _SWALLOWED = 328, 200  # -40 dBFS; blocks, 2 s: who lets nothing of so much sound pass lets nothing pass
_CUE_REST = 10  # blocks: a cue that was cut short for the session, and what the card still held of it, are over by then
_RAMP = np.linspace(0, 1, BLOCK, endpoint=False, dtype=np.float32)


class EchoPath:
    """
    One back end, and what stands guard over it. Belongs to one thread; its properties anybody may read.

    Args:
        canceller: The back end.
        tracker: The delay tracker, which the back end may look at; fed here.
        guard: Decides on half duplex.
        headroom: Decides how loud the loudspeaker may be; `None`: one of its own.

    Attributes:
        described: The back end's name.
        delay_s: How much later a sound comes out than it went in.
        moves: How often the back end found the echo elsewhere, and nobody had told of a slip.
        failure: What the back end raised, or `None`. From then on it is done without, in half duplex.
    """

    def __init__(
        self, canceller: Canceller, *, tracker: DelayTracker, guard: Guard, headroom: Headroom | None = None
    ) -> None:
        self.described, self.delay_s = canceller.described, canceller.delay_s
        self._canceller, self._tracker, self._guard = canceller, tracker, guard
        self.failure: Exception | None = None
        self._meter, self._headroom = LossMeter(), headroom or Headroom()
        self._late = round(canceller.delay_s * RATE_HZ)
        self._history = History(longest=LONGEST + self._late)
        self._unheard = False  # whether the agent has not been heard yet in this session
        self._cue_rest = 0  # blocks in which a cue may still sound, and the agent cannot
        self._early = History(longest=self._late)
        self._gate = Gate()
        self._swallowed = 0  # loud blocks since anything passed
        self.moves = 0

    @property
    def summary(self) -> dict[str, object]:
        """What ``talkbox status`` says of it; levels in dB, `None` for a loss that is not known yet, moves counted."""
        return {
            "canceller": self.described,
            "half_duplex": self.half_duplex,
            "loss_db": None if self.loss_db is None else round(self.loss_db, 1),
            "ceiling_db": round(self.ceiling_db, 1),
            "moved": self.moves,
        }

    @property
    def half_duplex(self) -> bool:
        """Whether the microphone is muted while the agent speaks."""
        return self._guard.half_duplex

    @property
    def again(self) -> bool:
        """Whether full duplex is only being tried again, or was, in vain."""
        return self._guard.again

    @property
    def loss_db(self) -> float | None:
        """By how much the echo is weaker after the canceller than before; `None` until that could be measured."""
        return self._guard.loss_db

    @property
    def ceiling_db(self) -> float:
        """The highest peak in dBFS, -1 at most, that the loudspeaker may have for the microphone to stand its echo."""
        return self._headroom.ceiling_db

    def process(self, near: Samples, far: Samples) -> Samples:
        """
        Return what may be sent of ``near``: blocks as in `Canceller.process`.

        Zeros where half duplex forbids the microphone, after a fade of 3 ms, in which the reference is still ahead of
        its echo; the canceller goes on learning behind them.
        """
        self._tracker.feed(near, far)
        clean = self._clean(near, far)
        if self._canceller.moved:
            self.moves += 1
            self.slipped()
        delay = self._tracker.delay
        said = self._history.delayed(far, by=(delay or 0) + self._late)
        loss_db = self._meter.feed(near, clean, said)
        if loss_db is not None:
            self._headroom.learn(near_peak=self._meter.near_peak, far_peak=self._meter.far_peak)
            if delay is not None:
                self._guard.judge(loss_db)
        said_now = peak(far) > _SOUNDING
        self._watch(near, clean, said_now=said_now)
        sounding = self._cue_rest == 0 and said_now
        self._cue_rest = max(0, self._cue_rest - 1)
        if self._unheard:
            clean = self._as_it_was(near, clean, until=sounding)
        return self._gate.process(clean, shut=self._guard.mutes(sounding=sounding), rate_hz=RATE_HZ)

    def begin(self) -> None:
        """
        Take note that a session begins.

        Until the agent sounds there is no echo, and the microphone passes as it is: a canceller would take something
        of the user's first word. Nor is any of it muted, or from the session before.
        """
        self._unheard, self._cue_rest = True, _CUE_REST
        self._early, self._gate = History(longest=self._late), Gate()
        self._guard.begin()
        self.slipped()

    def slipped(self) -> None:
        """Take note that the card ran dry or over, or the echo has moved: it comes sooner or later than before."""
        if not self._unheard:  # or there is no echo yet that could be lost
            self._guard.slipped()
        self._tracker.lose()
        self._canceller.slipped()

    def _as_it_was(self, near: Samples, clean: Samples, *, until: bool) -> Samples:
        """Return ``near``, as late as ``clean``; with the agent's first block it goes over into that."""
        untouched = self._early.delayed(near, by=self._late)
        self._unheard = not until
        if self._unheard:
            return untouched
        faded: Samples = np.rint(untouched + _RAMP * (clean.astype(np.float32) - untouched)).astype(np.int16)
        return faded

    def _clean(self, near: Samples, far: Samples) -> Samples:
        try:
            return _block(self._canceller.process(near, far))
        except Exception as error:  # noqa: BLE001  a library of others, which a conversation can do without
            self._do_without(error)
            return near

    def _watch(self, near: Samples, clean: Samples, *, said_now: bool) -> None:
        """Do without a back end that lets nothing pass where there is no echo: the device would be deaf."""
        if said_now or clean.any():
            self._swallowed = 0
        elif peak(near) > _LOUD:
            self._swallowed += 1
            if self._swallowed > _SWALLOWED:
                self._do_without(RuntimeError("nothing passes it, with the agent silent"))

    def _do_without(self, why: Exception) -> None:
        self.failure = why
        self._canceller, self._guard = Nothing(described="half duplex"), Guard(always=True)
        self.described, self.delay_s, self._late = self._canceller.described, 0.0, 0


def _block(clean: Samples) -> Samples:
    """Return what a back end gave, if it is what it has promised: what is not would be sent, or kill the thread."""
    if clean.shape != (BLOCK,) or clean.dtype != np.int16:
        raise TypeError(f"{clean.dtype} of shape {clean.shape} instead of {BLOCK} samples of int16")
    return clean
