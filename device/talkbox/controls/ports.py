"""What the panel needs of a board: one contact and one knob, reported as edges and detents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Controls(Protocol):
    """
    A push-to-talk button and a rotary encoder.

    The callbacks may run on any thread; they only enqueue. `at_s` is `time.monotonic` when the contact moved.
    """

    def listen(
        self,
        *,
        button: Callable[[bool, float], None],
        turned: Callable[[int, float], None],
        pushed: Callable[[bool, float], None],
    ) -> None:
        """
        Report from now on.

        Args:
            button: Called with ``(pressed, at_s)`` for each edge of the push-to-talk button, bounce included.
            turned: Called with ``(detents, at_s)``; clockwise is positive.
            pushed: Called with ``(pressed, at_s)`` for each edge of the encoder's own switch.
        """
        ...

    def button_closed(self) -> bool:
        """
        Tell whether the button's contact is closed now; `False` where there is no button. Must not block.

        Raises:
            OSError: If the pin cannot be read.
        """
        ...

    def switch_closed(self) -> bool:
        """Tell the same of the encoder's switch."""
        ...

    def close(self) -> None:
        """Stop reporting and let go of the pins. Idempotent."""
        ...
