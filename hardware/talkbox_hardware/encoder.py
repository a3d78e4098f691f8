"""A rotary encoder: from the edges of its two contacts to detents. Refuses to know what is turned up by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from .contact import Contact

# Both contacts before and after an edge, as the four bits AB AB: one step onwards, one step back; 0: nothing moved, or
# both did at once, which is an edge missed and says nothing about the direction.
_STEPS = (
    0, -1, +1, 0,
    +1, 0, 0, -1,
    -1, 0, 0, +1,
    0, +1, -1, 0,
)  # fmt: skip


class QuadratureDecoder:
    """
    Count detents. Pure: no pin and no clock; the bounce of a contact is a step there and a step back.

    In a detent both contacts rest open (with 2 edges a detent also both closed). What was counted since the last rest
    is a detent if it is at least half of one, so a single missed edge costs nothing, and is forgotten otherwise, so
    that no error lasts.

    Args:
        edges_per_detent: 4: a whole cycle from one detent to the next, as most encoders have; 2: half a cycle.
        reverse: Whether clockwise closes contact B first.
        a, b: Whether the contacts are closed now.
    """

    def __init__(
        self, *, edges_per_detent: Literal[2, 4] = 4, reverse: bool = False, a: bool = False, b: bool = False
    ) -> None:
        self._edges_per_detent = edges_per_detent
        self._clockwise = -1 if reverse else 1
        self._contacts = a << 1 | b
        self._rests = (0b00,) if edges_per_detent == 4 else (0b00, 0b11)
        self._count = 0

    def edge(self, *, a: bool, b: bool) -> int:
        """Take the contacts after an edge: closed or not. Return the detent it completes, 1 clockwise, -1, or 0."""
        before, self._contacts = self._contacts, a << 1 | b
        self._count += _STEPS[before << 2 | self._contacts]
        resting = self._contacts in self._rests
        enough = self._edges_per_detent // 2 if resting else self._edges_per_detent
        detent = 0
        if abs(self._count) >= enough:
            detent = self._clockwise if self._count > 0 else -self._clockwise
        if resting or detent:
            self._count = 0
        return detent


class Knob:
    """
    An encoder on two contacts, which stay the caller's: close them to silence it.

    Args:
        a, b: Its contacts.
        edges_per_detent, reverse: As for `QuadratureDecoder`.

    Raises:
        OSError: If the pins cannot be read.
    """

    def __init__(self, *, a: Contact, b: Contact, edges_per_detent: Literal[2, 4], reverse: bool) -> None:
        self._on_turn: Callable[[int, float], None] = _unheard
        # The levels are those of the edges, not of now: by now a fast knob is elsewhere. One thread brings all edges.
        self._a, self._b = a.pressed, b.pressed
        self._decoder = QuadratureDecoder(edges_per_detent=edges_per_detent, reverse=reverse, a=self._a, b=self._b)
        a.listen(self._on_a)
        b.listen(self._on_b)

    def listen(self, on_turn: Callable[[int, float], None]) -> None:
        """Report turns from now on: call ``on_turn`` with ``(detents, at_s)``, on the thread of the edges."""
        self._on_turn = on_turn

    def _on_a(self, closed: bool, at_s: float) -> None:
        self._a = closed
        self._decode(at_s)

    def _on_b(self, closed: bool, at_s: float) -> None:
        self._b = closed
        self._decode(at_s)

    def _decode(self, at_s: float) -> None:
        if detent := self._decoder.edge(a=self._a, b=self._b):
            self._on_turn(detent, at_s)


def _unheard(_detents: int, _at_s: float) -> None:
    """Stand in for a listener where there is none."""
