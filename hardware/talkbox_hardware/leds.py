"""The LEDs of a board, whatever they are. Refuses to know what they show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from .apa102 import BitBangLeds, SpiLeds
from .board import Board
from .colors import Rgb, check_frame
from .gpio import PinFactory, check_pins
from .plain_leds import PlainLeds


class Leds(Protocol):
    """A row of LEDs, as all of them are: how many, and the least time that should pass between two frames."""

    count: int
    frame_s: float

    def show(self, frame: Sequence[Rgb]) -> None:
        """Latch one color per LED; `OSError` if the bus is dead, or closed."""
        ...

    def close(self) -> None:
        """Put them out and let go of them. Idempotent."""
        ...


class NoLeds:
    """The LEDs of a board that has none."""

    count, frame_s = 0, 0.0

    def show(self, frame: Sequence[Rgb]) -> None:
        """
        Show nothing.

        Raises:
            ValueError: If there is any color.
        """
        check_frame(frame, count=0)

    def close(self) -> None:
        """Do nothing."""


def leds_of(board: Board, *, factory: Callable[[], PinFactory]) -> Leds:
    """
    Return the LEDs of a board. Nothing is claimed or lit before the first frame, or the close.

    Args:
        board: Says which.
        factory: Gives a pin factory, and is asked only if the LEDs need pins; it stays the caller's.

    Raises:
        ValueError: Naming board and pins, if the pins cannot be these.
        ImportError: If spidev is needed, and not installed.
        OSError, GpioError: If pins are needed, as ``factory`` raises them.
    """
    leds = board.leds
    if leds is None:
        return NoLeds()
    check_pins(board)
    pins = None if leds.driver == "apa102-spi" and leds.power_gpio is None else factory()
    if leds.driver == "plain":
        return PlainLeds(leds.gpios, factory=pins)
    if leds.driver == "apa102-spi":
        return SpiLeds(leds.count, order=leds.order, power_gpio=leds.power_gpio, factory=pins)
    if leds.data_gpio is None or leds.clock_gpio is None:
        raise ValueError(f"board {board.name}: leds.data_gpio and leds.clock_gpio are needed")
    return BitBangLeds(
        leds.count,
        data_gpio=leds.data_gpio,
        clock_gpio=leds.clock_gpio,
        order=leds.order,
        power_gpio=leds.power_gpio,
        factory=pins,
    )
