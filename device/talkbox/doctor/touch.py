"""
The button and the knob, to be touched by somebody who is asked to.

Pins that the running device has are not claimed: it tells of the touch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from threading import Event

from talkbox.controls.ports import Controls

from .check import Result, ok, skipped, unseen
from .device import running
from .patience import within
from .ports import Ask, Fitted, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """
    Whoever sits before the device.

    Attributes:
        there: Whether there is one who can be asked.
        tell: Tells what to do.
        patience_s: How long it may take.
    """

    there: bool
    tell: Callable[[str], None]
    patience_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Touch:
    """
    What a hand is asked for.

    Attributes:
        pins: Where it is felt.
        plea: What is asked.
        effect: What it does to a running device.
        told_by: Whether an event of the running device tells of it.
        listen: Calls back when the board feels it.
        done: What then is said.
        undone: What is said if nothing was felt, and what to do then.
    """

    pins: str
    plea: str
    effect: str
    told_by: Callable[[Mapping[str, object]], bool]
    listen: Callable[[Controls, Callable[[], None]], None]
    done: str
    undone: tuple[str, str]


def button(fitted: Callable[[], Fitted], ask: Ask, watch: Watch, person: Person, *, boot: bool) -> Result:
    """
    Wait for a press of the button.

    Args:
        fitted: The board.
        ask: Asks the running device.
        watch: Tells what happens to it.
        person: Who may be asked to press it.
        boot: Whether the machine is starting: the pins are then left to the device.
    """
    found = fitted().board.button
    if found is None:
        return skipped("`talkbox tap` presses it" if fitted().simulated else "this board has none")

    def listen(controls: Controls, felt: Callable[[], None]) -> None:
        controls.listen(button=lambda down, _at_s: felt() if down else None, turned=_unheard, pushed=_unheard)

    touch = _Touch(
        pins=f"GPIO{found.gpio}",
        plea="press the button",
        effect="it begins a conversation; a second press ends it",
        told_by=lambda event: event.get("event") == "button",
        listen=listen,
        done="it was pressed",
        undone=("no press was seen", "was it pressed? else see its wire to the pin and to ground"),
    )
    return _touched(touch, fitted, ask, watch, person, boot=boot)


def encoder(fitted: Callable[[], Fitted], ask: Ask, watch: Watch, person: Person, *, boot: bool) -> Result:
    """Wait for a turn of the knob. Arguments as for `button`."""
    found = fitted().board.encoder
    if found is None:
        return skipped("`talkbox turn 1` turns it" if fitted().simulated else "this board has none")

    def listen(controls: Controls, felt: Callable[[], None]) -> None:
        controls.listen(button=_unheard, turned=lambda _detents, _at_s: felt(), pushed=_unheard)

    touch = _Touch(
        pins=f"GPIO{found.a_gpio} and {found.b_gpio}",
        plea="turn the knob",
        effect="it changes the volume",
        told_by=lambda event: event.get("event") == "volume" and event.get("by") == "encoder",
        listen=listen,
        done="it was turned",
        undone=("no turn was seen", "was it turned? else see its wires; a device without a knob needs nothing"),
    )
    return _touched(touch, fitted, ask, watch, person, boot=boot)


def _touched(
    touch: _Touch, fitted: Callable[[], Fitted], ask: Ask, watch: Watch, person: Person, *, boot: bool
) -> Result:
    now = running(ask)
    if boot and not now.has_pins:
        return skipped(f"{touch.pins}: left to the device, which may be starting")
    if now.hidden:
        return unseen(f"{touch.pins}: {now.hidden}")
    if now.has_pins:
        if boot or not person.there:
            return ok(f"{touch.pins}: the running device has claimed it; nobody was asked to touch it")
        person.tell(f"{touch.plea} within {person.patience_s:g} s ({touch.effect})")
        return _judged(touch, _is_told(touch, watch, patience_s=person.patience_s))
    felt = Event()
    with closing(fitted().controls()) as controls:
        if not person.there:
            return ok(f"{touch.pins} can be used; nobody was asked to touch it")
        touch.listen(controls, felt.set)
        person.tell(f"{touch.plea} within {person.patience_s:g} s")
        return _judged(touch, felt.wait(person.patience_s))


def _is_told(touch: _Touch, watch: Watch, *, patience_s: float) -> bool:
    """Return whether the running device tells of the touch in time."""
    try:
        return within(patience_s, lambda: any(map(touch.told_by, watch())), what="a touch")
    except TimeoutError:
        return False


def _judged(touch: _Touch, felt: bool) -> Result:
    if felt:
        return ok(f"{touch.pins}: {touch.done}")
    said, remedy = touch.undone
    return unseen(f"{touch.pins}: {said}", remedy)


def _unheard(_what: int, _at_s: float) -> None:
    """Stand in for who does not listen."""
