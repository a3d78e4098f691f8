"""LEDs drawn on a terminal, for boards that have none and for people who try a theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from .patterns import DARK, Rgb

GAMMA = 0.45
"""From what a LED emits to what a screen must be told: an eye before a screen is used to more light."""


def on_screen(color: Rgb) -> Rgb:
    """Return the color of a screen that looks as an LED of ``color`` does."""
    red, green, blue = (round(255 * (channel / 255) ** GAMMA) for channel in color)
    return red, green, blue


class DrawnLeds:
    """
    A row of LEDs on one line of a terminal; elsewhere one line of hexadecimal colors for each frame.

    Args:
        stream: Where to.
        count: How many LEDs.
    """

    def __init__(self, stream: TextIO, *, count: int = 3) -> None:
        self.count, self.frame_s = count, 0.0
        self._stream, self._in_place = stream, stream.isatty()
        self._drawn = False

    def show(self, frame: Sequence[Rgb]) -> None:
        """Draw one color per LED."""
        if self._in_place:
            self._stream.write("\r  " + "  ".join(map(_dot, frame)) + " ")
        else:
            self._stream.write(" ".join(f"#{bytes(color).hex()}" for color in frame) + "\n")
        self._stream.flush()
        self._drawn = True

    def close(self) -> None:
        """Put them out, and leave their line. Idempotent."""
        if self._drawn:
            self.show((DARK,) * self.count)
            self._drawn = False
            self._stream.write("\n" if self._in_place else "")


def _dot(color: Rgb) -> str:
    if color == DARK:
        return "\x1b[2m○\x1b[0m"
    return "\x1b[38;2;{};{};{}m●\x1b[0m".format(*on_screen(color))
