"""What the lights need of a board: a row of LEDs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .patterns import Rgb


class Leds(Protocol):
    """
    A row of colored LEDs.

    Attributes:
        count: How many there are; 0 for a board that has none.
        frame_s: The least time that should pass between two frames of a movement: more than 0 where one is costly.
    """

    count: int
    frame_s: float

    def show(self, frame: Sequence[Rgb]) -> None:
        """
        Latch one color per LED. When this returns, a person can see it.

        Raises:
            OSError: If the bus is dead.
        """
        ...

    def close(self) -> None:
        """Put them out and let go of the bus. Idempotent."""
        ...
