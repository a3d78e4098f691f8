"""A user who speaks over the agent: when one does, and then his voice whole. Pure."""

from __future__ import annotations

from math import log10

import numpy as np

from talkbox.audio.formats import Samples, Signal

from .ports import BLOCK
from .surplus import surplus

_SMOOTH = 0.8  # of a level from one block to the next
_SLOWLY, _ALIKE = 0.9, 0.3  # by so much resembles what a wrong filter leaves what it took away; no user does
_HELD = 0.93  # the echo's level falls no faster: a room's does not
_AUDIBLE, _GONE = 50.0**2, 30.0**2  # -56 and -61 dBFS: an echo that is to be reckoned with; one that is not any more
_FADING = 0.1  # of the echo's level, in power: less is the end of a sound
_BEST_DB, _WORST_DB = -25.0, 0.0  # between these the filter's leak is believed
_FALL_DB, _RISE_DB = 0.06, 0.03  # of the leak, a block
_LOST_DB, _LOST = -4.0, 10  # the filter leaves so much for so many blocks: and of such a kind: it is wrong
_WEAKER = 0.5  # the filter's output over the echo, in power: above that, nobody needs to be brought back
_PASSED = 0.4  # of the filter's output, in power, that passed the suppressor: it heard more than an echo
_STEEP, _ABOVE_DB = 1.3, 15.0  # the more a filter leaks, the further a user must stand above it
_MOST_ABOVE = 2.0  # times the echo: where the filter is wrong, no more than that is asked of a user
_LEAST_PASS = 0.03  # of what is no user's: -30 dB
_KEPT = 60  # blocks for which he is still believed to speak: a pause between words
_TRUSTED_DB = -24.5  # a filter that leaks so little may be asked by itself whether somebody begins to speak
_FOREIGN = 10 ** (-18 / 10)  # so much, of the echo's power, is where no echo was: somebody does
_LEAST_REST = 10 ** (-14 / 10)  # a softer rest, of the echo, is no beginning: it is looked at no further
_SURMISED = 30  # blocks in which the suppressor must hear him, too
_DOUBT_DB = 10.0  # by so much less is a filter trusted that saw somebody where nobody was
_GOOD_DB = -18.0  # a good filter leaks no more
_MUCH = 10 ** (-8 / 10)  # of the echo, in power: a good filter leaves so much only if something has happened
_SURPRISE = 60  # blocks of it, since it last left less: then it is a user
_RAMP = np.linspace(0, 1, BLOCK, endpoint=False, dtype=np.float32)


class DoubleTalk:
    """
    Tell a user from what is left of the echo, and give the linear filter's output in the place of the suppressor's.

    AEC3 tears holes into whoever sounds together with the agent; the linear filter does not, but lets some echo pass.
    So AEC3 is the detector and the filter the voice: if what passes AEC3 is much more than the filter has leaked of
    late, relative to the echo that it took away, then somebody speaks. If it is not, it is echo, and is made softer: by
    as many decibels as it lacks to be somebody, 30 at most.

    AEC3 takes a tenth of a second and more to let a user pass, and his first sound would be lost. So a filter that has
    proved itself is believed at once when it leaves what no echo explains (`surplus`), for as long as AEC3 needs to
    agree. If that does not, the filter was wrong, and has to prove itself anew.

    Args:
        late: How many samples the suppressor's output is behind the microphone.

    Attributes:
        surprised: Whether a good filter leaves much, for 0.6 s at most: somebody speaks, or the echo has moved.
    """

    def __init__(self, *, late: int) -> None:
        self._early = np.zeros((2, late + BLOCK), np.float32)  # the echo that was taken away, and what was left
        self._signals = np.zeros((3, BLOCK), np.float32)  # the same, as late as what passed, and that
        self._echo = self._left = self._clean = 1.0  # powers, smoothed
        self._cross = self._echo_slow = self._left_slow = 0.0  # echo times rest, and their powers, over 0.1 s
        self._leak_db = _WORST_DB
        self._lost = 0  # blocks in which the filter took nothing away
        self._talks = 0  # blocks for which the user is still believed to speak
        self._surmised = False  # whether that is the filter's word alone
        self.surprised = False
        self._surprises = 0  # blocks in which it still may be
        self._share = 0.0  # of the filter's output
        self._passes = 1.0  # of the suppressor's, where it is no user's

    def process(self, near: Samples, linear: Samples, clean: Samples) -> Samples:
        """
        Return ``clean``; where a user speaks over the agent, ``linear`` as late as that; of the agent alone, less.

        Args:
            near: The microphone.
            linear: What the linear filter made of it; the same while it rests.
            clean: What the suppressor made of that, `late` samples later.
        """
        early = self._early
        early[:, :-BLOCK] = early[:, BLOCK:]
        early[0, -BLOCK:], early[1, -BLOCK:] = near, linear
        early[0, -BLOCK:] -= early[1, -BLOCK:]
        voice, signals = early[1, :BLOCK], self._signals
        signals[:2], signals[2] = early[:, :BLOCK], clean
        (echo, cross, _), (_, left, _), (_, _, said) = ((signals @ signals.T) / BLOCK).tolist()
        self._cross = _SLOWLY * self._cross + cross
        self._echo_slow, self._left_slow = _SLOWLY * self._echo_slow + echo, _SLOWLY * self._left_slow + left
        self._echo = max(_SMOOTH * self._echo + (1 - _SMOOTH) * echo, _HELD * self._echo, 1.0)
        self._left = max(_SMOOTH * self._left + (1 - _SMOOTH) * left, 1.0)
        self._clean = max(_SMOOTH * self._clean + (1 - _SMOOTH) * said, 1.0)
        self._talks = max(0, self._talks - 1)
        self._watch()
        passes = self._judge(sounding=echo > _FADING * self._echo) if self._echo > _AUDIBLE else 1.0
        passed = signals[2]
        mixed = self._mixed(passed, voice, share=float(self._talks > 0 and self._echo > _GONE), passes=passes)
        return clean if mixed is passed else np.rint(mixed).astype(np.int16)

    def forget(self) -> None:
        """Take note that the stream has slipped: how much the filter leaks has to be seen anew."""
        self._leak_db, self._surprises = _WORST_DB, 0

    def _watch(self) -> None:
        """Notice that a good filter leaves much."""
        much = self._left > _MUCH * self._echo
        if not much and self._leak_db < _GOOD_DB:
            self._surprises = _SURPRISE
        self.surprised = much and self._surprises > 0 and self._echo > _AUDIBLE
        if self.surprised:
            self._surprises -= 1

    def _judge(self, *, sounding: bool) -> float:
        """
        Decide whether a user speaks; return how much of the suppressor's output passes, 0 to 1.

        Args:
            sounding: Whether there is an echo right now, and not only was one: then the filter shows what it leaks.
        """
        passed = self._clean > _PASSED * self._left
        self._learn(passed=passed, sounding=sounding)
        above = 10 ** ((_STEEP * self._leak_db + _ABOVE_DB) / 10)
        if self._left < _WEAKER * self._echo:
            if passed and self._clean > above * self._echo:
                self._talks, self._surmised = _KEPT, False
            elif self._leak_db < _TRUSTED_DB and not self._talks and self._begins():
                self._talks, self._surmised = _SURMISED, True
        if self._talks:
            return 1.0
        return min(1.0, max(_LEAST_PASS, self._clean / (min(above, _MOST_ABOVE) * self._echo)))

    def _learn(self, *, passed: bool, sounding: bool) -> None:
        """Follow how much the filter leaks, and notice when it is lost."""
        left_db = 10 * log10(self._left / self._echo)
        alike = self._cross**2 > _ALIKE**2 * self._echo_slow * self._left_slow
        self._lost = self._lost + 1 if left_db > _LOST_DB and alike else 0
        if self._lost > _LOST:
            self._leak_db, self._talks = max(self._leak_db, left_db), 0
        elif sounding and left_db < self._leak_db:
            self._leak_db -= _FALL_DB
        elif sounding and not (passed or self._talks):
            self._leak_db += _RISE_DB
        if self._surmised and not self._talks:
            self._surmised = False
            self._leak_db += _DOUBT_DB if sounding else 0.0
        self._leak_db = min(_WORST_DB, max(_BEST_DB, self._leak_db))

    def _begins(self) -> bool:
        """Tell whether the newest samples, which the suppressor has not given out yet, hold what is no echo."""
        left = self._early[1]
        if float(left @ left) < _LEAST_REST * self._echo * len(left):  # nearly always, and cheap
            return False
        return surplus(self._early, echo=self._echo) > _FOREIGN

    def _mixed(self, clean: Signal, voice: Signal, *, share: float, passes: float) -> Signal:
        before, self._share = self._share, share
        passed, self._passes = self._passes, passes
        if before == share == 1.0:
            return voice
        softer = clean if passed == passes == 1.0 else clean * _between(passed, passes)
        return softer if before == share else softer + _between(before, share) * (voice - softer)


def _between(old: float, new: float) -> Signal | float:
    """Return a way from one to the other over a block."""
    return old if old == new else np.float32(old) + np.float32(new - old) * _RAMP
