"""Plain LEDs, one pin each: on or off. Refuses to know colors."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from typing import Any

from .colors import Rgb, check_frame
from .gpio import PinFactory, claim, translated

THRESHOLD = 48
"""Of 255: a LED is on if its brightest channel has so much."""


def degraded(frame: Sequence[Rgb], *, threshold: int = THRESHOLD) -> list[bool]:
    """Return which LEDs of a ``frame`` are on: the bright ones, else the last of the brightest; of a dark one none."""
    levels = [max(color) for color in frame]
    on = [level >= threshold for level in levels]
    if any(levels) and not any(on):
        on[max(range(len(levels)), key=lambda led: (levels[led], led))] = True
    return on


class PlainLeds:
    """
    A row of LEDs that can only be on or off, so that what fades on others blinks here, down to one LED.

    A frame that is not dark does not become dark, for a light may stand for an open microphone: where nothing is bright
    enough, the brightest LED is on. Give them full brightness: what is dimmed in general falls below the threshold.
    Nothing is claimed before the first frame.

    Attributes:
        count: How many LEDs.
        frame_s: The least time that should pass between two frames: none.

    Args:
        gpios: Their pins, in order; high is on.
        threshold: From which brightness on a LED is on, 1..255.
        factory: What `choose_factory` returned. It stays the caller's.
    """

    def __init__(self, gpios: Sequence[int], *, threshold: int = THRESHOLD, factory: PinFactory) -> None:
        self.count, self.frame_s = len(gpios), 0.0
        self._gpios, self._threshold, self._factory = tuple(gpios), threshold, factory
        self._devices: list[Any] = []
        self._claimed = ExitStack()
        self._lit: list[bool] = []
        self._closed = False

    def show(self, frame: Sequence[Rgb]) -> None:
        """
        Switch each LED on or off.

        Raises:
            OSError: ``EBUSY``, another program has a pin; others: the pins do not answer.
            ValueError: If there is not exactly one color per LED, each 0..255.
        """
        check_frame(frame, count=self.count)
        if self._closed:
            raise OSError("the LEDs are closed")
        self._write(degraded(frame, threshold=self._threshold))

    def close(self) -> None:
        """
        Put them out, also if this process never lit them, and let go. Idempotent.

        Raises:
            OSError: If the pins do not answer.
        """
        if self._closed:
            return
        self._closed = True
        with translated(), self._claimed:
            self._write([False] * self.count)

    def _write(self, lit: list[bool]) -> None:
        with translated():
            if not self._devices:
                self._claim()
            for device, on, was_on in zip(self._devices, lit, self._lit, strict=True):
                if on is not was_on:
                    device.value = on
        self._lit = lit

    def _claim(self) -> None:
        """Claim all pins, or none; claiming them puts them out."""
        with ExitStack() as claimed:
            devices = [
                claimed.enter_context(claim("OutputDevice", gpio, factory=self._factory)) for gpio in self._gpios
            ]
            self._claimed = claimed.pop_all()
        self._devices, self._lit = devices, [False] * self.count
