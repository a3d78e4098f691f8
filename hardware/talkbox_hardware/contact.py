"""A contact on a pin: its edges, as they come, bounce included. Refuses to know what an edge means."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Literal

from .gpio import PinFactory, claim, translated

_PULL_UP = {"up": True, "down": False, "none": None}


def _unheard(_pressed: bool, _at_s: float) -> None:
    """Stand in for a listener where there is none."""


class Contact:
    """
    A button or a switch between a pin and ground, or 3.3 V.

    gpiozero debounces nothing here: lgpio would report an edge only after the contact has rested, too late for a
    press and never for a fast encoder.

    Args:
        gpio: Number of the pin, as Broadcom counts.
        active_low: Whether a closed contact pulls the pin to ground.
        pull: The Pi's own resistor; "none" where the board has one.
        factory: What `choose_factory` returned.

    Raises:
        OSError: ``EBUSY``, another program has the pin.
    """

    def __init__(
        self, gpio: int, *, active_low: bool = True, pull: Literal["up", "down", "none"] = "up", factory: PinFactory
    ) -> None:
        self._active_low = active_low
        self._on_edge: Callable[[bool, float], None] = _unheard
        device = claim(
            "InputDevice",
            gpio,
            factory=factory,
            pull_up=_PULL_UP[pull],
            active_state=not active_low if pull == "none" else None,
        )
        with translated(f"GPIO{gpio}"), ExitStack() as undo:
            undo.callback(device.close)
            device.pin.bounce = None
            device.pin.edges = "both"  # also makes gpiozero forget a listener that went without a word
            device.pin.when_changed = self._changed  # held weakly: whoever drops the contact hears nothing more
            undo.pop_all()
        self._device = device

    @property
    def pressed(self) -> bool:
        """
        Whether the contact is closed now.

        Raises:
            OSError: If the pin cannot be read.
        """
        with translated():
            return self._means(self._device.pin.state)

    def listen(self, on_edge: Callable[[bool, float], None]) -> None:
        """
        Report edges from now on.

        Args:
            on_edge: Called with ``(pressed, at_s)``, `time.monotonic` when the contact moved, on the library's one
                thread: it must only enqueue, and never raise.
        """
        self._on_edge = on_edge

    def close(self) -> None:
        """Stop reporting and let go of the pin. Idempotent."""
        self._on_edge = _unheard
        if not self._device.closed:
            with translated():
                self._device.pin.when_changed = None
                self._device.close()

    def _changed(self, at_s: float, level: float) -> None:
        self._on_edge(self._means(level), at_s)

    def _means(self, level: float) -> bool:
        return bool(level) != self._active_low
