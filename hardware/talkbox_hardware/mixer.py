"""
The mixer profile of a board: set at every start, read back from the card.

After boot a codec's paths are closed: "the card is there, and silent" is the usual fault. What `alsactl` has stored is
not relied on: it is lost with a read-only root, and races the driver.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import Protocol

from .board import Control
from .ctl import ControlInfo, Controls, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """The card has no such control."""

    control: Control

    def __str__(self) -> str:
        return f"the card has no control {self.control.name!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Differs:
    """A control has not become what it should; `found` is what it is, channel by channel."""

    control: Control
    found: tuple[Value, ...]

    def __str__(self) -> str:
        found = ", ".join(map(repr, dict.fromkeys(self.found)))
        return f"control {self.control.name!r} is {found}, not {self.control.value!r}"


class Mixer(Protocol):
    """What is needed of a card: `ctl.Controls`, or what stands for it."""

    def info(self, name: str) -> ControlInfo | None:
        """Return what the control takes; `None`: there is none."""
        ...

    def write(self, name: str, value: Value) -> None:
        """Set all channels."""
        ...

    def read(self, name: str) -> tuple[Value, ...]:
        """Return what the card has, one value a channel."""
        ...


def apply(card: str | Mixer, controls: Iterable[Control]) -> tuple[Missing | Differs, ...]:
    """
    Set `controls` in their order, all channels alike; then read each back.

    Args:
        card: The card, ``hw:CARD=seeed2micvoicec``, or its controls, open.
        controls: What to set.

    Returns:
        What is not as it was asked for. None of it is fatal: drivers differ in what they have.

    Raises:
        OSError: There is no such card, or it is gone.
    """
    if isinstance(card, str):
        with closing(Controls(card)) as opened:
            return apply(opened, controls)
    wanted = tuple(controls)
    for control in wanted:
        info = card.info(control.name)
        if info is not None and info.takes(control.value):
            with suppress(OSError):  # refused, or gone: the reading says which
                card.write(control.name, control.value)
    return compare(card, wanted)


def compare(card: str | Mixer, controls: Iterable[Control]) -> tuple[Missing | Differs, ...]:
    """
    Read `controls` back and set nothing.

    Args:
        card: As for `apply`.
        controls: What they should be.

    Returns:
        What is not so.

    Raises:
        OSError: There is no such card, or it is gone.
    """
    if isinstance(card, str):
        with closing(Controls(card)) as opened:
            return compare(opened, controls)
    return tuple(problem for problem in (_problem(card, control) for control in controls) if problem is not None)


def _problem(card: Mixer, control: Control) -> Missing | Differs | None:
    if card.info(control.name) is None:
        return Missing(control=control)
    found = card.read(control.name)
    # True == 1: a switch is no volume.
    same = all(type(one) is type(control.value) and one == control.value for one in found)
    return None if same else Differs(control=control, found=found)
