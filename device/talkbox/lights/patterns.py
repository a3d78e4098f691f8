"""
Light patterns: functions of time, and nothing else.

A pattern maps a moment (seconds since it began, a live level, a number of LEDs) to one color per LED. It keeps no
state, knows no clock and no color's meaning, and says for how long it moves, so that a still light costs nothing.
A color is what a LED is told, and that is linear light: half of it looks like three quarters, a tenth like a third.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

Rgb = tuple[int, int, int]  # 0..255 each
Frame = tuple[Rgb, ...]

DARK: Rgb = (0, 0, 0)
_BREATH = 0.4  # of a full level: speech outshines it, and the LEDs at the ends stay at their floor


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """
    What a pattern may depend on.

    Attributes:
        seconds: Since the pattern began.
        leds: How many there are; 0 on a board without.
        level: How loud it is now, 0..1, of whatever the pattern is shown for.
    """

    seconds: float
    leds: int
    level: float = 0.0


def _always_moving(seconds: float) -> float:
    return seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """
    A light.

    Attributes:
        frame: Gives one color per LED.
        moves_for_s: When it stands still: 0 from the start, `math.inf` never.
        holds_until_s: Given the seconds since it began: until when, by the same clock, nothing changes for sure.
    """

    frame: Callable[[Moment], Frame]
    moves_for_s: float
    holds_until_s: Callable[[float], float] = _always_moving


def solid(color: Rgb) -> Pattern:
    """All LEDs, one color, for ever."""
    return Pattern(frame=lambda at: (color,) * at.leds, moves_for_s=0.0)


def middle(color: Rgb) -> Pattern:
    """Only the LED in the middle, for ever."""

    def frame(at: Moment) -> Frame:
        return tuple(color if led == at.leds // 2 else DARK for led in range(at.leds))

    return Pattern(frame=frame, moves_for_s=0.0)


def bar(color: Rgb, *, floor: float) -> Pattern:
    """From the first LED, as many as the level at the beginning asks for; the others at ``floor`` (0..1): the scale."""
    lit = _above(floor, color)

    def frame(at: Moment) -> Frame:
        return tuple([lit(at.level * at.leds - led) for led in range(at.leds)])

    return Pattern(frame=frame, moves_for_s=0.0)


def glow(color: Rgb, *, floor: float) -> Pattern:
    """All LEDs evenly, at ``floor`` (0..1) in silence and full when it is loud."""
    lit = _above(floor, color)

    def frame(at: Moment) -> Frame:
        return (lit(at.level),) * at.leds

    return Pattern(frame=frame, moves_for_s=math.inf)


def bloom(color: Rgb, *, floor: float, period_s: float) -> Pattern:
    """Open from the middle outwards with the level; breathe once in ``period_s`` where it is quiet. ``floor``: 0..1."""
    lit = _above(floor, color)

    def frame(at: Moment) -> Frame:
        energy = max(at.level, _BREATH * _wave(at.seconds, period_s=period_s))
        # Energy 0 lights nothing above the floor, 1 everything; the LEDs at the ends come last.
        return tuple([lit(2.0 * energy - distance) for distance in _from_middle(at.leds)])

    return Pattern(frame=frame, moves_for_s=math.inf)


def travel(color: Rgb, *, floor: float, period_s: float) -> Pattern:
    """A soft dot from the first LED to the last and back in ``period_s``; elsewhere ``floor`` (0..1)."""
    lit = _above(floor, color)

    def frame(at: Moment) -> Frame:
        # With a single LED the dot leaves it and comes back.
        position = _wave(at.seconds, period_s=period_s) * max(at.leds - 1, 1)
        return tuple([lit(1.0 - abs(led - position)) for led in range(at.leds)])

    return Pattern(frame=frame, moves_for_s=math.inf)


def fill(color: Rgb, *, floor: float, period_s: float) -> Pattern:
    """One LED after the other comes on, and when all are, all go down to ``floor`` (0..1) together; in ``period_s``."""
    lit = _above(floor, color)

    def frame(at: Moment) -> Frame:
        passed = at.seconds % period_s / period_s
        # Three quarters of the time to fill, an eighth to stand, an eighth to go down.
        filled, going = passed / 0.75 * at.leds, clip(1.0 - (passed - 0.875) / 0.125)
        return tuple([lit(going * clip(filled - led)) for led in range(at.leds)])

    return Pattern(frame=frame, moves_for_s=math.inf)


def fade(color: Rgb, *, floor: float, over_s: float) -> Pattern:
    """All LEDs, from full down to ``floor`` (0..1) in ``over_s``, and there they stay."""
    lit = _above(floor, color)

    def frame(at: Moment) -> Frame:
        return (lit(1.0 - at.seconds / over_s),) * at.leds

    return Pattern(frame=frame, moves_for_s=over_s)


def blink(color: Rgb, *, times: int, on_s: float, off_s: float, pause_s: float = 0.0, rounds: float = 1) -> Pattern:
    """All LEDs on and off, ``times`` in a row, and then a pause; ``rounds`` of that, `math.inf` for ever, then dark."""
    edges_s = [n * (on_s + off_s) + after_s for n in range(times) for after_s in (0.0, on_s)]
    round_s = times * (on_s + off_s) + pause_s

    def frame(at: Moment) -> Frame:
        passed = bisect_right(edges_s, at.seconds % round_s)
        return (color if passed % 2 and at.seconds < rounds * round_s else DARK,) * at.leds

    def holds_until_s(seconds: float) -> float:
        since_s = seconds % round_s
        return seconds + next((edge_s for edge_s in edges_s if edge_s > since_s), round_s) - since_s

    return Pattern(frame=frame, moves_for_s=rounds * round_s, holds_until_s=holds_until_s)


def framed(pattern: Pattern, color: Rgb) -> Pattern:
    """``pattern`` between two LEDs of another ``color``; where there are two, the last has it, and a single one too."""

    def frame(at: Moment) -> Frame:
        ends = {at.leds - 1} if at.leds < 3 else {0, at.leds - 1}
        return tuple(color if led in ends else under for led, under in enumerate(pattern.frame(at)))

    return Pattern(frame=frame, moves_for_s=pattern.moves_for_s, holds_until_s=pattern.holds_until_s)


def dim(color: Rgb, level: float) -> Rgb:
    """
    Return ``color`` at ``level``; below 0 counts as 0, above 1 as 1.

    What is lit stays lit, however low the level above 0: a light that says "the microphone is open" must not round
    to darkness.
    """
    if level >= 1.0:
        return color
    if level > 0.0:
        # Lists here and above, thirty times a second: a generator is a call for each of its items.
        red, green, blue = [round(channel * level) or (channel and 1) for channel in color]
        return red, green, blue
    return DARK


def clip(level: float) -> float:
    """Return ``level``, or the end of 0..1 that it lies beyond."""
    return min(1.0, max(0.0, level))


def _above(floor: float, color: Rgb) -> Callable[[float], Rgb]:
    """Return what gives ``color`` for a level: between ``floor`` (at 0 and below) and full (at 1 and above)."""
    least = dim(color, floor)

    def lit(level: float) -> Rgb:
        if level >= 1.0:
            return color
        return dim(color, floor + (1.0 - floor) * level) if level > 0.0 else least

    return lit


@cache
def _from_middle(leds: int) -> tuple[float, ...]:
    """Return how far each LED of a row is from its middle: 0 there, 1 at the ends."""
    center = (leds - 1) / 2
    inmost = center % 1.0  # in an even row two LEDs are the middle
    return tuple((abs(led - center) - inmost) / max(center - inmost, 1.0) for led in range(leds))


def _wave(seconds: float, *, period_s: float) -> float:
    """Return 0 at the start, 1 at half the period, 0 at its end, softly."""
    return 0.5 - 0.5 * math.cos(2.0 * math.pi * seconds / period_s)
