"""The sound card: whether it is there, who has it, and whether its mixer is as the board needs it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

from talkbox_hardware import mixer
from talkbox_hardware.board import Card, Control
from talkbox_hardware.cards import CardNames, find_card, mixer_name, read_cards

from .check import SETUP, Figures, Fix, Result, failed, ok, skipped, warning
from .ports import Fitted, Machine

OURS = ("talkbox", "talkbox-agent")
SERVERS = {
    "pipewire": "use Raspberry Pi OS Lite, or `systemctl --user disable --now pipewire wireplumber` of its user",
    "wireplumber": "use Raspberry Pi OS Lite, or `systemctl --user disable --now pipewire wireplumber` of its user",
    "pulseaudio": "use Raspberry Pi OS Lite, or `systemctl --user disable --now pulseaudio` of its user",
}

UNSET = "`talkbox doctor --fix` sets them, and so does each start of the device"
OTHER_DRIVER = "the driver has other controls than are known: set hardware.board to what it is"

Differences = Sequence[mixer.Missing | mixer.Differs]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A program that has one direction of a card open."""

    pid: int
    name: str
    direction: str


def named(card: Card | None, machine: Machine) -> CardNames | None:
    """Return the board's card as it is there now; `None`: there is none."""
    return None if card is None else find_card(card.ids, root=machine.root)


def card(fitted: Callable[[], Fitted], machine: Machine) -> Result:
    """Tell whether the board's card is there."""
    wanted = fitted().board.card
    there = ", ".join(f"{one.id} ({one.title})" for one in read_cards(machine.root)) or "none"
    if wanted is None:
        return skipped(f"this board has none of its own; there is {there}")
    try:
        found = named(wanted, machine)
    except OSError as error:
        return failed(str(error.strerror), "name the microphone in audio.capture and the loudspeaker in audio.playback")
    ids = " or ".join(wanted.ids) or "on USB"
    if found is None:
        remedy = (
            "plug it in" if not wanted.ids else f"power off, seat the board, and see what the overlay says; {SETUP}"
        )
        return failed(f"no card {ids}; there is {there}", remedy)
    both = sorted({found.capture_id, found.playback_id})
    return ok(f"{' and '.join(both)}", figures={"capture": found.capture_id, "playback": found.playback_id})


def holder(fitted: Callable[[], Fitted], machine: Machine) -> Result:
    """Tell who has the card open."""
    if not read_cards(machine.root):
        return skipped("there is no card")
    names = named(fitted().board.card, machine)
    found = holders(machine, (names.capture_id, names.playback_id) if names else ())
    figures: Figures = {f"{one.direction}_pid": one.pid for one in found}
    if not found:
        return ok("nobody: it is free")
    told = ", ".join(dict.fromkeys(f"{one.name} ({one.pid}) has the {one.direction}" for one in found))
    strangers = [one for one in found if one.name not in OURS]
    if not strangers:
        return ok(f"{told}: a conversation is going on, or a cue", figures=figures)
    remedy = SERVERS.get(strangers[0].name, f"stop it: `sudo kill {strangers[0].pid}`, or its service")
    return failed(f"{told}: the device cannot have it", remedy, figures=figures)


def holders(machine: Machine, ids: Iterable[str]) -> list[Holder]:
    """Return who has cards open, by what ``/proc/asound`` says; all cards where `ids` is empty."""
    wanted = set(ids)
    found: list[Holder] = []
    for path in machine.find("/proc/asound/card[0-9]*/pcm*/sub*/status"):
        folder = path.split("/pcm")[0]
        owner = re.search(r"^owner_pid\s*:\s*(\d+)", machine.text(path), re.MULTILINE)
        if owner and (not wanted or machine.text(f"{folder}/id") in wanted):
            direction = "microphone" if re.search(r"/pcm\d+c/", path) else "loudspeaker"
            found.append(_holder(machine, int(owner[1]), direction))
    return found


def mixer_state(
    fitted: Callable[[], Fitted],
    machine: Machine,
    *,
    read: Callable[[str, Iterable[Control]], Differences] = mixer.compare,
    write: Callable[[str, Iterable[Control]], Differences] = mixer.apply,
) -> Result:
    """
    Tell whether the card's controls are as the board needs them; nothing is set.

    Args:
        fitted: The board.
        machine: Where its card is.
        read: `mixer.compare`.
        write: `mixer.apply`.
    """
    wanted = fitted().board.card
    names = named(wanted, machine)
    if wanted is None or names is None or not wanted.profile:
        return skipped("this board has no profile: what the card has is left alone")
    device = mixer_name(names.playback_id)
    problems = read(device, wanted.profile)
    differs = [one for one in problems if isinstance(one, mixer.Differs)]
    count = len(wanted.profile)
    figures: Figures = {"controls": count, "different": len(differs), "missing": len(problems) - len(differs)}
    if not problems:
        return ok(f"all {count} controls as the board needs them", figures=figures)
    told = "\n".join([f"{len(problems)} of {count} controls are not as the board needs them", *map(str, problems)])
    if not differs:
        return warning(told, OTHER_DRIVER, figures=figures)
    fix = Fix(says=f"set {len(differs)} controls of the mixer", act=partial(_apply, write, device, wanted.profile))
    return failed(told, UNSET, fix=fix, figures=figures)


def _apply(write: Callable[[str, Iterable[Control]], Differences], device: str, profile: Sequence[Control]) -> None:
    write(device, profile)


def _holder(machine: Machine, thread: int, direction: str) -> Holder:
    """Find the process of the thread that opened the card."""
    found = re.search(r"^Tgid:\s*(\d+)", machine.text(f"/proc/{thread}/status"), re.MULTILINE)
    pid = int(found[1]) if found else thread
    name = machine.text(f"/proc/{pid}/comm") or "a program that cannot be seen"
    if name.startswith("python"):  # who is run by Python is named by what it runs
        words = [word.rpartition("/")[2] for word in machine.text(f"/proc/{pid}/cmdline").split("\0")]
        name = next((word for word in words if word in OURS), name)
    return Holder(pid=pid, name=name, direction=direction)
