"""
How a button and an encoder are wired to a board, as a picture made from its file.

``python -m talkbox_hardware.wiring [BOARD…]`` prints it, as SVG. Pure.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape

from . import header
from .board import Board, load_board

USUAL = ("respeaker-2mic-v1", "usb")
"""What `hardware/README.md` shows: a HAT, and a board that leaves the header alone."""

WIDTH, HEIGHT = 700, 1000
CENTER, TOP, STEP = 350, 110, 28
PAD = 11
LANE = 16
PART_WIDTH, PART_TOP, TERMINAL = 190, TOP + 20 * STEP + 40, 28
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"
COLORS = {
    "power": "#d9534f",
    "ground": "#22262b",
    "own": "#9aa3ad",
    "leds": "#2fa866",
    "button": "#2f7fd1",
    "encoder": "#8a4fd1",
    "free": "#ffffff",
}
LEGEND = {
    "button": "button",
    "encoder": "encoder",
    "leds": "LEDs",
    "own": "never touch: the board's own",
    "ground": "ground",
    "power": "power",
    "free": "free",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire:
    """From a pin of the header to a terminal of a part."""

    pin: int
    terminal: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Something with legs that is not on the board itself."""

    name: str
    wires: tuple[Wire, ...]


def draw(boards: Iterable[Board]) -> str:
    """Return the wiring of some boards, side by side, as SVG text."""
    panels = [_panel(board, left=place * WIDTH) for place, board in enumerate(boards)]
    width = max(1, len(panels)) * WIDTH
    return (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {HEIGHT}' width='{width}' height='{HEIGHT}'>"
        "<rect width='100%' height='100%' fill='#f6f7f9'/>" + "".join(panels) + "</svg>\n"
    )


def parts(board: Board) -> list[Part]:
    """Return what a person has to wire; a HAT that uses pins of the header has its button on it."""
    found: list[Part] = []
    taken: set[int] = set()

    def wires(kind: str, **gpios: int | None) -> Iterator[Wire]:
        for terminal, gpio in gpios.items():
            if gpio is not None:
                yield Wire(pin=header.PIN[gpio], terminal=terminal.replace("_", " "), kind=kind)

    def grounded(gpio: int) -> int:
        pin = header.nearest_ground(header.PIN[gpio], taken=taken)
        taken.add(pin)
        return pin

    if board.encoder is not None:
        encoder = board.encoder
        legs = [*wires("encoder", A=encoder.a_gpio, B=encoder.b_gpio, switch=encoder.switch_gpio)]
        legs.append(Wire(pin=grounded(encoder.a_gpio), terminal="C (ground)", kind="ground"))
        if encoder.switch_gpio is not None:
            legs.append(Wire(pin=grounded(encoder.switch_gpio), terminal="switch, ground", kind="ground"))
        found.append(Part(name="rotary encoder", wires=tuple(legs)))
    if board.button is not None and not board.forbidden_gpios:
        button = board.button
        other = Wire(pin=grounded(button.gpio), terminal="ground", kind="ground")
        if not button.active_low:
            other = Wire(pin=1, terminal="3.3 V", kind="power")
        found.append(Part(name="button", wires=(*wires("button", button=button.gpio), other)))
    return found


def uses(board: Board) -> dict[int, tuple[str, str]]:
    """Return for every pin of the header what kind of pin it is on this board, and what it is in words."""
    used = {pin: ("power", volts) for pin, volts in header.POWER.items()}
    used |= dict.fromkeys(header.GROUND, ("ground", "ground"))
    used |= {pin: ("free", f"GPIO{gpio}") for pin, gpio in header.GPIO.items()}
    for gpio in (0, 1, *board.forbidden_gpios):
        bus = header.BUSES.get(gpio, "the board's own")
        used[header.PIN[gpio]] = ("own", f"GPIO{gpio} · {bus}")
    for use, gpio in board.own_gpios:
        table, _, key = use.partition(".")
        words = f"{table}: {key.removesuffix('_gpio')}" if key.endswith("_gpio") else table
        used[header.PIN[gpio]] = (table, f"GPIO{gpio} · {words}")
    return used


def _panel(board: Board, *, left: int) -> str:
    pieces = [
        _text(CENTER, 40, board.title, size=20, anchor="middle"),
        _text(CENTER, 64, f'hardware.board = "{board.name}"', size=13, color="#5b6470", anchor="middle"),
        *_header(board),
        *_wired(parts(board)),
        *_legend(),
    ]
    return f"<g transform='translate({left} 0)'>{''.join(pieces)}</g>"


def _pad(pin: int) -> tuple[float, float]:
    return CENTER + (-STEP / 2 if header.is_left(pin) else STEP / 2), TOP + header.row(pin) * STEP


def _header(board: Board) -> Iterator[str]:
    yield (
        f"<rect x='{CENTER - STEP}' y='{TOP - STEP / 2:g}' width='{2 * STEP}' height='{20 * STEP}' rx='5' "
        "fill='#3a4048'/>"
    )
    for pin, (kind, words) in sorted(uses(board).items()):
        x, y = _pad(pin)
        yield f"<circle cx='{x:g}' cy='{y:g}' r='{PAD}' fill='{COLORS[kind]}' stroke='#c9a13b' stroke-width='2'/>"
        dark = kind in ("free", "own")
        yield _text(x, y + 4, str(pin), size=10, color="#22262b" if dark else "#ffffff", anchor="middle")
        color = {"free": "#8b929b", "own": "#8b929b", "ground": "#5b6470"}.get(kind, COLORS[kind])
        anchor, aside = ("end", -STEP) if header.is_left(pin) else ("start", STEP)
        yield _text(x + aside, y + 4, words, size=12, color=color, anchor=anchor)


def _wired(found: list[Part]) -> Iterator[str]:
    """Draw the parts below the header; the higher a pin, the further out its wire, and the lower its terminal."""
    lanes = {True: 0, False: 0}
    top = PART_TOP
    for part in found:
        sides = {
            left: sorted(
                (wire for wire in part.wires if header.is_left(wire.pin) is left),
                key=lambda wire: -header.row(wire.pin),
            )
            for left in (True, False)
        }
        height = TERMINAL * max(len(side) for side in sides.values()) + 34
        edge = {True: CENTER - PART_WIDTH / 2, False: CENTER + PART_WIDTH / 2}
        yield (
            f"<rect x='{edge[True]:g}' y='{top}' width='{PART_WIDTH}' height='{height}' rx='8' fill='#ffffff' "
            "stroke='#3a4048' stroke-width='2'/>"
        )
        yield _text(CENTER, top + 20, part.name, size=14, anchor="middle")
        for left, side in sides.items():
            for place, wire in enumerate(side):
                lanes[left] += 1
                y = top + 40 + place * TERMINAL
                out = (-1 if left else 1) * (STEP / 2 + 150 + lanes[left] * LANE)
                yield _wire(wire, lane_x=CENTER + out, end=(edge[left], y))
                anchor, aside = ("start", 10) if left else ("end", -10)
                yield _text(edge[left] + aside, y + 4, wire.terminal, size=12, color="#3a4048", anchor=anchor)
        top += height + 24


def _wire(wire: Wire, *, lane_x: float, end: tuple[float, float]) -> str:
    x, y = _pad(wire.pin)
    side = -1 if header.is_left(wire.pin) else 1
    # Below the words beside the pin, and then down in a lane of its own.
    under = y + STEP / 2 - 4
    path = f"M{x + side * PAD:g},{y + 5:g} L{x + side * (PAD + 6):g},{under:g} H{lane_x:g} V{end[1]:g} H{end[0]:g}"
    return (
        f"<path d='{path}' fill='none' stroke='{COLORS[wire.kind]}' stroke-width='2.5' stroke-linejoin='round'/>"
        f"<circle cx='{end[0]:g}' cy='{end[1]:g}' r='4' fill='{COLORS[wire.kind]}'/>"
    )


def _legend() -> Iterator[str]:
    x, y = 60.0, HEIGHT - 24
    for kind, words in LEGEND.items():
        yield f"<circle cx='{x:g}' cy='{y - 4}' r='6' fill='{COLORS[kind]}' stroke='#c9a13b' stroke-width='1.5'/>"
        yield _text(x + 11, y, words, size=11, color="#5b6470")
        x += 36 + 6.3 * len(words)


def _text(x: float, y: float, text: str, *, size: int, color: str = "#22262b", anchor: str = "start") -> str:
    return (
        f"<text x='{x:g}' y='{y:g}' {FONT} font-size='{size}' fill='{color}' text-anchor='{anchor}'>"
        f"{escape(text)}</text>"
    )


if __name__ == "__main__":
    sys.stdout.write(draw(load_board(name) for name in sys.argv[1:] or USUAL))
