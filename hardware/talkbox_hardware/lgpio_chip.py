"""
lgpio on every Pi: which chip has the header, and three traps of lgpio 0.2.2, each with its cause.

Refuses to know gpiozero. lgpio is imported when `import_lgpio` is called.
"""

from __future__ import annotations

import errno
import os
import sys
import tempfile
import time
from collections.abc import MutableMapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType

LABELS = ("pinctrl-rp1", "pinctrl-bcm2711", "pinctrl-bcm2835")
"""Of the chip that has the 40-pin header: Pi 5, Pi 4, all others."""

WAKE_PAUSES_S = (0.0, 0.05, 0.15)
"""Before each waking of lgpio's thread; see `keep_awake`."""


def import_lgpio(environ: MutableMapping[str, str] = os.environ) -> ModuleType:
    """
    Import lgpio without its litter.

    At its import lgpio makes a FIFO in the working directory and fails where it cannot; or it goes to the directory
    that ``LG_WD`` names, and stays there. So it gets a directory of its own, which is gone again when this returns (the
    FIFO stays open), and the process stays where it was.

    Args:
        environ: Of this process: the C library has to see what is set in it.

    Raises:
        ImportError: If it is not installed, or is PyPI's empty placeholder.
    """
    if "lgpio" not in sys.modules:
        here, asked_for = Path.cwd(), environ.get("LG_WD")
        runtime_directory = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
        with tempfile.TemporaryDirectory(prefix=".lgpio-", dir=runtime_directory or None) as folder:
            environ["LG_WD"] = folder
            try:
                import_module("lgpio")
            finally:
                os.chdir(here)
                del environ["LG_WD"]
                if asked_for is not None:
                    environ["LG_WD"] = asked_for
    lgpio = import_module("lgpio")
    if not hasattr(lgpio, "gpiochip_open"):
        raise ImportError("lgpio is empty, as its version 0.0.0.2 is: install python3-lgpio with apt", name="lgpio")
    return lgpio


def find_chip(lgpio: ModuleType, *, dev: Path = Path("/dev")) -> int:
    """
    Return the number of the chip with the 40-pin header; on the Pi 5 it moved three times.

    It is known by its label, else by its line 2, whose name is "GPIO2".

    Raises:
        OSError: ``EACCES``, this user may not use it; ``ENODEV``, there is none.
    """
    # A compatibility link, gpiochip4 -> gpiochip0, is the same chip once more.
    paths = sorted({path.resolve() for path in dev.glob("gpiochip[0-9]*")}, key=_number)
    by_line_name: list[int] = []
    for path in paths:
        try:
            label, name_of_line_2 = _describe(lgpio, _number(path))
        except lgpio.error:
            continue
        if label in LABELS:
            return _number(path)
        if name_of_line_2 == "GPIO2":
            by_line_name.append(_number(path))
    if by_line_name:
        return by_line_name[0]
    for path in paths:
        if not os.access(path, os.R_OK | os.W_OK):
            raise OSError(errno.EACCES, "not allowed to use the pins: this user is not in the group gpio", str(path))
    raise OSError(errno.ENODEV, f"none of {len(paths)} GPIO chips has the header of a Raspberry Pi", str(dev))


def keep_awake(lgpio: ModuleType, chip: int) -> None:
    """
    See to it that edges are reported.

    Call it when the lines are claimed, before anybody relies on them; it takes half a second. lgpio can lose the
    wake-up that the first claimed line sends to its thread (a condition variable without a predicate): no edge is then
    reported until another line is claimed. Closing a chip sends the same wake-up and claims nothing. So the chip is
    opened once more and closed: now, and again after a pause or two, because a busy machine may hold the thread up at
    just that point. Not later, though: lgpio sleeps 100 ms in each closing, with the lock in its hand that the thread
    of edges needs, and with the interpreter's.

    Args:
        lgpio: What `import_lgpio` returned.
        chip: What `find_chip` returned.
    """
    for pause_s in WAKE_PAUSES_S:
        _sleep(pause_s)
        # Too many open files, or the chip is gone: whoever uses the pins next will hear of it.
        with suppress(lgpio.error):
            lgpio.gpiochip_close(lgpio.gpiochip_open(chip))


_sleep = time.sleep


def _number(path: Path) -> int:
    return int(path.name.removeprefix("gpiochip"))


def _describe(lgpio: ModuleType, number: int) -> tuple[str, str]:
    """Return the label of a chip, and the name of its line 2, ``""`` where it has no such line."""
    handle = lgpio.gpiochip_open(number)
    try:
        _status, lines, _name, label = lgpio.gpio_get_chip_info(handle)
        return label, lgpio.gpio_get_line_info(handle, 2)[3] if lines > 2 else ""
    finally:
        lgpio.gpiochip_close(handle)
