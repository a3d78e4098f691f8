"""The LEDs, to be seen. Of a running device they are not claimed: it is asked to light them."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing

from talkbox.lights.ports import Leds

from .check import Result, failed, ok, skipped, unseen
from .device import running
from .ports import Ask, Fitted

PATTERN = ((255, 0, 0), (0, 255, 0), (0, 0, 255))
PATTERN_WORDS = "red, green, blue"
SHOWS_S = 0.7
BUS = "check that the board is seated and SPI enabled (`dtparam=spi=on`)"

Sleep = Callable[[float], None]


def leds(fitted: Callable[[], Fitted], ask: Ask, *, boot: bool, sleep: Sleep = time.sleep) -> Result:
    """
    Show something on the LEDs, and say what should have been seen.

    A running device is asked to show its volume, which changes nothing.

    Args:
        fitted: The board.
        ask: Asks the running device.
        boot: Whether nothing is to be shown.
        sleep: Waits while it is shown.
    """
    strip = fitted().board.leds
    if strip is None:
        return skipped("`talkbox monitor` shows them" if fitted().simulated else "this board has none")
    if boot:
        return skipped("nothing is shown while the machine starts")
    now = running(ask)
    if now.in_session:
        return unseen("the device is in a conversation, and they show it", "try again when it is over")
    if now.has_pins:
        return _shown_by_the_device(ask, count=strip.count, sleep=sleep)
    return _shown(fitted().leds(), words="lit" if strip.driver == "plain" else PATTERN_WORDS, sleep=sleep)


def _shown(row: Leds, *, words: str, sleep: Sleep) -> Result:
    """Show the pattern, and put it out."""
    if not row.count:
        return failed("the library that drives them is not installed", "`pip install 'talkbox[pi]'`")
    try:
        with closing(row):
            for color in PATTERN:
                row.show((color,) * row.count)
                sleep(SHOWS_S)
    except PermissionError:
        raise
    except OSError as error:
        return failed(f"they do not answer: {(error.strerror or str(error)).lower()}", BUS)
    return ok(f"{row.count} were {words} just now, if you saw it")


def _shown_by_the_device(ask: Ask, *, count: int, sleep: Sleep) -> Result:
    ask("turn", detents=0)
    sleep(SHOWS_S)
    status = running(ask).status or {}
    frame = status.get("leds")
    lit = sum(any(color) for color in frame if isinstance(color, list)) if isinstance(frame, list) else 0
    if lit:
        return ok(f"the running device showed its volume on them: {lit} of {count} were lit, if you saw it")
    if status.get("volume") == 0:
        return unseen("the volume is 0, and so is what they show", "turn the knob up, and try again")
    return failed("the running device showed its volume, and none of them was lit", f"{BUS}; is lights.brightness 0?")
