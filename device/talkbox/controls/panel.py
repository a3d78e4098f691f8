"""
The panel: edges come in on any thread, gestures go out on the loop.

The only place where the board's callback thread meets the event loop. Knows neither pins nor what a gesture is for.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from functools import partial

from .gestures import Gesture, GestureRecognizer
from .ports import Controls


class Panel:
    """
    A push-to-talk button, an encoder, and the encoder's switch.

    Create it on the loop, whose clock must be that of the edges (`time.monotonic`, as every real loop's is). The
    callbacks run on the loop, in the order of the edges, and must neither block nor raise. `button`, `turned` and
    `pushed` may be called on any thread: the board does so from `start` on, and so may who operates the panel
    remotely.

    Args:
        on_gesture: Called with each gesture of the button.
        on_turn: Called with the detents of each turn; clockwise is positive.
        on_mute: Called each time the encoder's switch goes down.
        hold_s: A press of the button this long is a hold.
        power_off_s: A press this long is `Gesture.LONG_HELD`; `None` for never.
        bounce_s: For so long the contacts of button and switch may bounce.

    Raises:
        ValueError: If ``bounce_s``, ``hold_s`` and ``power_off_s`` are not in ascending order.
    """

    def __init__(
        self,
        *,
        on_gesture: Callable[[Gesture], None],
        on_turn: Callable[[int], None],
        on_mute: Callable[[], None],
        hold_s: float = 0.6,
        power_off_s: float | None = 8.0,
        bounce_s: float = 0.02,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_turn, self._on_mute = on_turn, on_mute
        self._controls: Controls | None = None
        self._closed = False
        button = GestureRecognizer(hold_s=hold_s, power_off_s=power_off_s, bounce_s=bounce_s)
        switch = GestureRecognizer(hold_s=hold_s, power_off_s=None, bounce_s=bounce_s)
        self._button = _Contact(self._loop, button, on_gesture=on_gesture)
        self._switch = _Contact(self._loop, switch, on_gesture=self._switched)

    def start(self, controls: Controls) -> None:
        """Listen to ``controls``, and own them from now on."""
        self._controls = controls

        def button(pressed: bool, at_s: float) -> None:
            self._post(partial(self._button.edge, pressed, at_s, look=controls.button_closed))

        def pushed(pressed: bool, at_s: float) -> None:
            self._post(partial(self._switch.edge, pressed, at_s, look=controls.switch_closed))

        controls.listen(button=button, turned=self.turned, pushed=pushed)

    def button(self, pressed: bool, at_s: float) -> None:
        """Take one edge of the button from afar: it is ``pressed``, or not, since ``at_s``. Any thread."""
        self._post(partial(self._button.edge, pressed, at_s))

    def turned(self, detents: int, _at_s: float) -> None:
        """Take a turn of the encoder by ``detents``; clockwise is positive. Any thread."""
        self._post(partial(self._on_turn, detents))

    def pushed(self, pressed: bool, at_s: float) -> None:
        """Take one edge of the encoder's switch from afar. Any thread."""
        self._post(partial(self._switch.edge, pressed, at_s))

    def close(self) -> None:
        """Let go of the controls; no callback is called from now on. Idempotent."""
        self._closed = True
        if self._controls is not None:
            self._controls.close()
        self._button.close()
        self._switch.close()

    def _post(self, call: Callable[[], None]) -> None:
        # An edge may still be on its way in another thread when the program, and its loop with it, has ended.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._deliver, call)

    def _deliver(self, call: Callable[[], None]) -> None:
        if not self._closed:
            call()

    def _switched(self, gesture: Gesture) -> None:
        if gesture is Gesture.PRESSED:
            self._on_mute()


class _Contact:
    """
    A recognizer and its timer, on the loop.

    A kernel keeps 16 edges of a pin, and a chattering contact makes more: the last may be lost. So before anything is
    made of the time that has passed, one looks at the pin.
    """

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        recognizer: GestureRecognizer,
        *,
        on_gesture: Callable[[Gesture], None],
    ) -> None:
        self._loop, self._recognizer, self._on_gesture = loop, recognizer, on_gesture
        self._timer: asyncio.TimerHandle | None = None
        self._look: Callable[[], bool] | None = None

    def edge(self, pressed: bool, at_s: float, look: Callable[[], bool] | None = None) -> None:
        """Take an edge; `look` tells how the contact is now, `None` where it is moved from afar."""
        self._look = look
        self._report(self._recognizer.edge(pressed, at_s=at_s))

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _expire(self, deadline_s: float) -> None:
        if self._look is not None:
            with contextlib.suppress(OSError):  # a pin that cannot be read: its edges are all there is
                self._recognizer.see(self._look())
        # The timer has fired for this deadline, even if the clock reads a hair less: timers may be early by a tick.
        self._report(self._recognizer.expire(deadline_s))

    def _report(self, gestures: list[Gesture]) -> None:
        self.close()
        if (deadline_s := self._recognizer.deadline()) is not None:
            self._timer = self._loop.call_at(deadline_s, self._expire, deadline_s)
        for gesture in gestures:
            self._on_gesture(gesture)
