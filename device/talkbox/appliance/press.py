"""
What the press that is down now means to the two tables. Pure.

The same gesture says different things: a tap that starts a session leaves it running, a tap inside one ends it. What
decides is where the press *began*, and that is all this module remembers.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from talkbox.controls.gestures import Gesture

from .mic import MicInput
from .state import AT_REST, IN_SESSION, Input, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What to feed to the tables: ``state`` first, then ``mic``; `None` where there is nothing."""

    state: Input | None = None
    mic: MicInput | None = None


class _Began(Enum):
    AT_REST = auto()
    IN_SESSION = auto()
    ENDING = auto()
    ENDING_AND_HELD = auto()


NOTHING = Meaning()


class Press:
    """One button's presses, one after the other. The caller brings the appliance's state at the time."""

    def __init__(self) -> None:
        self._began: _Began | None = None

    def take(self, gesture: Gesture, *, state: State) -> Meaning:
        """Return what ``gesture`` means while the appliance is in ``state``."""
        match gesture:
            case Gesture.PRESSED:
                return self._pressed(state)
            case Gesture.LONG_HELD:
                return Meaning(state=Input.LONG_HELD)
            case Gesture.HELD if self._began is _Began.ENDING:
                self._began = _Began.ENDING_AND_HELD
                return NOTHING
            case Gesture.HELD:
                return self._held(state)
            case _:
                began, self._began = self._began, None
                return _up(gesture, began)

    def rested(self) -> Meaning:
        """
        Say that the session is over and the appliance at rest again. Call it on entering IDLE.

        Returns:
            What the finger that came down during ENDING, and is still down, has been waiting to say.
        """
        match self._began:
            case _Began.ENDING:
                mic = None
            case _Began.ENDING_AND_HELD:
                mic = MicInput.HELD_AT_START
            case _:
                return NOTHING
        self._began = _Began.AT_REST
        return Meaning(state=Input.PRESSED, mic=mic)

    def _pressed(self, state: State) -> Meaning:
        if state in AT_REST:
            self._began = _Began.AT_REST
            return Meaning(state=Input.PRESSED)
        if state in IN_SESSION:
            self._began = _Began.IN_SESSION
            return Meaning(state=Input.PRESSED, mic=MicInput.PRESSED)
        self._began = _Began.ENDING
        return NOTHING

    def _held(self, state: State) -> Meaning:
        # A session that failed before the hold was one took its end to the microphone already: nothing would take
        # back what a hold did after it.
        if self._began is None or state not in IN_SESSION:
            return NOTHING
        return Meaning(mic=MicInput.HELD_AT_START if self._began is _Began.AT_REST else MicInput.HELD)


def _up(gesture: Gesture, began: _Began | None) -> Meaning:
    if began is None or began in (_Began.ENDING, _Began.ENDING_AND_HELD):
        return NOTHING
    if gesture is Gesture.RELEASED:
        return Meaning(state=Input.RELEASED, mic=MicInput.RELEASED)
    return Meaning(state=Input.TAPPED) if began is _Began.IN_SESSION else NOTHING
