"""Where the doctor is given what it examines: the board as it is fitted, its sound, the running device, the network."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from .appliance.compose import program
from .config import Config, load
from .doctor import knock
from .doctor.checklist import Subject
from .doctor.machine import ThisMachine
from .doctor.wire import ThisWire
from .errors import ConfigError
from .terminal.request import events, request


def subject(path: Path | None, configured: Callable[[], Config]) -> Subject:
    """
    Return what `talkbox doctor` and `talkbox report` examine. Nothing is opened yet.

    Args:
        path: The configuration's file; `None`: there is none.
        configured: Reads it. That it cannot be used is something to find: the defaults take its place.
    """
    # What the parts would log, a check says.
    logging.basicConfig(handlers=[logging.NullHandler()], force=True)
    error = None
    try:
        config = configured()
    except ConfigError as unusable:
        config, error = load(None, environ={}), unusable
    return Subject(
        config=config,
        config_path=str(path or ""),
        config_error=error,
        fitted=partial(program.examined_hardware, config),
        sound=partial(program.examined_devices, config),
        ask=partial(request, Path(config.control.socket)),
        watch=partial(events, Path(config.control.socket)),
        sign=partial(knock.sign, config.agent),
        knock=partial(knock.knock, config.agent),
        machine=ThisMachine(),
        wire=ThisWire(),
    )
