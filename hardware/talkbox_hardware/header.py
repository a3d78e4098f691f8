"""The Raspberry Pi's 40-pin header: which pin is what. The same on every model that has one. Pure."""

from __future__ import annotations

from collections.abc import Iterable

POWER = {1: "3.3 V", 2: "5 V", 4: "5 V", 17: "3.3 V"}
GROUND = (6, 9, 14, 20, 25, 30, 34, 39)
GPIO = {
    3: 2,
    5: 3,
    7: 4,
    8: 14,
    10: 15,
    11: 17,
    12: 18,
    13: 27,
    15: 22,
    16: 23,
    18: 24,
    19: 10,
    21: 9,
    22: 25,
    23: 11,
    24: 8,
    26: 7,
    27: 0,
    28: 1,
    29: 5,
    31: 6,
    32: 12,
    33: 13,
    35: 19,
    36: 16,
    37: 26,
    38: 20,
    40: 21,
}
"""Pin -> GPIO."""

PIN = {gpio: pin for pin, gpio in GPIO.items()}
"""GPIO -> pin."""

BUSES = {
    0: "ID EEPROM",
    1: "ID EEPROM",
    2: "I2C data",
    3: "I2C clock",
    7: "SPI select",
    8: "SPI select",
    9: "SPI in",
    10: "SPI out",
    11: "SPI clock",
    18: "I2S clock",
    19: "I2S frame",
    20: "I2S in",
    21: "I2S out",
}
"""What a GPIO is where a board uses it for the bus that it belongs to."""


def row(pin: int) -> int:
    """Return how far down the header a pin is, 0 to 19; pins 1 and 2 are at the top."""
    return (pin - 1) // 2


def is_left(pin: int) -> bool:
    """Tell whether a pin is in the left column, seen with pin 1 at the top left: the odd ones."""
    return pin % 2 == 1


def nearest_ground(pin: int, *, taken: Iterable[int] = ()) -> int:
    """Return the ground pin in the same column that is nearest, below rather than above, and not taken."""
    free = [ground for ground in GROUND if is_left(ground) is is_left(pin) and ground not in set(taken)]
    return min(free, key=lambda ground: (abs(row(ground) - row(pin)), -ground))
