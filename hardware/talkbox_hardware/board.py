"""
What a board is, as data: one TOML file each in ``boards/``, checked when it is read.

Refuses to know how any of it is done: this module reads files, and drives no pin and opens no card.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

from .tables import build, limited

HEADER_GPIOS = range(28)
"""GPIO0 to GPIO27 are on the 40-pin header; 0 and 1 belong to the EEPROM of a HAT."""

FILE_ENDING = ".toml"

SampleFormat = Literal["S16_LE", "S32_LE"]
Sureness = Literal["verified", "reported", "one report", "unknown"]


class BoardError(Exception):
    """A board file cannot be used, or there is no such board: one line for each problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One mixer control and what it is set to: a raw volume or a switch for all its channels, or an enum's item."""

    name: str
    value: int | bool | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """
    The sound card.

    Attributes:
        ids: ALSA card ids, most likely first; empty: whichever USB card there is.
        formats: What the card really has, best first.
        rates_hz: Frames a second, best first; both directions always run at the same.
        channels: How many to ask the card for, best first.
        speaker_channel: What the loudspeaker plays of two channels; "none": the card cannot play.
        hardware_aec: Whether the board cancels its own echo (of what it plays itself).
        overlay: The device-tree overlay that brings the card up, with its parameters; "": needs none.
        mixer: Controls that open the way in and out, in the order in which they are set.
        ceiling: Playback volumes; loudness below them is made in the samples, and they stay as they are.
    """

    ids: tuple[str, ...]
    formats: tuple[SampleFormat, ...]
    rates_hz: tuple[int, ...] = limited(8_000, 192_000)
    channels: tuple[int, ...] = limited(1, 8)
    speaker_channel: Literal["both", "left", "right", "none"]
    hardware_aec: bool
    overlay: str = ""
    mixer: tuple[Control, ...] = ()
    ceiling: tuple[Control, ...] = ()

    @property
    def profile(self) -> tuple[Control, ...]:
        """All that `mixer.apply` has to set; the loudness before what lets it out."""
        return (*self.ceiling, *self.mixer)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedStrip:
    """
    The LEDs.

    Attributes:
        driver: ``apa102-spi`` on SPI0, ``apa102-bitbang`` on any two pins, ``plain``: one pin an LED, on or off.
        count: LEDs.
        order: In which order an APA102 takes its colors: "bgr".
        data_gpio, clock_gpio: Of an APA102 strip.
        power_gpio: High switches the strip's power on; `None`: it always has power.
        gpios: Of plain LEDs, one each; high is on.
    """

    driver: Literal["apa102-spi", "apa102-bitbang", "plain"]
    count: int = limited(1, 64)
    order: Literal["bgr", "brg", "gbr", "grb", "rbg", "rgb"] = "bgr"
    data_gpio: int | None = limited(0, 27, default=None)
    clock_gpio: int | None = limited(0, 27, default=None)
    power_gpio: int | None = limited(0, 27, default=None)
    gpios: tuple[int, ...] = limited(0, 27, default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """The button; `pull` is the Pi's own resistor, and "none" where the board has one."""

    gpio: int = limited(0, 27)
    active_low: bool = True
    pull: Literal["up", "down", "none"] = "up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoder:
    """The rotary encoder and its push switch; all of them close to ground."""

    a_gpio: int = limited(0, 27)
    b_gpio: int = limited(0, 27)
    switch_gpio: int | None = limited(0, 27, default=None)
    edges_per_detent: Literal[2, 4] = 4
    reverse: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class I2cChip:
    """A chip on I2C-1, as the kernel names it; the address alone never tells one codec from another."""

    address: int = limited(0x03, 0x77)
    chip: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """
    What is seen where the board is. Empty: it is never detected, only configured.

    Attributes:
        hat_products: What ``product`` of its ID EEPROM contains.
        hat_product_ids: ``product_id`` of its EEPROM, where the product alone does not tell.
        card_ids: ALSA card ids.
        usb_ids: "vendor:product", four hexadecimal digits each.
        usb_products: The product string of a USB device.
        device_tree: What its overlays write to ``/proc/device-tree/hardware``.
        i2c_chips: All of them are there, bound to a driver.
        any_usb_card: Any USB sound card is this board, where no other board is found.
    """

    hat_products: tuple[str, ...] = ()
    hat_product_ids: tuple[int, ...] = limited(0, 0xFFFF, default=())
    card_ids: tuple[str, ...] = ()
    usb_ids: tuple[str, ...] = ()
    usb_products: tuple[str, ...] = ()
    device_tree: tuple[str, ...] = ()
    i2c_chips: tuple[I2cChip, ...] = ()
    any_usb_card: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """Something known of the board: who says so, how sure it is, and which keys of the file rest on it."""

    statement: str
    source: str
    sureness: Sureness
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """
    One board.

    Attributes:
        name: What `hardware.board` calls it, and its file.
        title: What is printed on its box.
        tier: 1: made for it; 2: should work; 3: documented only.
        forbidden_gpios: Pins that the board uses itself, never to be driven or claimed.
    """

    name: str
    title: str
    tier: Literal[1, 2, 3]
    card: Card | None = None
    leds: LedStrip | None = None
    button: Button | None = None
    encoder: Encoder | None = None
    forbidden_gpios: tuple[int, ...] = limited(0, 27, default=())
    detection: Detection
    facts: tuple[Fact, ...]

    @property
    def own_gpios(self) -> tuple[tuple[str, int], ...]:
        """Every pin that Talkbox uses on this board, with what for."""
        return tuple(_own_gpios(self))


def load_boards() -> dict[str, Board]:
    """
    Return every board there is, by name.

    Raises:
        BoardError: With one line for each problem of each file.
    """
    boards: dict[str, Board] = {}
    problems: list[str] = []
    for name in board_names():
        try:
            boards[name] = load_board(name)
        except BoardError as error:
            problems.append(str(error))
    if problems:
        raise BoardError("\n".join(problems))
    return boards


def load_board(name: str) -> Board:
    """
    Return one board.

    Raises:
        BoardError: If there is no such board, or with one line for each problem of its file.
    """
    names = board_names()
    if name not in names:
        raise BoardError(f"there is no board {name!r}; there are {', '.join(names)}")
    return parse_board(name, (files(__package__) / "boards" / f"{name}{FILE_ENDING}").read_bytes())


def board_names() -> tuple[str, ...]:
    """Return the names of all boards, in alphabetical order."""
    found = (entry.name for entry in (files(__package__) / "boards").iterdir())
    return tuple(sorted(name.removesuffix(FILE_ENDING) for name in found if name.endswith(FILE_ENDING)))


def parse_board(name: str, content: bytes) -> Board:
    """
    Return the board that a file describes.

    Raises:
        BoardError: With one line for each problem; never another exception, whatever `content` is.
    """
    problems: list[str] = []
    board = build(Board, _read(content, problems), given={"name": name}, problems=problems) if not problems else None
    if board is not None:
        problems += _contradictions(board)
    if board is None or problems:
        raise BoardError("\n".join(f"board {name}: {problem}" for problem in problems))
    return board


def _read(content: bytes, problems: list[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        problems.append(f"not UTF-8 at byte {error.start}")
    except (ValueError, RecursionError) as error:
        problems.append(f"not TOML: {error}")
    return {}


def _contradictions(board: Board) -> Iterator[str]:
    """Find what no key by itself can be blamed for."""
    own = board.own_gpios
    for gpio, uses in Counter(gpio for _use, gpio in own).items():
        if uses > 1:
            yield f"GPIO{gpio} is used twice: {', '.join(use for use, number in own if number == gpio)}"
    for use, gpio in own:
        if gpio in board.forbidden_gpios:
            yield f"{use} is GPIO{gpio}, which forbidden_gpios has"
    if board.leds is not None:
        yield from _led_contradictions(board.leds)
    if board.card is not None:
        for name in ("formats", "rates_hz", "channels"):
            if not getattr(board.card, name):
                yield f"card.{name} is empty"
    for usb_id in board.detection.usb_ids:
        if not re.fullmatch(r"[0-9a-f]{4}:[0-9a-f]{4}", usb_id):
            yield f'detection.usb_ids must be like "2886:0018", not {usb_id!r}'
    if not board.facts:
        yield "facts is empty"


def _led_contradictions(leds: LedStrip) -> Iterator[str]:
    if leds.driver == "plain":
        if len(leds.gpios) != leds.count:
            yield f"leds.gpios must name {leds.count} pins, one for each LED, not {len(leds.gpios)}"
    elif leds.data_gpio is None or leds.clock_gpio is None:
        yield f"leds.driver {leds.driver} needs leds.data_gpio and leds.clock_gpio"


def _own_gpios(board: Board) -> Iterator[tuple[str, int]]:
    named: list[tuple[str, int | None]] = []
    if board.leds is not None:
        leds = board.leds
        named += [("leds.data_gpio", leds.data_gpio), ("leds.clock_gpio", leds.clock_gpio)]
        named += [("leds.power_gpio", leds.power_gpio), *(("leds.gpios", gpio) for gpio in leds.gpios)]
    if board.button is not None:
        named += [("button.gpio", board.button.gpio)]
    if board.encoder is not None:
        encoder = board.encoder
        named += [("encoder.a_gpio", encoder.a_gpio), ("encoder.b_gpio", encoder.b_gpio)]
        named += [("encoder.switch_gpio", encoder.switch_gpio)]
    yield from ((use, gpio) for use, gpio in named if gpio is not None)
