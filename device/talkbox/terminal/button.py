"""
The button, made of a key. Pure: the caller brings the strokes and the time.

Where the terminal does not tell releases, holding a key looks like tapping it fast: the release is when that stops.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .keys import Edge, Key, Stroke

FIRST_REPEAT_S = 0.8
"""A held key repeats after 0.25 s to 0.66 s, as the desktop is set; a key that has not by now was let go."""

NEXT_REPEAT_S = 0.25
"""From then on a held key repeats at least ten times a second."""

HOLD_S = FIRST_REPEAT_S + 0.2
"""How long a press must last to count as a hold, for a tap to be shorter than that where releases are guessed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What to ask the device for."""

    command: str
    fields: Mapping[str, object] = field(default_factory=dict)


_PRESS, _RELEASE = Asked(command="press"), Asked(command="release")


class KeyButton:
    """
    Turn strokes of the button's key, and of the key that toggles it, into presses and releases.

    Args:
        tells_releases: Whether the terminal tells when a key is let go.
    """

    def __init__(self, *, tells_releases: bool) -> None:
        self._tells_releases = tells_releases
        self._release_at: float | None = None
        self.pressed = False

    def stroke(self, stroke: Stroke, at_s: float) -> Asked | None:
        """Take one stroke, made at `at_s`. Return what to ask for, if anything."""
        if stroke.key is Key.TOGGLE:
            return self._move(pressed=not self.pressed) if stroke.edge is Edge.DOWN else None
        if stroke.edge is Edge.UP:
            return self._move(pressed=False)
        moved = self._move(pressed=True)
        if not self._tells_releases and (moved or self._release_at is not None):
            self._release_at = at_s + (FIRST_REPEAT_S if moved else NEXT_REPEAT_S)
        return moved

    def deadline(self) -> float | None:
        """When to call `expire`, or `None` if only a stroke can change anything."""
        return self._release_at

    def expire(self, at_s: float) -> Asked | None:
        """Tell the button that it is `at_s`. Harmless when called early."""
        if self._release_at is None or at_s < self._release_at:
            return None
        return self._move(pressed=False)

    def _move(self, *, pressed: bool) -> Asked | None:
        if pressed is self.pressed:
            return None
        self.pressed, self._release_at = pressed, None
        return _PRESS if pressed else _RELEASE


def requested(stroke: Stroke, button: KeyButton, at_s: float) -> Asked | None:
    """Return what the device is to be asked for after `stroke`, made at `at_s`."""
    match stroke:
        case Stroke(key=Key.BUTTON | Key.TOGGLE):
            return button.stroke(stroke, at_s)
        case Stroke(edge=Edge.UP):
            return None
        case Stroke(key=Key.LOUDER):
            return Asked(command="turn", fields={"detents": 1})
        case Stroke(key=Key.SOFTER):
            return Asked(command="turn", fields={"detents": -1})
        case Stroke(key=Key.MUTE, edge=Edge.DOWN):
            return Asked(command="mute")
    return None
