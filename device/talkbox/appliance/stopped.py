"""`talkbox stopped`: what is left to do when the device has ended, however it did. For systemd; it fails nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping

from talkbox.config import Config, load
from talkbox.errors import TalkboxError

from .compose.hardware import Hardware
from .endings import ending
from .lights_verbs import off

log = logging.getLogger(__name__)


def run(environ: Mapping[str, str], configured: Callable[[], Config]) -> None:
    """
    Say why the device ended, if it ended badly, and put its LEDs out: they keep their last color when it was killed.

    Args:
        environ: What systemd says of the end.
        configured: Loads the configuration; what it raises was perhaps why the device ended. Then the LEDs are those of
            the board that is found.
    """
    ended = ending(environ)
    if ended is not None:
        log.error("%s", ended.text, extra={"event": "ended_badly", "hint": ended.hint})
    try:
        config = configured()
    except TalkboxError:
        config = load(None, environ={})
    try:
        _lights_off(config)
    except TalkboxError as error:
        log.warning("the LEDs were not put out: %s", error, extra={"event": "lights_stay", "hint": error.hint})


def _lights_off(config: Config) -> None:
    hardware = Hardware(config)
    try:
        off(hardware.leds())
    finally:
        hardware.close()
