"""Fingers for boards in memory; see `board_contract.Hand`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from talkbox_hardware.fakes import SimulatedControls

BOUNCES_PER_MS = 2


class PinHand:
    """
    Fingers on contacts to ground.

    Args:
        move: Sets the level of a pin, from outside.
        rest: Lets some milliseconds pass; a board without a clock needs none.
        button, a, b, switch: The pins.
        active_low: Whether the button closes to ground; the others always do.
    """

    def __init__(
        self,
        move: Callable[[int, bool], None],
        *,
        rest: Callable[[float], None] = lambda _ms: None,
        button: int = 17,
        a: int = 12,
        b: int = 13,
        switch: int = 26,
        active_low: bool = True,
    ) -> None:
        self._move, self._rest = move, rest
        self._button, self._a, self._b, self._switch, self._active_low = button, a, b, switch, active_low

    def press(self) -> None:
        self._move(self._button, not self._active_low)

    def release(self) -> None:
        self._move(self._button, self._active_low)

    def push(self) -> None:
        self._move(self._switch, False)
        self._move(self._switch, True)

    def turn(self, detents: int, *, ms_per_detent: float = 40.0, bounce_ms: float = 0.0) -> None:
        lead, follow = (self._a, self._b) if detents > 0 else (self._b, self._a)
        for _ in range(abs(detents)):
            for gpio, level in ((lead, False), (follow, False), (lead, True), (follow, True)):
                for bounced in chattering(level, round(bounce_ms * BOUNCES_PER_MS)):
                    self._move(gpio, bounced)
                    self._rest(0.5 / BOUNCES_PER_MS)
                self._rest(ms_per_detent / 4 - bounce_ms)


class SimulatedHand:
    """Fingers on the simulated board, whose contacts cannot bounce."""

    def __init__(self, controls: SimulatedControls) -> None:
        self._controls = controls
        self.press, self.release, self.push = controls.press, controls.release, controls.push

    def turn(self, detents: int, *, ms_per_detent: float = 40.0, bounce_ms: float = 0.0) -> None:
        del ms_per_detent, bounce_ms
        for _ in range(abs(detents)):
            self._controls.turn(1 if detents > 0 else -1)


def chattering(level: bool, bounces: int) -> Iterator[bool]:
    """A contact on its way to ``level``: there, back, there again, and at last there."""
    for _ in range(bounces):
        yield level
        yield not level
    yield level
