"""The board: which one it is, whether its overlay is loaded, and whether its pins can be reached."""

from __future__ import annotations

from collections.abc import Callable

from .card import named
from .check import SETUP, Result, failed, ok, skipped, unseen, warning
from .host import is_pi
from .ports import Fitted, Machine

BOOT = ("/boot/firmware", "/boot")
SECTIONS = ("all", "")
CONFLICT = "uninstall RPi.GPIO (`sudo apt remove python3-rpi.gpio`, or pip): newer systems cannot use it anyway"
LOOK = "`talkbox board` says what was seen"


def board(fitted: Callable[[], Fitted], machine: Machine, *, configured: str) -> Result:
    """
    Tell which board is in use.

    Args:
        fitted: Gives the board as it is configured; raises `ConfigError`.
        machine: Says whether this is a Pi.
        configured: What `hardware.board` says.
    """
    found = fitted().board
    how = "found" if configured == "auto" else "configured"
    if fitted().simulated:
        if configured == "auto" and is_pi(machine):
            remedy = f"{LOOK}; seat the board, name it in hardware.board, or {SETUP}"
            return failed("no board was found: the simulated one stands in for it", remedy)
        return ok(f"the simulated one, {how}", figures={"board": found.name})
    return ok(f"{found.title} ({found.name}), {how}", figures={"board": found.name, "tier": found.tier})


def overlay(fitted: Callable[[], Fitted], machine: Machine) -> Result:
    """Tell whether the board's overlay is loaded at boot, and was at this one."""
    card = fitted().board.card
    if card is None or not card.overlay:
        return skipped("this board needs none")
    name = card.overlay.partition(",")[0]
    folder = next((one for one in BOOT if machine.changed_s(f"{one}/config.txt") is not None), None)
    if folder is None:
        return unseen(f"{name} is needed; there is no config.txt in {' or '.join(BOOT)}", "look on the boot partition")
    return _loaded(name, folder, machine, there=named(card, machine) is not None)


def _loaded(name: str, folder: str, machine: Machine, *, there: bool) -> Result:
    """Tell whether an overlay is loaded from `folder`; `there`: whether the card that it brings is there already."""
    path, binary = f"{folder}/config.txt", f"{folder}/overlays/{name}.dtbo"
    loaded = overlays(machine.text(path))
    if name not in loaded:
        if there:
            return ok(f"the card is there without {name} in {path}: the board's EEPROM brings it, or another overlay")
        others = f"; it has {', '.join(loaded)}" if loaded else ""
        return failed(f"{path} does not load {name}{others}", SETUP)
    if machine.changed_s(binary) is None:
        return failed(f"{path} loads {name}, and there is no {binary}", SETUP)
    if _changed_since_boot(machine, path):
        return warning(f"{name}, but {path} was changed after the boot", "reboot: `sudo reboot`")
    return ok(f"{name}, in {path}")


def overlays(text: str) -> list[str]:
    """Return the overlays that a ``config.txt`` loads on every Pi: of its sections, those for all."""
    found: list[str] = []
    section = ""
    for line in (line.strip() for line in text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].lower()
        elif section in SECTIONS and line.startswith("dtoverlay="):
            found.append(line.removeprefix("dtoverlay=").partition(",")[0].partition(":")[0].strip())
    return [name for name in found if name]


def pin_library(
    fitted: Callable[[], Fitted], *, kind: str, conflict: Callable[[], str], load: Callable[[], object]
) -> Result:
    """
    Tell whether the library of the pins can be used.

    Args:
        fitted: The board; one without pins needs no library.
        kind: What `hardware.gpio` says.
        conflict: `gpio.rpi_gpio_conflict`.
        load: Imports lgpio; raises `ImportError`.
    """
    if not fitted().board.own_gpios:
        return skipped("this board has no pins")
    if kind == "rpigpio":
        return failed(told, CONFLICT) if (told := conflict()) else ok("RPi.GPIO, as configured")
    try:
        load()
    except ImportError as error:
        return failed(f"lgpio: {error}", "`sudo apt install python3-lgpio`; the virtual environment must see it")
    if told := conflict():
        return warning(f"lgpio; {told}", CONFLICT)
    return ok("lgpio, and nothing in its way")


def _changed_since_boot(machine: Machine, path: str) -> bool:
    up_s, changed_s = machine.text("/proc/uptime").split(), machine.changed_s(path)
    # A minute's grace: without a battery the clock of a Pi jumps while it starts.
    return bool(up_s) and changed_s is not None and changed_s > machine.now_s() - float(up_s[0]) + 60
