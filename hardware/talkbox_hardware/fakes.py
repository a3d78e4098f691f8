"""
The simulated board: a button, an encoder and LEDs, in memory.

It satisfies the firmware's ports as any board does, only that it is reached through methods instead of with fingers and
eyes.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence

from .colors import Rgb, check_frame

_Frame = tuple[Rgb, ...]


class SimulatedLeds:
    """
    A row of LEDs that remembers what it showed.

    Args:
        count: How many LEDs; the ReSpeaker 2-Mics HAT has 3.

    Attributes:
        count: As given.
        frame_s: The least time that should pass between two frames: none, unless it is set.
        frame: What is shown now; dark at first and after `close`.
        history: The frames shown so far, oldest first; the last 1000.
        failure: Set an `OSError` here and the bus is dead: `show` raises it until it is `None` again.
        closed: Whether `close` was called.
    """

    def __init__(self, count: int = 3) -> None:
        self.count, self.frame_s = count, 0.0
        self.frame: _Frame = ((0, 0, 0),) * count
        self.history: deque[_Frame] = deque(maxlen=1000)
        self.failure: OSError | None = None
        self.closed = False

    def show(self, frame: Sequence[Rgb]) -> None:
        """
        Latch one color per LED.

        Raises:
            OSError: If the bus is made to be dead, or closed.
            ValueError: If there is not exactly one color per LED, each 0..255.
        """
        check_frame(frame, count=self.count)
        if self.failure is not None:
            raise self.failure
        if self.closed:
            raise OSError("the LEDs are closed")
        self.frame = tuple(frame)
        self.history.append(self.frame)

    def close(self) -> None:
        """Put them out and let go. Idempotent."""
        self.closed = True
        self.frame = ((0, 0, 0),) * self.count


def _unheard(_what: int, _at_s: float) -> None:
    """Stand in for a listener where there is none."""


class SimulatedControls:
    """
    A push-to-talk button and a rotary encoder, operated by method calls.

    Each method calls the listener on the caller's own thread, at once, as a board's callback thread would. Without a
    listener nothing happens, as with a real button.

    Args:
        clock: Stamps the edges, in seconds; `time.monotonic` unless a test brings its own.
    """

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._button_closed = False
        self.close()

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
            button: Called with ``(pressed, at_s)`` for each edge of the button.
            turned: Called with ``(detents, at_s)``; clockwise is positive.
            pushed: Called with ``(pressed, at_s)`` for each edge of the encoder's switch.
        """
        self._button, self._turned, self._pushed = button, turned, pushed

    def press(self) -> None:
        """Put a finger on the button."""
        self._button_closed = True
        self._button(True, self._clock())

    def release(self) -> None:
        """Take it off again."""
        self._button_closed = False
        self._button(False, self._clock())

    def turn(self, detents: int) -> None:
        """Turn the encoder by ``detents``; clockwise is positive."""
        self._turned(detents, self._clock())

    def push(self) -> None:
        """Push the encoder's switch and let it go."""
        at_s = self._clock()
        self._pushed(True, at_s)
        self._pushed(False, at_s)

    def button_closed(self) -> bool:
        """Tell whether there is a finger on the button."""
        return self._button_closed

    def switch_closed(self) -> bool:
        """Tell whether the encoder's switch is down: never for long."""
        return False

    def close(self) -> None:
        """Stop reporting. Idempotent."""
        self._button = self._turned = self._pushed = _unheard
