"""
What goes into a report: gathered, masked, and packed into one file. Nothing leaves the machine.

Every line passes the mask. It is written for strangers: whoever sends it is told to read it first.
"""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterable, Mapping

from talkbox.masking import mask, printable

from .ports import Machine

FOLDER = "talkbox-report"
UNITS = ("talkbox.service", "talkbox-broker.service", "talkbox-broker.socket", "talkbox-doctor.service")
MOST_LINES = 2000
BEFORE_S = 60
SETUP_LOG = "/var/log/talkbox-setup.log"
TEXTS = {
    "doctor.txt": "what `talkbox doctor` found",
    "doctor.json": "the same, with every figure",
    "configuration.toml": "the configuration in force, and where each value came from",
    "broker.toml": "the broker's configuration; it holds no key",
    "log.txt": "the device's and the broker's log since before the last session",
    "kernel.txt": "the kernel's warnings since the boot",
    "units.txt": "how the units stand",
    "sound.txt": "the sound cards, as the kernel names them",
    "boot.txt": "the boot partition's config.txt",
    "setup.txt": "the end of the setup's log",
    "versions.txt": "the Python packages",
}


def gather(machine: Machine, *, packages: Iterable[str]) -> dict[str, str]:
    """
    Return what the machine says, by the names in `TEXTS`; what it does not say is said in the place of it.

    Args:
        machine: Is asked.
        packages: What is installed, with versions.
    """
    return {
        "broker.toml": _file(machine, "/etc/talkbox/broker.toml"),
        "log.txt": last_session(machine),
        "kernel.txt": _said(machine, "journalctl", "--dmesg", "--boot", "--priority=warning", "--lines=300"),
        "units.txt": _said(machine, "systemctl", "status", "--lines=0", "--full", *UNITS),
        "sound.txt": "\n".join(_file(machine, f"/proc/asound/{name}") for name in ("cards", "pcm")),
        "boot.txt": "\n".join(
            _file(machine, path)
            for path in machine.find("/boot/config.txt") + machine.find("/boot/firmware/config.txt")
        )
        or "there is none",
        "setup.txt": "\n".join(_file(machine, SETUP_LOG).splitlines()[-300:]),
        "versions.txt": "\n".join(sorted(set(packages), key=str.lower)),
    }


def last_session(machine: Machine) -> str:
    """Return the log from before the last session began; of the last hours, where there was none."""
    units = [f"--unit={unit}" for unit in UNITS]
    began = machine.run("journalctl", "--output=json", "--lines=1", units[0], "TALKBOX_EVENT=session_started")
    since_s = _began_s(began.said) if began is not None else None
    since = [f"--since=@{since_s - BEFORE_S}"] if since_s is not None else []
    options = ["--output=short-iso", "--no-hostname", f"--lines={MOST_LINES}"]
    return _said(machine, "journalctl", *options, *units, *since)


def readme(files: Iterable[str], *, when: str, hidden: Iterable[str]) -> str:
    """
    Return what is in a report, in words.

    Args:
        files: The names of what it holds.
        when: It was made.
        hidden: The titles of the checks that could not look.
    """
    lines = [f"A report of Talkbox, made {when}.", ""]
    lines += [f"  {name:<20} {TEXTS[name]}" for name in files]
    lines += [
        "",
        "Keys, tokens, passwords and signed URLs in it are masked, as far as they look like such. It does name",
    ]
    lines += [
        "your agent, your network interfaces and the programs of this machine; and, only where logging.transcripts"
    ]
    lines += ["is set, what was said. Read it before you send it."]
    if told := ", ".join(hidden):
        lines += ["", f"Who made it could not see everything ({told}): `sudo talkbox report` sees more."]
    return "\n".join(lines)


def clean(text: str, secrets: Iterable[str] = ()) -> str:
    """Return `text` fit to be sent: masked line by line, without control characters."""
    known = tuple(secrets)
    return "".join(f"{printable(mask(line, known))}\n" for line in text.splitlines())


def packed(files: Mapping[str, str], *, at_s: float) -> bytes:
    """Return one ``.tar.gz`` of `files`, in a folder of their own."""
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, text in files.items():
            content = text.encode("utf-8")
            entry = tarfile.TarInfo(f"{FOLDER}/{name}")
            entry.size, entry.mtime, entry.mode = len(content), int(at_s), 0o644
            archive.addfile(entry, io.BytesIO(content))
    return whole.getvalue()


def joined(files: Mapping[str, str]) -> bytes:
    """Return `files` as one text, one after the other."""
    return "\n".join(f"===== {name} =====\n{text}" for name, text in files.items()).encode("utf-8")


def _said(machine: Machine, *command: str) -> str:
    done = machine.run(*command, limit_s=20)
    return done.said if done is not None else f"{command[0]} is not installed, or did not end"


def _file(machine: Machine, path: str) -> str:
    try:
        return machine.text(path) or f"{path} is empty, or there is none"
    except PermissionError:
        return f"{path}: this user may not read it"


def _began_s(said: str) -> int | None:
    """Return when an entry of the journal, as JSON, was made."""
    try:
        return int(json.loads(said.splitlines()[-1])["__REALTIME_TIMESTAMP"]) // 1_000_000
    except (ValueError, KeyError, IndexError, TypeError):
        return None
