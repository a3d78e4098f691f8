"""English numerals, both ways: 0 to 100 in words. Pure."""

from __future__ import annotations

import re

# fmt: off
_ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)
# fmt: on
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


def words(number: int) -> str:
    """
    Say a number from 0 to 100.

    Raises:
        ValueError: If it is another one.
    """
    if not 0 <= number <= 100:
        raise ValueError(f"number must be 0..100, not {number}")
    if number == 100:
        return "one hundred"
    if number < 20:
        return _ONES[number]
    tens, ones = divmod(number, 10)
    return f"{_TENS[tens - 2]} {_ONES[ones]}" if ones else _TENS[tens - 2]


_NUMBERS = {words(number): number for number in range(101)} | {"a hundred": 100, "hundred": 100}


def parse(text: str) -> int | None:
    """Read a number in words or digits; `None` if it is none from 0 to 100."""
    text = " ".join(re.sub(r"(?<=[a-z])-(?=[a-z])", " ", text.lower()).split())
    if text.isascii() and text.isdigit() and len(text) <= 3:
        return int(text) if int(text) <= 100 else None
    return _NUMBERS.get(text)
