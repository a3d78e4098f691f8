"""
Why the device ended, in words: what systemd knows when it calls ``ExecStopPost=`` (systemd.exec(5)). Pure.

The program itself cannot say it: it was killed, or it hung.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

_JOURNAL = "`journalctl --unit talkbox --lines 50` shows what it said before"
_BUG = "`talkbox report` packs what is needed for a bug report"
_AGAIN = "it is started again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A bad end: what happened, and what a person can do."""

    text: str
    hint: str


# An exit status of ours (sysexits.h) -> what it means, what to do.
_STATUS = {
    os.EX_USAGE: ("it was started with an option that there is not", "see ExecStart= in `systemctl cat talkbox`"),
    os.EX_UNAVAILABLE: (
        "something that is asked for by name is not installed",
        "the line before says which; `sudo ./provisioning/setup.sh` installs it",
    ),
    os.EX_SOFTWARE: ("it met a bug of its own, and wrote down where", _BUG),
    os.EX_CANTCREAT: (
        "its control socket cannot be made",
        "see that no other Talkbox runs: `pgrep --list-full talkbox`",
    ),
    os.EX_IOERR: ("a pin, a bus or the sound card cannot be used", "`sudo talkbox doctor` says which, and why"),
    os.EX_NOPERM: ("it is not allowed what it needs", "`sudo talkbox doctor` says what, and why"),
    os.EX_CONFIG: (
        "its configuration cannot be used",
        "the lines before say what to mend in /etc/talkbox/talkbox.toml; then: sudo systemctl restart talkbox",
    ),
}
_NOT_AGAIN = {os.EX_CONFIG}
"""The unit's ``RestartPreventExitStatus=``."""

# A signal that nobody of us sends -> the same.
_SIGNAL = {
    "KILL": ("it was killed from outside", "memory may have run out: `journalctl --dmesg | grep --ignore-case oom`"),
    "ABRT": ("it was aborted", f"the lines before show where; {_BUG}"),
    "SEGV": ("it crashed in a library", f"the lines before show where; {_BUG}"),
    "BUS": ("it crashed in a library, or a file could not be read", "the SD card may be worn out: `dmesg` shows it"),
    "ILL": ("it crashed on a machine instruction", "a library was built for another computer: run the setup again"),
    "SYS": ("it asked the kernel for something that its unit forbids", f"see SystemCallFilter=; {_BUG}"),
}

# A result of systemd's -> the same.
_RESULT = {
    "watchdog": ("it hung, and its watchdog ended it", f"the lines before show where each thread stood; {_BUG}"),
    "oom-kill": (
        "memory ran out",
        "stop other programs; the device itself may take what MemoryMax= in `systemctl cat talkbox` says",
    ),
    "timeout": ("it took too long to start or to stop, and was killed", _JOURNAL),
    "protocol": ("it ended before it was ready", _JOURNAL),
    "resources": (
        "this computer had nothing to start it with",
        "`systemctl status talkbox` says what is missing",
    ),
}


def ending(environ: Mapping[str, str]) -> Ending | None:
    """
    Return how the device ended; `None` if it was told to, and did.

    Args:
        environ: With ``SERVICE_RESULT``, ``EXIT_CODE`` and ``EXIT_STATUS``.
    """
    result = environ.get("SERVICE_RESULT", "")
    code, status = environ.get("EXIT_CODE", ""), environ.get("EXIT_STATUS", "")
    if result in ("", "success"):
        return None
    text, hint = _explained(result, status)
    number = int(status) if code == "exited" and status.isdecimal() else None
    how = ", ".join(part for part in (result, code, status) if part)
    goes_on = "it is not started again before that is mended" if number in _NOT_AGAIN else _AGAIN
    return Ending(text=f"the device ended badly ({how}): {text}; {goes_on}", hint=hint)


def _explained(result: str, status: str) -> tuple[str, str]:
    if result in ("signal", "core-dump"):
        return _SIGNAL.get(status, (f"signal {status} ended it", _JOURNAL))
    if result == "exit-code" and status.isdecimal():
        return _STATUS.get(int(status), (f"it ended with status {status}", _JOURNAL))
    return _RESULT.get(result, ("systemd says no more than that", _JOURNAL))
