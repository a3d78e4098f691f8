"""What a finger means. Pure: the caller brings the edges and the time."""

from __future__ import annotations

from collections import deque
from enum import StrEnum, auto


class Gesture(StrEnum):
    """One step of a press: PRESSED, then either TAPPED, or HELD, perhaps LONG_HELD, and RELEASED."""

    PRESSED = auto()
    """The contact closed."""
    TAPPED = auto()
    """It opened again before ``hold_s``."""
    HELD = auto()
    """It has been closed for ``hold_s``, and still is."""
    LONG_HELD = auto()
    """It has been closed for ``power_off_s``, and still is."""
    RELEASED = auto()
    """It opened after `HELD`."""


class GestureRecognizer:
    """
    Turn the edges of one bouncing contact into gestures.

    Call `edge` for every edge, and `expire` once `deadline` has passed. Calling `expire` late or in vain changes no
    gesture: what was due is reported before the next edge, as of its own time. All times are seconds on one monotonic
    clock. A contact that is closed at the start gives no gesture before it has opened once; one that is stuck gives
    its gestures once.

    Args:
        hold_s: A press this long is a hold; it is reported without waiting for the release, so the person feels it
            "take". Above ``bounce_s``.
        power_off_s: A press this long is a `Gesture.LONG_HELD`. Above ``hold_s``; `None` for never.
        bounce_s: Edges this soon after an accepted one are contact bounce. What the contact says at the end of that
            time counts.

    Raises:
        ValueError: If the times are not in ascending order.
    """

    def __init__(self, *, hold_s: float = 0.6, power_off_s: float | None = 8.0, bounce_s: float = 0.02) -> None:
        if not 0 <= bounce_s < hold_s:
            raise ValueError(f"hold_s must be above bounce_s {bounce_s}, not {hold_s}")
        if power_off_s is not None and power_off_s <= hold_s:
            raise ValueError(f"power_off_s must be above hold_s {hold_s}, not {power_off_s}")
        self._bounce_s = bounce_s
        self._milestones = [(hold_s, Gesture.HELD)]
        if power_off_s is not None:
            self._milestones.append((power_off_s, Gesture.LONG_HELD))
        self._contact = False  # as last reported by the pin
        self._pressed = False  # as we believe, bounce removed
        self._quiet_until_s = float("-inf")
        self._due: deque[tuple[float, Gesture]] = deque()  # what this press becomes if it lasts, and when

    def edge(self, pressed: bool, *, at_s: float) -> list[Gesture]:
        """Take one edge: the contact is ``pressed``, or not, since ``at_s``. Return what it means, oldest first."""
        gestures = self.expire(at_s)
        self._contact = pressed
        if at_s >= self._quiet_until_s:
            gestures += self._settle(at_s)
        return gestures

    def see(self, closed: bool) -> None:
        """Take how the contact was found: an edge may have been lost. Call `expire` next, which says what it means."""
        self._contact = closed

    def deadline(self) -> float | None:
        """Return when to call `expire`, or `None` if only an edge can change anything."""
        if self._contact != self._pressed:
            return self._quiet_until_s
        return self._due[0][0] if self._due else None

    def expire(self, at_s: float) -> list[Gesture]:
        """Say that it is ``at_s``. Return what has become of the press since, oldest first."""
        gestures: list[Gesture] = []
        while (deadline_s := self.deadline()) is not None and deadline_s <= at_s:
            gestures += self._settle(deadline_s) if self._contact != self._pressed else [self._due.popleft()[1]]
        return gestures

    def _settle(self, at_s: float) -> list[Gesture]:
        """Believe the contact, and nothing that it says in the next ``bounce_s``."""
        # Also when it says what we believe already: a contact that was closed at the start bounces when it opens.
        self._quiet_until_s = at_s + self._bounce_s
        if self._contact == self._pressed:
            return []
        self._pressed = self._contact
        if self._pressed:
            self._due.extend((at_s + after_s, gesture) for after_s, gesture in self._milestones)
            return [Gesture.PRESSED]
        tapped = len(self._due) == len(self._milestones)
        self._due.clear()
        return [Gesture.TAPPED if tapped else Gesture.RELEASED]
