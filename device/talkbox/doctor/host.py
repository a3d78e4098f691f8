"""The computer: which Pi, which system, which versions, who is looking."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Mapping
from functools import partial

from talkbox.errors import TalkboxError

from .check import Figures, Fix, Result, failed, ok, skipped, unseen, warning
from .ports import Machine

MODEL = "/proc/device-tree/model"
TOO_OLD = re.compile(r"Raspberry Pi (Zero( W)?|Model|1|Compute Module) Rev|Raspberry Pi (Model|1) ")
GROUP = "talkbox"
FIRST_KERNEL = (6, 6)
"""From here on the WM8960's driver takes its clock from an overlay: no module has to be built."""

SYSTEMS = {"12": "bookworm", "13": "trixie"}
PACKAGES = ("talkbox", "websockets", "numpy", "requests", "pyalsaaudio", "gpiozero", "lgpio", "spidev")


def is_pi(machine: Machine) -> bool:
    """Tell whether this is a Raspberry Pi."""
    return machine.text(MODEL).startswith("Raspberry Pi")


def model(machine: Machine) -> Result:
    """Tell which Pi this is."""
    name = machine.text(MODEL)
    memory_mb = _memory_mb(machine.text("/proc/meminfo"))
    if not name.startswith("Raspberry Pi"):
        return skipped(f"no Raspberry Pi{f': {name}' if name else ''}, {memory_mb} MB")
    if TOO_OLD.match(name):
        return failed(f"{name}, {memory_mb} MB: too slow", "use a Raspberry Pi Zero 2 W, 3, 4 or 5")
    return ok(f"{name}, {memory_mb} MB", figures={"model": name, "memory_mb": memory_mb})


def system(machine: Machine, *, bits: int = 8 * struct.calcsize("P")) -> Result:
    """Tell which system this is."""
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', machine.text("/etc/os-release"), re.MULTILINE))
    name = f"{release.get('PRETTY_NAME', 'an unknown system')}, {bits} bits"
    figures: Figures = {"id": release.get("ID", ""), "version": release.get("VERSION_ID", ""), "bits": bits}
    remedy = "install the 64-bit Raspberry Pi OS Lite (Trixie or Bookworm)"
    if bits != 64:
        return warning(f"{name}: best effort", remedy, figures=figures)
    if release.get("ID") not in ("debian", "raspbian") or release.get("VERSION_ID") not in SYSTEMS:
        return warning(f"{name}: never tried", remedy, figures=figures)
    return ok(name, figures=figures)


def kernel(machine: Machine) -> Result:
    """Tell which kernel runs, and since when."""
    release = machine.text("/proc/sys/kernel/osrelease")
    up_s = float((machine.text("/proc/uptime") or "0").split()[0])
    number = re.match(r"(\d+)\.(\d+)", release)
    said = f"Linux {release}, up {duration(up_s)}"
    if number and (int(number[1]), int(number[2])) < FIRST_KERNEL:
        return warning(f"{said}: older than 6.6", "`sudo apt full-upgrade`, then reboot", figures={"release": release})
    return ok(said, figures={"release": release, "up_s": up_s})


def versions(version: Callable[[str], str | None], *, python: str) -> Result:
    """Tell which version of everything that matters is installed."""
    found = {name: version(name) for name in PACKAGES}
    own, *others = (f"{name} {number or '(not installed)'}" for name, number in found.items())
    return ok(f"{own}, Python {python}\n{', '.join(others)}", figures={"python": python, **found})


def user(machine: Machine, *, root: bool) -> Result:
    """Tell whether who is looking may operate the device: is in its group."""
    members = group(machine.text("/etc/group"), GROUP)
    if members is None:
        return skipped(f"there is no group {GROUP}: the appliance is not installed here")
    name = machine.user
    if name in (*members, "root", GROUP):
        return ok(f"{name}{' (as root)' if root and name != 'root' else ''} may operate the device")
    act = partial(run, machine, "usermod", "--append", "--groups", GROUP, name)
    return warning(
        f"{name} is not in the group {GROUP}: `talkbox status` and its like need sudo",
        f"`sudo usermod --append --groups {GROUP} {name}`, then log in again",
        fix=Fix(says=f"added {name} to the group {GROUP}; log in again", act=act),
    )


def configuration(path: str, error: TalkboxError | None, *, agent_id: str) -> Result:
    """
    Tell whether the configuration can be used.

    Args:
        path: Where it is; ``""``: there is none.
        error: What reading it raised. It may be that this user may not read it.
        agent_id: What it says.
    """
    if error is not None:
        if "permission denied" in str(error):
            return unseen(f"{error}; what follows is seen with the defaults")
        raise error
    where = path or "no file: defaults"
    if not agent_id:
        remedy = f"set agent.agent_id in {path or '/etc/talkbox/talkbox.toml'}; `talkbox config --reference` explains"
        return failed(f"{where}, and no agent in it", remedy)
    return ok(f"{where}, agent {agent_id}")


def run(machine: Machine, *command: str) -> None:
    """
    Run a program that mends something.

    Raises:
        TalkboxError: If it is not there, or says no; with what it said.
    """
    done = machine.run(*command, limit_s=30)
    if done is None or done.code:
        why = done.said.splitlines()[-1] if done is not None and done.said else "it is not installed, or hangs"
        raise TalkboxError(f"`{' '.join(command)}`: {why}", hint=f"`sudo {' '.join(command)}`")


def group(text: str, name: str) -> tuple[str, ...] | None:
    """Return the members of a group, of what ``/etc/group`` says; `None`: there is no such group."""
    for line in text.splitlines():
        fields = line.split(":")
        if fields[0] == name and len(fields) == 4:
            return tuple(filter(None, fields[3].split(",")))
    return None


def duration(seconds: float) -> str:
    """Return how long, in words: "3 h 5 min"."""
    minutes = int(seconds // 60)
    parts: Mapping[str, int] = {"d": minutes // 1440, "h": minutes // 60 % 24, "min": minutes % 60}
    told = [f"{number} {unit}" for unit, number in parts.items() if number]
    return " ".join(told[:2]) or f"{seconds:.0f} s"


def _memory_mb(text: str) -> int:
    found = re.search(r"^MemTotal:\s+(\d+) kB", text, re.MULTILINE)
    return int(found[1]) // 1024 if found else 0
