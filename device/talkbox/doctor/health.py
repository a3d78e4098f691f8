"""How the computer bears up: power, heat, and the room and the state of its disk."""

from __future__ import annotations

import re

from .check import Figures, Result, failed, ok, skipped, unseen, warning
from .host import is_pi
from .ports import Machine

THROTTLED = "/sys/devices/platform/soc/soc:firmware/get_throttled"
SUPPLY = "use the Pi's own power supply and a short cable; a loudspeaker takes its share"
COOL = "give it air, or a heat sink"
BITS = (
    (0, "under-voltage"),
    (1, "a lowered clock"),
    (2, "throttling"),
    (3, "the soft limit of the temperature"),
)
SINCE_BOOT = 16
HOT_C, TOO_HOT_C = 70.0, 80.0
LITTLE_BYTES, TOO_LITTLE_BYTES = 300_000_000, 50_000_000
NOT_DISKS = ("overlay", "tmpfs")


def power(machine: Machine) -> Result:
    """Tell whether the Pi had too little power, or was throttled: now, or since it was started."""
    text = machine.text(THROTTLED)
    if not text and (said := machine.run("vcgencmd", "get_throttled")) is not None:
        text = said.said.rpartition("=")[2].strip().removeprefix("0x")
    try:
        bits = int(text, 16)
    except ValueError:
        return unseen("the firmware does not say") if is_pi(machine) else skipped("only a Raspberry Pi knows")
    figures: Figures = {"throttled": f"0x{bits:x}"}
    now = [name for bit, name in BITS if bits >> bit & 1]
    before = [name for bit, name in BITS if bits >> (bit + SINCE_BOOT) & 1 and name not in now]
    remedy = SUPPLY if any("voltage" in name for name in (*now, *before)) else COOL
    if now:
        since = f"; since the boot also {', '.join(before)}" if before else ""
        return failed(f"now: {', '.join(now)}{since}", remedy, figures=figures)
    if before:
        return warning(f"since the boot: {', '.join(before)}", remedy, figures=figures)
    return ok("no under-voltage and no throttling since the boot", figures=figures)


def temperature(machine: Machine) -> Result:
    """Tell how hot the processor is."""
    text = machine.text("/sys/class/thermal/thermal_zone0/temp")
    if not text:
        return skipped("this machine does not say")
    celsius = int(text) / 1000
    said = f"{celsius:.0f} °C"
    if celsius >= TOO_HOT_C:
        return failed(f"{said}: it is being slowed down", COOL, figures={"celsius": celsius})
    if celsius >= HOT_C:
        return warning(f"{said}: hot", COOL, figures={"celsius": celsius})
    return ok(said, figures={"celsius": celsius})


def disk(machine: Machine) -> Result:
    """Tell how much room there is."""
    space = machine.space("/")
    free, total = space.free_bytes, space.total_bytes
    said = f"{_size(free)} of {_size(total)} free"
    figures: Figures = {"free_bytes": free, "total_bytes": total}
    remedy = "`sudo apt clean`, `sudo journalctl --vacuum-size=50M`; `sudo du -xh / | sort -h | tail` finds the rest"
    if free < TOO_LITTLE_BYTES:
        return failed(f"full: {said}", remedy, figures=figures)
    if free < LITTLE_BYTES:
        return warning(f"nearly full: {said}", remedy, figures=figures)
    return ok(said, figures=figures)


def root(machine: Machine) -> Result:
    """Tell whether what is written to the root file system stays."""
    mounts = [line.split() for line in machine.text("/proc/mounts").splitlines()]
    found = [fields for fields in mounts if len(fields) > 3 and fields[1] == "/"]
    if not found:
        return unseen("/proc/mounts does not name it", "`findmnt /`")
    kind, options = found[-1][2], found[-1][3].split(",")
    figures: Figures = {"type": kind, "read_only": "ro" in options}
    if kind in NOT_DISKS:
        said = f"{kind}: what is written is gone with the power (the volume, the journal, a changed configuration)"
        return ok(f"read-only below; {said}", figures=figures)
    if "ro" in options:
        remedy = "`dmesg | grep -i ext4` says why; a worn card is replaced, `sudo mount -o remount,rw /` helps for now"
        errors = " after errors" if re.search(r"errors=remount-ro", ",".join(options)) else ""
        return failed(f"{kind}, read-only{errors}: nothing can be stored", remedy, figures=figures)
    return ok(f"{kind}, can be written", figures=figures)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
