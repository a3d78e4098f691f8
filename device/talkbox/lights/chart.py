"""
The theme as a picture: every look and notice over time, one lane for each LED. Pure.

``python -m talkbox.lights.chart`` prints it, as SVG; `make lights` keeps it beside the theme.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape

from .drawn import on_screen
from .example import voice
from .patterns import DARK, Moment, Pattern, Rgb
from .theme import THEME, Look, Notice, for_look, stays_s

LEDS = 3
SPAN_S = 6.0
FRAMES_PER_S = 60
NEAR = 3
"""Of 255: a color that is so near to the straight line between its neighbors needs no stop of its own."""

OUT: Rgb = (27, 32, 38)
"""A LED that is out, on this ground."""

LEFT, STRIP, RIGHT = 290, 900, 40
WIDTH = LEFT + STRIP + RIGHT
LANE, GAP, LEVEL = 13, 4, 16
ROW = LEDS * (LANE + GAP) + LEVEL + 14
HEADING = 46
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One row of the picture; ``until_s`` is when a notice is over, ``level`` what it follows."""

    name: str
    says: str
    pattern: Pattern
    until_s: float = math.inf
    level: Callable[[float], float] | None = None


def _turned(seconds: float) -> float:
    """A volume that goes up by a detent five times a second."""
    return min(1.0, 0.3 + 0.05 * int(seconds * 5 + 1e-9))


def _look(look: Look, says: str, *, level: Callable[[float], float] | None = None, muted: bool = False) -> Strip:
    name = f"{look.value}, muted" if muted else look.value
    return Strip(name=name, says=says, pattern=for_look(look, muted=muted), level=level)


def _notice(notice: Notice, says: str, *, level: Callable[[float], float] | None = None) -> Strip:
    name = notice.value.replace("_", " ")
    return Strip(name=name, says=says, pattern=THEME[notice], until_s=stays_s(notice), level=level)


CHAPTERS: dict[str, tuple[Strip, ...]] = {
    "what it is doing": (
        _look(Look.IDLE, "the microphone is physically closed"),
        _look(Look.CONNECTING, "it records already"),
        _look(Look.LISTENING, "the microphone is open; your voice", level=voice),
        _look(Look.WAITING, "hold the button to talk"),
        _look(Look.SPEAKING, "its own voice; breathes in pauses", level=voice),
        _look(Look.DEAF, "the sound card is gone; wait (4)"),
        _look(Look.ENDING, "on its way out"),
        _look(Look.RECONNECTING, "the line broke; wait"),
        _look(Look.OFFLINE, "no network (2)"),
        _look(Look.FAULT, "the board is broken (4)"),
        _look(Look.UPDATING, "do not pull the plug"),
        _look(Look.LISTENING, "nothing is sent", level=voice, muted=True),
        _look(Look.SPEAKING, "nothing is sent", level=voice, muted=True),
    ),
    "what a hand did": (
        _notice(Notice.VOLUME, "as far as it is lit", level=_turned),
        _notice(Notice.MUTED, "the microphone is muted"),
        _notice(Notice.UNMUTED, "it is open again"),
    ),
    "what went wrong: count the blinks": (
        _notice(Notice.NETWORK, "2: no way to the service"),
        _notice(Notice.REFUSED, "3: the service said no"),
        _notice(Notice.SOUND_CARD, "4: no sound card"),
        _notice(Notice.SERVICE, "5: the service failed"),
    ),
}


def draw() -> str:
    """Return the picture as SVG text."""
    parts, top = list[str](), 70
    for title, strips in CHAPTERS.items():
        parts.append(_text(LEFT, top + 24, title, size=15, color="#8b929b"))
        top += HEADING
        for strip in strips:
            parts += _strip(strip, top)
            top += ROW
    height = top + 40
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' width='{WIDTH}' height='{height}'>"
        "<defs><filter id='glow' filterUnits='userSpaceOnUse' "
        f"x='0' y='0' width='{WIDTH}' height='{height}'><feGaussianBlur stdDeviation='7'/></filter></defs>"
        "<rect width='100%' height='100%' fill='#101317'/>"
        + _text(LEFT, 44, "What the lights say", size=22, color="#e8eaed")
    )
    return head + _ticks(top=64, bottom=top) + "".join(parts) + "</svg>\n"


def _strip(strip: Strip, top: int) -> Iterator[str]:
    middle = top + LEDS * (LANE + GAP) / 2
    yield _text(LEFT - 24, middle - 3, strip.name, size=16, color="#e8eaed", anchor="end")
    yield _text(LEFT - 24, middle + 15, strip.says, size=12, color="#8b929b", anchor="end")
    film = list(_film(strip))
    for led in range(LEDS):
        name = f"{strip.name}-{led}".replace(" ", "-").replace(",", "")
        y = top + led * (LANE + GAP)
        colors = [on_screen(frame[led]) if frame[led] != DARK else OUT for frame in film]
        yield f"<rect x='{LEFT}' y='{y}' width='{STRIP}' height='{LANE}' rx='4' fill='#{_hex(OUT)}'/>"
        if any(color != OUT for color in colors):
            yield f"<linearGradient id='{name}'>{''.join(_stops(colors))}</linearGradient>"
            lane = f"<rect x='{LEFT}' y='{y}' width='{STRIP}' height='{LANE}' rx='4' fill='url(#{name})'"
            yield f"{lane} filter='url(#glow)' opacity='.55'/>{lane}/>"
    if strip.level is not None:
        yield _curve(strip, strip.level, bottom=top + LEDS * (LANE + GAP) + LEVEL)


def _film(strip: Strip) -> Iterator[tuple[Rgb, ...]]:
    for tick in range(int(SPAN_S * FRAMES_PER_S) + 1):
        at_s = tick / FRAMES_PER_S
        level = strip.level(at_s) if strip.level is not None else 0.0
        moment = Moment(seconds=at_s, leds=LEDS, level=level)
        yield strip.pattern.frame(moment) if at_s < strip.until_s else (DARK,) * LEDS


def _stops(colors: list[Rgb]) -> Iterator[str]:
    """Only those from which the others follow."""
    last = len(colors) - 1
    kept = 0
    for place, color in enumerate(colors):
        if place in (0, last) or not _straight(colors, kept, place + 1):
            kept = place
            yield f"<stop offset='{100 * place / last:.4g}%' stop-color='#{_hex(color)}'/>"


def _hex(color: Rgb) -> str:
    return bytes(color).hex()


def _straight(colors: list[Rgb], first: int, last: int) -> bool:
    """Tell whether the colors between two lie on the line that a gradient draws between them."""
    return all(
        abs(low + (high - low) * (place - first) / (last - first) - color) <= NEAR
        for place in range(first + 1, last)
        for low, high, color in zip(colors[first], colors[last], colors[place], strict=True)
    )


def _curve(strip: Strip, level: Callable[[float], float], *, bottom: float) -> str:
    """The level that the lights follow."""
    ticks = range(int(min(SPAN_S, strip.until_s) * FRAMES_PER_S) + 1)
    points = " ".join(
        f"{LEFT + STRIP * tick / (SPAN_S * FRAMES_PER_S):.0f},{bottom - (LEVEL - 2) * level(tick / FRAMES_PER_S):.1f}"
        for tick in ticks
    )
    return f"<polyline points='{points}' fill='none' stroke='#5b6470' stroke-width='1.2'/>"


def _ticks(*, top: float, bottom: float) -> str:
    out = []
    for second in range(int(SPAN_S) + 1):
        x = LEFT + STRIP * second / SPAN_S
        out.append(f"<line x1='{x:g}' x2='{x:g}' y1='{top}' y2='{bottom}' stroke='#fff' stroke-opacity='.05'/>")
        out.append(_text(x, bottom + 18, f"{second} s", size=12, color="#8b929b", anchor="middle"))
    return "".join(out)


def _text(x: float, y: float, text: str, *, size: int, color: str, anchor: str = "start") -> str:
    return (
        f"<text x='{x:g}' y='{y:g}' {FONT} font-size='{size}' fill='{color}' text-anchor='{anchor}'>"
        f"{escape(text)}</text>"
    )


if __name__ == "__main__":
    sys.stdout.write(draw())
