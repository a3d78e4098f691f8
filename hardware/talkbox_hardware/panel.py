"""Button, encoder and its switch of a real board. Refuses to know what a press is for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace

from .board import Board, Button, Encoder
from .contact import Contact
from .encoder import Knob
from .gpio import PinFactory, check_pins, never_deaf


class BoardControls:
    """
    A board's push-to-talk button and rotary encoder. What it has neither of, it is silent about.

    Args:
        board: Says which pins, and which are not for us.
        button, encoder: In place of the board's own; `None`: as the board has it.
        factory: What `choose_factory` returned. It stays the caller's.

    Raises:
        ValueError: Naming board and pins, if the pins cannot be these. None is claimed then.
        OSError: ``EBUSY``, another program has a pin.
    """

    def __init__(
        self, board: Board, *, button: Button | None = None, encoder: Encoder | None = None, factory: PinFactory
    ) -> None:
        button, encoder = button or board.button, encoder or board.encoder
        check_pins(replace(board, button=button, encoder=encoder))
        self._button: Contact | None = None
        self._switch: Contact | None = None
        self._knob: Knob | None = None
        with ExitStack() as claimed:

            def contact(gpio: int, *, like: Button | None = None) -> Contact:
                wired = like or Button(gpio=gpio)
                made = Contact(gpio, active_low=wired.active_low, pull=wired.pull, factory=factory)
                claimed.callback(made.close)
                return made

            if encoder is not None:
                self._knob = Knob(
                    a=contact(encoder.a_gpio),
                    b=contact(encoder.b_gpio),
                    edges_per_detent=encoder.edges_per_detent,
                    reverse=encoder.reverse,
                )
                self._switch = None if encoder.switch_gpio is None else contact(encoder.switch_gpio)
            if button is not None:
                self._button = contact(button.gpio, like=button)
            if button or encoder:
                never_deaf(factory)
            self._claimed = claimed.pop_all()

    def listen(
        self,
        *,
        button: Callable[[bool, float], None],
        turned: Callable[[int, float], None],
        pushed: Callable[[bool, float], None],
    ) -> None:
        """
        Report from now on, on the pin library's one thread: the callbacks must only enqueue.

        Args:
            button: Called with ``(pressed, at_s)`` for each edge of the button, bounce included.
            turned: Called with ``(detents, at_s)``; clockwise is positive.
            pushed: Called with ``(pressed, at_s)`` for each edge of the encoder's switch, bounce included.
        """
        if self._button is not None:
            self._button.listen(button)
        if self._knob is not None:
            self._knob.listen(turned)
        if self._switch is not None:
            self._switch.listen(pushed)

    def button_closed(self) -> bool:
        """
        Tell whether the button's contact is closed now; `False` where there is no button.

        Raises:
            OSError: If the pin cannot be read.
        """
        return self._button is not None and self._button.pressed

    def switch_closed(self) -> bool:
        """Tell the same of the encoder's switch."""
        return self._switch is not None and self._switch.pressed

    def close(self) -> None:
        """Stop reporting and let go of the pins. Idempotent."""
        self._claimed.close()
