"""
What the appliance does next: a table, and the one function that reads it.

Rule 1: every state change of the appliance is a row of `TRANSITIONS`.
Rule 2: every (state, input) pair is decided, here, by a row or by `IGNORED`; ``tests/appliance/test_state.py`` fails
when one is not.
Rule 3: effects are values. Only ``orchestrator.py`` performs them, in the order of the row, after the new state's light
is latched.
Rule 4: a session reports its end exactly once (`Input.CLOSED`, `FAILED` or `UNREACHABLE`), after its devices are
closed. Nothing else leads from a session to rest, so a dark light means a closed microphone.

Reconnecting and the watch over network and board come later: nothing sends `DROPPED`, `WENT_OFFLINE` or `BROKE` yet,
so `RECONNECTING`, `OFFLINE` and `FAULT` are never entered. How they are left is decided here all the same.
"""

from __future__ import annotations

from enum import StrEnum, auto


class State(StrEnum):
    """What a person would say the device is doing. The values are the names in ``talkbox status``."""

    IDLE = auto()
    """Nothing; the microphone is physically closed."""
    CONNECTING = auto()
    """A session is being set up; the microphone already records into the pre-roll."""
    LISTENING = auto()
    SPEAKING = auto()
    ENDING = auto()
    """The session is on its way out; its devices may still be open."""
    RECONNECTING = auto()
    """The connection broke, the session is being taken up again."""
    OFFLINE = auto()
    """At rest, and there is no network. A press tries all the same."""
    FAULT = auto()
    """At rest, and the board is broken. A press tries all the same."""


class Input(StrEnum):
    """Something that happened: to the button, the session, a clock, or the world."""

    PRESSED = auto()
    """The button went down. Sent on the edge: whether it is a tap or a hold is not known yet."""
    TAPPED = auto()
    """A short press that began inside a session is over. The press that *starts* a session never sends it."""
    RELEASED = auto()
    """The button came up after a hold: the person has finished speaking."""
    LONG_HELD = auto()
    """The button has been down for so long that it asks for power off. Sent only where that is enabled."""

    CONNECTED = auto()
    """The session stands."""
    AGENT_SPEAKS = auto()
    AGENT_DONE = auto()
    DROPPED = auto()
    """The connection broke and will be made again."""
    CLOSED = auto()
    """The session is over, in good order: we, the agent or the service ended it."""
    FAILED = auto()
    """The session is over: refused, timed out, broken off, or its sound card is gone."""
    UNREACHABLE = auto()
    """The session is over: there is no way to the service."""

    EXPIRED = auto()
    """One of the limits on a forgotten session (``limits.py``) was reached."""
    STOP = auto()
    """The program was asked to end."""

    WENT_OFFLINE = auto()
    CAME_ONLINE = auto()
    BROKE = auto()
    """The board does not work: no card, no codec."""
    MENDED = auto()


class Effect(StrEnum):
    """Something the orchestrator must do. Order within a row matters."""

    START_SESSION = auto()
    """Open the devices, then connect; answer with CONNECTED, CLOSED, FAILED or UNREACHABLE."""
    END_SESSION = auto()
    """End the session, also one that is still connecting; answer with CLOSED or FAILED. Devices are closed by then."""
    SILENCE_AGENT = auto()
    """Fade out what the agent is saying, and discard what it sends until it has heard the person."""
    EXPECT_AGENT = auto()
    """The person has finished: 5 s from now at the latest, discard nothing any more."""
    CUE_END = auto()
    CUE_ERROR = auto()
    CUE_OFFLINE = auto()
    POWER_OFF = auto()
    """Shut the Pi down safely."""


S, On, E = State, Input, Effect

AT_REST = frozenset({S.IDLE, S.OFFLINE, S.FAULT})
"""No session; a press starts one. The microphone is closed."""

IN_SESSION = frozenset({S.CONNECTING, S.LISTENING, S.SPEAKING, S.RECONNECTING})
"""A session that a tap would end. `ENDING` is neither: a press there waits (``press.py``)."""

TRANSITIONS: dict[tuple[State, Input], tuple[State, tuple[Effect, ...]]] = {
    # At rest.
    (S.IDLE, On.PRESSED): (S.CONNECTING, (E.START_SESSION,)),
    (S.IDLE, On.LONG_HELD): (S.IDLE, (E.POWER_OFF,)),
    (S.IDLE, On.WENT_OFFLINE): (S.OFFLINE, ()),
    (S.IDLE, On.BROKE): (S.FAULT, ()),
    # The microphone is open, nobody answers yet.
    (S.CONNECTING, On.CONNECTED): (S.LISTENING, ()),
    # Its first word may overtake the news that the session stands.
    (S.CONNECTING, On.AGENT_SPEAKS): (S.SPEAKING, ()),
    (S.CONNECTING, On.TAPPED): (S.ENDING, (E.END_SESSION,)),
    (S.CONNECTING, On.STOP): (S.ENDING, (E.END_SESSION,)),
    (S.CONNECTING, On.LONG_HELD): (S.ENDING, (E.END_SESSION, E.POWER_OFF)),
    # Nobody asked for the end of what had not begun: that is an error to the person who pressed.
    (S.CONNECTING, On.CLOSED): (S.IDLE, (E.CUE_ERROR,)),
    (S.CONNECTING, On.FAILED): (S.IDLE, (E.CUE_ERROR,)),
    (S.CONNECTING, On.UNREACHABLE): (S.IDLE, (E.CUE_OFFLINE,)),
    # The person's turn. A press silences the agent here too: its answer may be on its way.
    (S.LISTENING, On.PRESSED): (S.LISTENING, (E.SILENCE_AGENT,)),
    (S.LISTENING, On.RELEASED): (S.LISTENING, (E.EXPECT_AGENT,)),
    (S.LISTENING, On.AGENT_SPEAKS): (S.SPEAKING, ()),
    (S.LISTENING, On.TAPPED): (S.ENDING, (E.END_SESSION,)),
    (S.LISTENING, On.EXPIRED): (S.ENDING, (E.END_SESSION,)),
    (S.LISTENING, On.STOP): (S.ENDING, (E.END_SESSION,)),
    (S.LISTENING, On.LONG_HELD): (S.ENDING, (E.END_SESSION, E.POWER_OFF)),
    (S.LISTENING, On.DROPPED): (S.RECONNECTING, ()),
    (S.LISTENING, On.CLOSED): (S.IDLE, (E.CUE_END,)),
    (S.LISTENING, On.FAILED): (S.IDLE, (E.CUE_ERROR,)),
    (S.LISTENING, On.UNREACHABLE): (S.IDLE, (E.CUE_OFFLINE,)),
    # The agent's turn. The light follows the finger at once; the AGENT_DONE that this brings about is then old news.
    (S.SPEAKING, On.PRESSED): (S.LISTENING, (E.SILENCE_AGENT,)),
    (S.SPEAKING, On.RELEASED): (S.SPEAKING, (E.EXPECT_AGENT,)),
    (S.SPEAKING, On.AGENT_DONE): (S.LISTENING, ()),
    (S.SPEAKING, On.TAPPED): (S.ENDING, (E.END_SESSION,)),
    (S.SPEAKING, On.EXPIRED): (S.ENDING, (E.END_SESSION,)),
    (S.SPEAKING, On.STOP): (S.ENDING, (E.END_SESSION,)),
    (S.SPEAKING, On.LONG_HELD): (S.ENDING, (E.END_SESSION, E.POWER_OFF)),
    (S.SPEAKING, On.DROPPED): (S.RECONNECTING, ()),
    (S.SPEAKING, On.CLOSED): (S.IDLE, (E.CUE_END,)),
    (S.SPEAKING, On.FAILED): (S.IDLE, (E.CUE_ERROR,)),
    (S.SPEAKING, On.UNREACHABLE): (S.IDLE, (E.CUE_OFFLINE,)),
    # On the way out. However the end comes about once it was asked for, it is the end that was asked for.
    (S.ENDING, On.CLOSED): (S.IDLE, (E.CUE_END,)),
    (S.ENDING, On.FAILED): (S.IDLE, (E.CUE_END,)),
    (S.ENDING, On.UNREACHABLE): (S.IDLE, (E.CUE_END,)),
    (S.ENDING, On.LONG_HELD): (S.ENDING, (E.POWER_OFF,)),
    # Taken up again, or given up.
    (S.RECONNECTING, On.CONNECTED): (S.LISTENING, ()),
    (S.RECONNECTING, On.TAPPED): (S.ENDING, (E.END_SESSION,)),
    (S.RECONNECTING, On.EXPIRED): (S.ENDING, (E.END_SESSION,)),
    (S.RECONNECTING, On.STOP): (S.ENDING, (E.END_SESSION,)),
    (S.RECONNECTING, On.LONG_HELD): (S.ENDING, (E.END_SESSION, E.POWER_OFF)),
    (S.RECONNECTING, On.CLOSED): (S.IDLE, (E.CUE_END,)),
    (S.RECONNECTING, On.FAILED): (S.IDLE, (E.CUE_ERROR,)),
    (S.RECONNECTING, On.UNREACHABLE): (S.IDLE, (E.CUE_OFFLINE,)),
    # At rest without a network.
    (S.OFFLINE, On.PRESSED): (S.CONNECTING, (E.START_SESSION,)),
    (S.OFFLINE, On.LONG_HELD): (S.OFFLINE, (E.POWER_OFF,)),
    (S.OFFLINE, On.CAME_ONLINE): (S.IDLE, ()),
    (S.OFFLINE, On.BROKE): (S.FAULT, ()),
    # At rest with a broken board.
    (S.FAULT, On.PRESSED): (S.CONNECTING, (E.START_SESSION,)),
    (S.FAULT, On.LONG_HELD): (S.FAULT, (E.POWER_OFF,)),
    (S.FAULT, On.MENDED): (S.IDLE, ()),
}

_OF_A_SESSION = (
    On.CONNECTED,
    On.AGENT_SPEAKS,
    On.AGENT_DONE,
    On.DROPPED,
    On.CLOSED,
    On.FAILED,
    On.UNREACHABLE,
    On.EXPIRED,
)
_OF_THE_WORLD = (On.WENT_OFFLINE, On.CAME_ONLINE, On.BROKE, On.MENDED)

IGNORED: frozenset[tuple[State, Input]] = frozenset(
    # Late news from a session that is over; the end of a press that began in it; STOP has nothing to end.
    [(state, i) for state in AT_REST for i in (*_OF_A_SESSION, On.TAPPED, On.RELEASED, On.STOP)]
    # It is as it was; and a broken board outweighs the network.
    + [(S.IDLE, On.CAME_ONLINE), (S.IDLE, On.MENDED)]
    + [(S.OFFLINE, On.WENT_OFFLINE), (S.OFFLINE, On.MENDED)]
    + [(S.FAULT, On.WENT_OFFLINE), (S.FAULT, On.CAME_ONLINE), (S.FAULT, On.BROKE)]
    # What the world does to a session, the session reports itself: as FAILED or UNREACHABLE.
    + [(state, i) for state in (*IN_SESSION, S.ENDING) for i in _OF_THE_WORLD]
    # There is no agent to silence or to expect yet; the limits count from CONNECTED; a connection that breaks before
    # it stands is FAILED.
    + [(S.CONNECTING, i) for i in (On.PRESSED, On.RELEASED, On.AGENT_DONE, On.DROPPED, On.EXPIRED)]
    + [(S.RECONNECTING, i) for i in (On.PRESSED, On.RELEASED, On.AGENT_SPEAKS, On.AGENT_DONE, On.DROPPED)]
    # Repeats.
    + [(S.LISTENING, On.CONNECTED), (S.LISTENING, On.AGENT_DONE)]
    + [(S.SPEAKING, On.CONNECTED), (S.SPEAKING, On.AGENT_SPEAKS)]
    # Whatever it was about, the session is ending. A second tap here is a person making sure that it does, not a wish
    # for another session; a finger that is still down when the end has come starts one (``press.py``).
    + [(S.ENDING, i) for i in (On.PRESSED, On.TAPPED, On.RELEASED, On.STOP)]
    + [(S.ENDING, i) for i in (On.CONNECTED, On.AGENT_SPEAKS, On.AGENT_DONE, On.DROPPED, On.EXPIRED)]
)


def step(state: State, happened: Input) -> tuple[State, tuple[Effect, ...]]:
    """Return the next state, and what to do on the way, in order. Pure; decided for every pair."""
    if (state, happened) in IGNORED:
        return state, ()
    return TRANSITIONS[state, happened]
