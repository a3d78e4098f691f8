"""What a row of APA102, or of their twins SK9822, would be seen to show. Written from the wire, not from our driver."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Literal

Rgb = tuple[int, int, int]


class Row:
    """
    A row of LEDs at the end of a wire.

    Each takes the first 32 bits after 32 zeros and passes on the rest half a clock late, so that the last ones need
    clocks after the end. An APA102 shows its bits when it has them, an SK9822 with the next 32 zeros.

    Attributes:
        colors: What is seen, one color each, without the LEDs' own brightness; dark at first.
        brightness: The LEDs' own, 0..31 each.
    """

    def __init__(self, count: int, *, kind: Literal["apa102", "sk9822"] = "apa102", order: str = "bgr") -> None:
        self.colors: tuple[Rgb, ...] = ((0, 0, 0),) * count
        self.brightness = (0,) * count
        self._kind, self._places = kind, [order.index(letter) for letter in "rgb"]

    def receive(self, payload: bytes) -> None:
        """Take one frame, from its 32 zeros to its last clock."""
        self.receive_bits([bool(byte >> place & 1) for byte in payload for place in range(7, -1, -1)])

    def receive_bits(self, bits: Sequence[bool]) -> None:
        """Take one frame, bit by bit."""
        start, quiet = _zeros(bits), _zeros(bits[::-1])
        colors, brightness = list(self.colors), list(self.brightness)
        for led in range(len(colors)):
            at = start + 32 * led
            word = bits[at : at + 32]
            after, late = len(bits) - at - 32, (led + 1) // 2
            in_time = after >= late if self._kind == "apa102" else min(after, quiet) >= 32 + late
            if start < 32 or len(word) < 32 or not all(word[:3]) or not in_time:
                break
            values = [_number(word[place : place + 8]) for place in (8, 16, 24)]
            red, green, blue = (values[place] for place in self._places)
            colors[led], brightness[led] = (red, green, blue), _number(word[3:8])
        self.colors, self.brightness = tuple(colors), tuple(brightness)


def _zeros(bits: Sequence[bool]) -> int:
    """Return how many there are at the beginning."""
    return sum(1 for _ in takewhile(lambda bit: not bit, bits))


def _number(bits: Sequence[bool]) -> int:
    return int("".join("01"[bit] for bit in bits), 2)
