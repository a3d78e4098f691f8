"""
APA102 LEDs (and SK9822, their twins): what the wire carries, and two ways to drive it.

Nothing is opened before the first frame, and what failed is opened anew with the next: LEDs that are not there, or not
any more, are the caller's `OSError` each time, and never an LED that stays dead when the bus has come back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from importlib import import_module
from typing import Any, Protocol

from .colors import Rgb, check_frame
from .gpio import PinFactory, claim, setter, translated

BRIGHTNESS = 8
"""Of 31, for all LEDs and all the time: 12 of them, all white, stay below 0.2 A, and a person can look at one."""

SPEED_HZ = 8_000_000

BIT_BANG_FRAME_S = 0.1
"""A frame of three LEDs is 350 levels, one call each: milliseconds in which nothing else runs."""


def frame(colors: Sequence[Rgb], *, brightness: int = BRIGHTNESS, order: str = "bgr") -> bytes:
    """
    Return what makes the LEDs show ``colors``, the one nearest to the Pi first.

    Args:
        colors: One for each LED.
        brightness: The LEDs' own, 0..31. It is a slow pulse width: fade with the colors, not with it.
        order: In which the LEDs take their colors.
    """
    places = ["rgb".index(letter) for letter in order]
    lit = b"".join(bytes((0xE0 | brightness, *(color[place] for place in places))) for color in colors)
    # 32 zero bits begin, and latch an SK9822; half a clock for each LED pushes the last bit through the row.
    return bytes(4) + lit + bytes(4) + bytes(-(-len(colors) // 16))


class _Bus(Protocol):
    """Carries bytes one way. Both may raise `OSError`."""

    def write(self, payload: bytes) -> None: ...

    def close(self) -> None: ...


class SpiLeds:
    """
    A row of APA102 on the SPI bus.

    Attributes:
        count: How many LEDs.
        frame_s: The least time that should pass between two frames: none.

    Args:
        count: How many.
        order: In which they take their colors.
        brightness: Their own, 0..31.
        power_gpio: High while they are in use; `None` where they always have power.
        factory: What `choose_factory` returned; only for ``power_gpio``.
        device: Bus and chip select of ``/dev/spidevB.C``. The LEDs have no chip select, and hear both.

    Raises:
        ImportError: If spidev is not installed.
    """

    def __init__(
        self,
        count: int,
        *,
        order: str = "bgr",
        brightness: int = BRIGHTNESS,
        power_gpio: int | None = None,
        factory: PinFactory = None,
        device: tuple[int, int] = (0, 0),
    ) -> None:
        self.count, self.frame_s = count, 0.0
        spidev = import_module("spidev")
        self._row = _Row(
            lambda: _SpiBus(spidev.SpiDev(), device),
            count=count,
            order=order,
            brightness=brightness,
            power_gpio=power_gpio,
            factory=factory,
        )

    def show(self, frame: Sequence[Rgb]) -> None:
        """
        Latch one color per LED.

        Raises:
            OSError: ``ENOENT``, SPI is switched off; ``EACCES``, this user is not in the group spi; others: a dead bus.
            ValueError: If there is not exactly one color per LED, each 0..255.
        """
        self._row.show(frame)

    def close(self) -> None:
        """
        Put them out, also if this process never lit them, and let go. Idempotent.

        Raises:
            OSError: If the bus is dead. It is let go of all the same.
        """
        self._row.close()


class BitBangLeds:
    """
    A row of APA102 on any two pins: a few milliseconds a frame.

    Attributes:
        count: How many LEDs.
        frame_s: The least time that should pass between two frames.

    Args:
        count, order, brightness, power_gpio: As for `SpiLeds`.
        data_gpio, clock_gpio: The pins.
        factory: What `choose_factory` returned. It stays the caller's.
    """

    def __init__(
        self,
        count: int,
        *,
        data_gpio: int,
        clock_gpio: int,
        order: str = "bgr",
        brightness: int = BRIGHTNESS,
        power_gpio: int | None = None,
        factory: PinFactory,
    ) -> None:
        self.count, self.frame_s = count, BIT_BANG_FRAME_S
        self._row = _Row(
            lambda: _PinBus(data_gpio, clock_gpio, factory),
            count=count,
            order=order,
            brightness=brightness,
            power_gpio=power_gpio,
            factory=factory,
        )

    def show(self, frame: Sequence[Rgb]) -> None:
        """
        Latch one color per LED.

        Raises:
            OSError: ``EBUSY``, another program has a pin; others: the pins do not answer.
            ValueError: If there is not exactly one color per LED, each 0..255.
        """
        self._row.show(frame)

    def close(self) -> None:
        """
        Put them out, also if this process never lit them, and let go. Idempotent.

        Raises:
            OSError: If the pins do not answer. They are let go of all the same.
        """
        self._row.close()


class _Row:
    """What both have in common: the power, the bus, and how they come and go."""

    def __init__(
        self,
        open_bus: Callable[[], _Bus],
        *,
        count: int,
        order: str,
        brightness: int,
        power_gpio: int | None,
        factory: PinFactory,
    ) -> None:
        self._open_bus, self._count, self._order, self._brightness = open_bus, count, order, brightness
        self._power_gpio, self._factory = power_gpio, factory
        self._power: Any = None
        self._bus: _Bus | None = None
        self._closed = False

    def show(self, colors: Sequence[Rgb]) -> None:
        check_frame(colors, count=self._count)
        if self._closed:
            raise OSError("the LEDs are closed")
        self._write(colors)

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            self._write([(0, 0, 0)] * self._count)
        finally:
            self._let_go()
            if self._power is not None:
                with translated():
                    self._power.off()
                    self._power.close()

    def _write(self, colors: Sequence[Rgb]) -> None:
        if self._power is None and self._power_gpio is not None:
            self._power = claim("OutputDevice", self._power_gpio, factory=self._factory, initial_value=True)
        if self._bus is None:
            self._bus = self._open_bus()
        try:
            self._bus.write(frame(colors, brightness=self._brightness, order=self._order))
        except OSError:
            self._let_go()
            raise

    def _let_go(self) -> None:
        bus, self._bus = self._bus, None
        if bus is not None:
            with suppress(OSError):  # it is dead, or done with: what remains is to let go of it
                bus.close()


class _SpiBus:
    def __init__(self, spi: Any, device: tuple[int, int]) -> None:
        self._spi = spi
        self._spi.open(*device)
        try:
            self._spi.mode, self._spi.max_speed_hz = 0, SPEED_HZ
        except OSError:
            self._spi.close()
            raise

    def write(self, payload: bytes) -> None:
        self._spi.writebytes2(payload)

    def close(self) -> None:
        self._spi.close()


class _PinBus:
    def __init__(self, data_gpio: int, clock_gpio: int, factory: PinFactory) -> None:
        with ExitStack() as claimed:
            data = claimed.enter_context(claim("OutputDevice", data_gpio, factory=factory))
            clock = claimed.enter_context(claim("OutputDevice", clock_gpio, factory=factory))
            # At hundreds of levels a frame, gpiozero's devices would take longer than their pins.
            self._set_data, self._set_clock = setter(data, data_gpio), setter(clock, clock_gpio)
            self._claimed = claimed.pop_all()

    def write(self, payload: bytes) -> None:
        """The LEDs take a bit when the clock rises."""
        set_data, set_clock = self._set_data, self._set_clock
        level = None
        with translated():
            for byte in payload:
                for place in range(7, -1, -1):
                    bit = bool(byte >> place & 1)
                    if bit is not level:
                        level = bit
                        set_data(bit)
                    set_clock(True)
                    set_clock(False)

    def close(self) -> None:
        with translated():
            self._claimed.close()
