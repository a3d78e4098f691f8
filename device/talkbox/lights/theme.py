"""
What the lights say: the one table a designer edits.

Two rules, kept by ``tests/lights/test_theme.py``. A look in which the microphone may be open is never dark. No two
looks differ by color alone: their motion, or which LEDs are lit, tells them apart for those who do not see the color.
"""

from __future__ import annotations

from enum import StrEnum, auto

from .patterns import DARK, Pattern, Rgb, bar, blink, bloom, fade, framed, glow, middle, solid, travel

WHITE: Rgb = (190, 190, 200)
GREEN: Rgb = (0, 190, 120)
BLUE: Rgb = (40, 120, 255)
AMBER: Rgb = (240, 140, 0)
RED: Rgb = (255, 30, 0)


class Look(StrEnum):
    """What there is to be shown for as long as it lasts: the appliance's states, by their names, and one more."""

    IDLE = auto()
    CONNECTING = auto()
    LISTENING = auto()
    WAITING = auto()
    """Listening in hold-to-talk, with the button up: the microphone is muted until it is held again."""
    SPEAKING = auto()
    ENDING = auto()
    RECONNECTING = auto()
    OFFLINE = auto()
    FAULT = auto()


class Notice(StrEnum):
    """What there is to be shown for a moment, over a look."""

    ERROR = auto()
    OFFLINE = auto()
    MUTED = auto()
    UNMUTED = auto()


LOOKS: dict[Look, Pattern] = {
    Look.IDLE: solid(DARK),
    Look.CONNECTING: travel(WHITE, floor=0.08, period_s=1.2),
    Look.LISTENING: glow(GREEN, floor=0.35),
    Look.WAITING: middle(GREEN),
    Look.SPEAKING: bloom(BLUE, floor=0.08, period_s=2.4),
    Look.ENDING: fade(WHITE, floor=0.06, over_s=0.6),
    Look.RECONNECTING: travel(AMBER, floor=0.08, period_s=2.4),
    Look.OFFLINE: blink(AMBER, times=1, on_s=0.25, off_s=0.25, every_s=4.0),
    Look.FAULT: blink(RED, times=3, on_s=0.15, off_s=0.2, every_s=4.0),
}

NOTICES: dict[Notice, Pattern] = {
    Notice.ERROR: blink(RED, times=2, on_s=0.25, off_s=0.2),
    Notice.OFFLINE: blink(AMBER, times=3, on_s=0.15, off_s=0.15),
    Notice.MUTED: framed(solid(DARK), RED),
    Notice.UNMUTED: framed(solid(DARK), GREEN),
}

MUTE_COLOR: Rgb = RED
"""At the ends of the row, over every look of a session, while the person has muted the microphone."""

VOLUME_COLOR: Rgb = WHITE
VOLUME_FLOOR = 0.06

NOTICE_S = 1.5
"""How long a notice and the volume stay."""

_WITHOUT_MUTE = frozenset({Look.IDLE, Look.OFFLINE, Look.FAULT})  # the microphone is closed: nothing to mute


def for_look(look: Look, *, muted: bool = False) -> Pattern:
    """Return the pattern for ``look``; ``muted`` is the person's own mute, not the pause of hold-to-talk."""
    pattern = LOOKS[look]
    return framed(pattern, MUTE_COLOR) if muted and look not in _WITHOUT_MUTE else pattern


def for_volume(volume: float) -> Pattern:
    """Return the pattern for a ``volume`` of 0..1. Show it for `NOTICE_S`."""
    return bar(VOLUME_COLOR, fraction=volume, floor=VOLUME_FLOOR)
