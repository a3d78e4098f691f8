"""The Wi-Fi: how strong it is, and whether it sleeps between two words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

from .check import Figures, Fix, Result, ok, skipped, unseen, warning
from .host import run
from .ports import Machine

WEAK_DBM, FAINT_DBM = -67.0, -75.0
NEARER = "move the device or the access point nearer, or use a cable; 5 GHz does not go through walls"
STAYS = "asleep, it answers late: `sudo talkbox doctor --fix` until the next boot; the setup script makes it stay"


@dataclass(frozen=True, slots=True, kw_only=True)
class Radio:
    """One line of ``/proc/net/wireless``; `level_dbm` is `None` where the driver gives none."""

    name: str
    level_dbm: float | None


def radios(text: str) -> list[Radio]:
    """Read ``/proc/net/wireless``: the interfaces that are in use."""
    found = []
    for line in text.splitlines()[2:]:
        name, _, rest = line.partition(":")
        fields = rest.split()
        if len(fields) >= 3:
            level = float(fields[2].rstrip("."))
            # A driver that measures nothing says 0 or -256.
            found.append(Radio(name=name.strip(), level_dbm=level if -200 < level < 0 else None))
    return found


def strength(machine: Machine) -> Result:
    """Tell how strong the Wi-Fi is."""
    found = radios(machine.text("/proc/net/wireless"))
    if not found:
        return skipped("no Wi-Fi is in use")
    radio = found[0]
    if radio.level_dbm is None:
        return unseen(f"{radio.name}: its driver does not say", "`iw dev` may")
    said = f"{radio.level_dbm:.0f} dBm on {radio.name}"
    figures: Figures = {"interface": radio.name, "level_dbm": radio.level_dbm}
    if radio.level_dbm < FAINT_DBM:
        return warning(f"{said}: very weak", NEARER, figures=figures)
    if radio.level_dbm < WEAK_DBM:
        return warning(f"{said}: weak", NEARER, figures=figures)
    return ok(said, figures=figures)


def power_save(machine: Machine) -> Result:
    """Tell whether the Wi-Fi saves power at the cost of delay."""
    found = radios(machine.text("/proc/net/wireless"))
    if not found:
        return skipped("no Wi-Fi is in use")
    name = found[0].name
    said = machine.run("iw", "dev", name, "get", "power_save")
    state = re.search(r"Power save: (on|off)", said.said) if said is not None else None
    if state is None:
        why = "iw is not installed" if said is None else f"iw does not say: {said.said}"
        return unseen(f"{name}: {why}", "`sudo apt install iw`" if said is None else "`sudo talkbox doctor`")
    if state[1] == "off":
        return ok(f"off on {name}", figures={"power_save": False})
    act = partial(run, machine, "iw", "dev", name, "set", "power_save", "off")
    fix = Fix(says=f"switched it off on {name}, until the next boot", act=act)
    return warning(f"on, on {name}", STAYS, fix=fix, figures={"power_save": True})
