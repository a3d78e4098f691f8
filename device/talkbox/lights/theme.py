"""
What the lights say: the one table a designer edits. `make lights` draws it.

Three rules, kept by ``tests/lights/test_theme.py``. A look in which the microphone may be open is never dark. No two
looks differ by color alone: their motion, or which LEDs are lit, tells them apart for those who do not see the color.
And trouble is a number: so many blinks mean the same thing in a moment's notice as in a look that stays.
"""

from __future__ import annotations

import math
from enum import StrEnum, auto

from .patterns import DARK, Pattern, Rgb, bar, blink, bloom, dim, fade, fill, framed, glow, middle, solid, travel

WHITE: Rgb = (200, 190, 170)
GREEN: Rgb = (0, 220, 50)
BLUE: Rgb = (10, 80, 255)
VIOLET: Rgb = (100, 10, 255)
AMBER: Rgb = (255, 85, 0)
RED: Rgb = (255, 0, 0)


class Look(StrEnum):
    """What there is to be shown for as long as it lasts: the appliance's states, by their names, and three more."""

    IDLE = auto()
    CONNECTING = auto()
    LISTENING = auto()
    WAITING = auto()
    """Listening in hold-to-talk, with the button up: the microphone is muted until it is held again."""
    SPEAKING = auto()
    DEAF = auto()
    """In a session whose sound card was lost, and is waited for."""
    ENDING = auto()
    RECONNECTING = auto()
    OFFLINE = auto()
    FAULT = auto()
    UPDATING = auto()
    """New software is being installed: do not pull the plug."""


class Notice(StrEnum):
    """What there is to be shown for a moment, over a look."""

    VOLUME = auto()
    MUTED = auto()
    UNMUTED = auto()
    NETWORK = auto()
    """There is no way to the service, or it was lost."""
    REFUSED = auto()
    """The service said no: the agent, the key, or the plan."""
    SOUND_CARD = auto()
    """The sound card is missing, busy, or gone."""
    SERVICE = auto()
    """The service failed; and whatever else has no number of its own."""


def _code(color: Rgb, blinks: int, *, rounds: float = 2) -> Pattern:
    """So many blinks, slow enough to be counted, and once more."""
    return blink(color, times=blinks, on_s=0.2, off_s=0.3, pause_s=0.8, rounds=rounds)


THEME: dict[Look | Notice, Pattern] = {
    # The states. Level: the microphone's while listening, the agent's while speaking.
    Look.IDLE: solid(DARK),
    Look.CONNECTING: travel(WHITE, floor=0.03, period_s=1.2),
    Look.LISTENING: glow(GREEN, floor=0.25),
    Look.WAITING: middle(GREEN),
    Look.SPEAKING: bloom(BLUE, floor=0.03, period_s=2.4),
    # Four blinks between two ends that stay on: the microphone may be back at any moment.
    Look.DEAF: framed(blink(RED, times=4, on_s=0.2, off_s=0.3, pause_s=2.0, rounds=math.inf), dim(RED, 0.35)),
    Look.ENDING: fade(WHITE, floor=0.25, over_s=0.6),
    Look.RECONNECTING: travel(AMBER, floor=0.03, period_s=2.4),
    Look.OFFLINE: blink(AMBER, times=2, on_s=0.2, off_s=0.3, pause_s=4.0, rounds=math.inf),
    Look.FAULT: blink(RED, times=4, on_s=0.2, off_s=0.3, pause_s=2.0, rounds=math.inf),
    Look.UPDATING: fill(VIOLET, floor=0.03, period_s=2.4),
    # What a hand did. Level: the volume.
    Notice.VOLUME: bar(WHITE, floor=0.03),
    Notice.MUTED: framed(solid(DARK), RED),
    Notice.UNMUTED: framed(solid(DARK), GREEN),
    # What went wrong: count the blinks.
    Notice.NETWORK: _code(AMBER, 2),
    Notice.REFUSED: _code(RED, 3),
    Notice.SOUND_CARD: _code(RED, 4),
    Notice.SERVICE: _code(RED, 5),
}

MUTE_COLOR: Rgb = RED
"""At the ends of the row, over every look of a session, while the person has muted the microphone."""

NOTICE_S = 1.5
"""How long a notice that stands still is shown; one that moves is shown to its end."""

_WITHOUT_MUTE = frozenset({Look.IDLE, Look.OFFLINE, Look.FAULT, Look.UPDATING})  # a closed microphone: nothing to mute


def for_look(look: Look, *, muted: bool = False) -> Pattern:
    """Return the pattern for ``look``; ``muted`` is the person's own mute, not the pause of hold-to-talk."""
    pattern = THEME[look]
    return framed(pattern, MUTE_COLOR) if muted and look not in _WITHOUT_MUTE else pattern


def stays_s(notice: Notice) -> float:
    """Return for how long ``notice`` is to be shown, in seconds."""
    return max(NOTICE_S, THEME[notice].moves_for_s)
