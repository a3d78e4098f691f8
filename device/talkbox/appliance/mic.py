"""
Whether the microphone is heard: a second machine beside ``state.py``, with the same rules.

Closed here means that zeros are sent (``set_mic_muted``); the capture device itself follows the session. Every
(state, input) pair is a row or is listed as ignored.
"""

from __future__ import annotations

from enum import StrEnum, auto


class Mic(StrEnum):
    """How the microphone stands, and what the button's release will make of it."""

    OPEN = auto()
    """Hands-free."""
    MUTED = auto()
    """Muted by the person. A promise: it outlives the session, and only the switch or a hold opens it."""
    HELD = auto()
    """Open while held, and hands-free afterwards."""
    HELD_MUTED = auto()
    """Open while held, and muted again afterwards."""
    TALKING = auto()
    """Hold-to-talk, button down."""
    WAITING = auto()
    """Hold-to-talk, button up: the agent's turn."""

    @property
    def open(self) -> bool:
        """Whether the agent hears the person now."""
        return self not in (Mic.MUTED, Mic.WAITING)

    @property
    def held(self) -> bool:
        """Whether it is open because the button is down: the person has the word."""
        return self in (Mic.HELD, Mic.HELD_MUTED, Mic.TALKING)


class MicInput(StrEnum):
    """Something that happened to the button, the encoder's switch, or the session."""

    TOGGLED = auto()
    """The encoder's switch was pushed."""
    PRESSED = auto()
    """The button went down, inside a session."""
    HELD = auto()
    """A press inside a session turned out to be a hold."""
    HELD_AT_START = auto()
    """The press that started the session turned out to be a hold."""
    RELEASED = auto()
    """The button came up after a hold."""
    ENDED = auto()
    """The session is over."""


M, On = Mic, MicInput

TRANSITIONS: dict[tuple[Mic, MicInput], Mic] = {
    # The switch closes an open microphone and opens a closed one, whatever the button does.
    (M.OPEN, On.TOGGLED): M.MUTED,
    (M.HELD, On.TOGGLED): M.MUTED,
    (M.HELD_MUTED, On.TOGGLED): M.MUTED,
    (M.TALKING, On.TOGGLED): M.MUTED,
    (M.MUTED, On.TOGGLED): M.OPEN,
    (M.WAITING, On.TOGGLED): M.OPEN,
    # Talking again opens on the edge: whoever presses begins to speak, and should it be a tap, the session ends anyway.
    # A muted microphone waits for the hold: a tap that ends the session must not let a word out.
    (M.WAITING, On.PRESSED): M.TALKING,
    (M.WAITING, On.HELD): M.TALKING,
    (M.WAITING, On.HELD_AT_START): M.TALKING,
    # A hold.
    (M.OPEN, On.HELD): M.HELD,
    (M.OPEN, On.HELD_AT_START): M.TALKING,
    (M.MUTED, On.HELD): M.HELD_MUTED,
    (M.MUTED, On.HELD_AT_START): M.HELD_MUTED,
    # Letting go.
    (M.HELD, On.RELEASED): M.OPEN,
    (M.HELD_MUTED, On.RELEASED): M.MUTED,
    (M.TALKING, On.RELEASED): M.WAITING,
    # A mute outlives the session, nothing else does.
    (M.HELD, On.ENDED): M.OPEN,
    (M.HELD_MUTED, On.ENDED): M.MUTED,
    (M.TALKING, On.ENDED): M.OPEN,
    (M.WAITING, On.ENDED): M.OPEN,
}

IGNORED: frozenset[tuple[Mic, MicInput]] = frozenset(
    # These outlive the session; and the release of a hold that the switch or the end of the session overtook.
    [(mic, i) for mic in (M.OPEN, M.MUTED) for i in (On.PRESSED, On.RELEASED, On.ENDED)]
    # Already held. TALKING since the edge meets its own HELD here.
    + [(mic, i) for mic in (M.HELD, M.HELD_MUTED, M.TALKING) for i in (On.PRESSED, On.HELD, On.HELD_AT_START)]
    + [(M.WAITING, On.RELEASED)]
)


def step(mic: Mic, happened: MicInput) -> Mic:
    """Return how the microphone stands next. Pure; decided for every pair."""
    if (mic, happened) in IGNORED:
        return mic
    return TRANSITIONS[mic, happened]
