"""`talkbox doctor` and `talkbox report`: what they print, and what they return."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import TextIO

from talkbox import config_text
from talkbox.errors import FileRefused

from . import bundle
from .check import Check, Status
from .checklist import Subject, checklist, is_root
from .lines import as_json, lines, summary
from .run import Finding, examine
from .touch import Person

CLEAR = "\r\x1b[2K"


def doctor(subject: Subject, *, json: bool, fix: bool, boot: bool) -> int:
    """
    Make every check, and print what it finds as soon as it is found.

    Args:
        subject: What is examined.
        json: Print one JSON object at the end instead; nobody is asked to touch anything.
        fix: Mend what can be mended safely.
        boot: The machine is starting: leave card, pins and LEDs to the device.

    Returns:
        0 if nothing failed, else 1.
    """
    out = sys.stdout
    terminal = out.isatty() and not json
    person = Person(there=terminal and sys.stdin.isatty() and not boot, tell=_teller(out))
    checks = checklist(subject, person, boot=boot)
    titles = max(len(check.title) for check in checks)
    color = terminal and "NO_COLOR" not in os.environ
    findings: list[Finding] = []

    def begin(check: Check) -> None:
        if terminal and check.doing:
            out.write(f"{CLEAR}{'…':>7}  {check.title:<{titles}}  {check.doing}")
            out.flush()

    for finding in examine(checks, fix=fix, begin=begin):
        findings.append(finding)
        if not json:
            text = "\n".join(lines(finding, titles=titles, color=color))
            out.write(f"{CLEAR if terminal else ''}{text}\n")
            out.flush()
    if json:
        out.write(as_json(findings, version=_version(), time=_now()) + "\n")
    else:
        out.write("\n" + "\n".join(summary(findings, root=is_root(), fixing=fix)) + "\n")
    return int(any(finding.result.status is Status.FAILED for finding in findings))


def report(subject: Subject, path: Path | None) -> int:
    """
    Write one file for a bug report, and say what is in it.

    Args:
        subject: What it is about.
        path: Where to; ``….txt`` is one text, anything else a ``.tar.gz``. `None`: a new file here.

    Raises:
        FileRefused: If the file cannot be written, or is there already.
    """
    out = sys.stdout
    target = path or Path(f"talkbox-report-{time.strftime('%Y%m%d-%H%M%S')}.tar.gz")
    out.write("examining the device: this takes half a minute, and plays a short sound\n")
    out.flush()
    checks = checklist(subject, Person(there=False, tell=lambda _line: None), boot=False)
    findings = list(examine(checks))
    titles = max(len(check.title) for check in checks)
    told = [line for finding in findings for line in lines(finding, titles=titles, color=False)]
    files = {
        "doctor.txt": "\n".join([*told, "", *summary(findings, root=is_root(), fixing=False)]),
        "doctor.json": as_json(findings, version=_version(), time=_now()),
        "configuration.toml": str(subject.config_error or config_text.show(subject.config)),
        **bundle.gather(subject.machine, packages=(f"{one.name} {one.version}" for one in metadata.distributions())),
    }
    hidden = [finding.check.title for finding in findings if finding.result.status is Status.UNSEEN]
    files = {"README.txt": bundle.readme(files, when=_now(), hidden=() if is_root() else hidden), **files}
    secrets = [word for value in subject.config.agent.signed_url_headers.values() for word in value.split()]
    cleaned = {name: bundle.clean(text, secrets) for name, text in files.items()}
    content = bundle.joined(cleaned) if target.suffix == ".txt" else bundle.packed(cleaned, at_s=time.time())
    _write(target, content)
    out.write(f"\n{cleaned['README.txt']}\n{target} ({len(content) // 1024 + 1} KB)\n")
    out.write(f"read it: `{f'less {target}' if target.suffix == '.txt' else f'tar xzf {target}'}`\n")
    return os.EX_OK


def _write(path: Path, content: bytes) -> None:
    """Write a new file that only who asked for it can read, behind a `sudo` too."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        hint = "name another with --out" if isinstance(error, FileExistsError) else "choose a folder with --out"
        raise FileRefused(f"{path}: {(error.strerror or str(error)).lower()}", hint=hint) from error
    with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor is no path
        if is_root() and "SUDO_UID" in os.environ:
            os.fchown(descriptor, int(os.environ["SUDO_UID"]), int(os.environ.get("SUDO_GID", "-1")))
        file.write(content)


def _teller(out: TextIO) -> Callable[[str], None]:
    def tell(line: str) -> None:
        out.write(f"{CLEAR}{'→':>7}  {line}\n")
        out.flush()

    return tell


def _version() -> str:
    try:
        return metadata.version("talkbox")
    except metadata.PackageNotFoundError:  # run from its source, not installed
        return ""


def _now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S%z")
