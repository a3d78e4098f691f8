"""`talkbox lights`: show one look or notice on the board's LEDs, and put them out. Needs no running device."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from talkbox.errors import ConfigError, TalkboxError
from talkbox.lights.animator import Animator
from talkbox.lights.example import voice
from talkbox.lights.patterns import DARK
from talkbox.lights.ports import Leds
from talkbox.lights.theme import THEME, Look, Notice

NAMES: dict[str, Look | Notice] = {row.value.replace("_", "-"): row for row in THEME}
"""What can be shown, as it is typed."""

ALL = "all"
VOLUME = 0.6
HINT = "stop the device first (one program at a time has the LEDs); check that the board is seated and SPI enabled"


def rows(name: str) -> list[Look | Notice]:
    """
    Return what ``name`` means: one row of the theme, or all of them.

    Raises:
        ConfigError: If there is no such row.
    """
    if name == ALL:
        return list(NAMES.values())
    if name not in NAMES:
        raise ConfigError(f"there is nothing called {name!r} to show", hint=f"there is {ALL}, {', '.join(NAMES)}")
    return [NAMES[name]]


async def show(
    leds: Leds, name: str, *, for_s: float, brightness: float, say: Callable[[str], None] = lambda _name: None
) -> None:
    """
    Show ``name``, with a made-up voice where the look follows one, and put the LEDs out. Canceling it does so too.

    Args:
        leds: The board's; closed afterwards.
        name: One of `NAMES`, or `ALL`: one after the other.
        for_s: How long each.
        brightness: Upper limit for every color, 0 to 1.
        say: Called with each name when it begins.

    Raises:
        ConfigError: If there is no such row.
        TalkboxError: If the board has no LEDs, or they do not answer.
    """
    shown = rows(name)
    if not leds.count:
        raise TalkboxError("this board has no LEDs")
    try:
        leds.show((DARK,) * leds.count)
    except OSError as error:
        raise TalkboxError(f"the LEDs do not answer: {error}", hint=HINT) from error
    animator = Animator(leds, brightness=brightness)
    try:
        for row in shown:
            say(row.value.replace("_", "-"))
            animator.show(THEME[row], level=(lambda: VOLUME) if row is Notice.VOLUME else _spoken())
            await asyncio.sleep(for_s)
    finally:
        animator.close()


def _spoken() -> Callable[[], float]:
    """Return what tells the level of a made-up voice that begins now."""
    clock = asyncio.get_running_loop().time
    began_s = clock()
    return lambda: voice(clock() - began_s)


def off(leds: Leds) -> None:
    """
    Put the LEDs out, whoever lit them.

    Raises:
        TalkboxError: If they do not answer.
    """
    try:
        leds.close()
    except OSError as error:
        raise TalkboxError(f"the LEDs do not answer: {error}", hint=HINT) from error
