"""What every row of LEDs is told: one color each."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

Rgb = tuple[int, int, int]
"""Red, green and blue, 0..255 each."""


def check_frame(frame: Sequence[Rgb], *, count: int) -> None:
    """
    Refuse what no row of ``count`` LEDs could show.

    Raises:
        ValueError: If there is not exactly one color per LED, each 0..255.
    """
    if len(frame) != count:
        raise ValueError(f"frame must have {count} colors, not {len(frame)}")
    try:
        bytes(chain.from_iterable(frame))
    except ValueError:
        raise ValueError(f"colors must be 0..255, not {frame}") from None
