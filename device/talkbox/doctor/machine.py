"""The computer as it is: its files, its programs, its clock. Refuses to judge what it reads."""

from __future__ import annotations

import getpass
import os
import subprocess
import time
from pathlib import Path

from .ports import Output, Space

_MOST_BYTES = 1024 * 1024  # nothing that is read here is longer, and what is would not be looked at


class ThisMachine:
    """
    Implements `ports.Machine`.

    Args:
        root: Where the files are.
    """

    def __init__(self, root: Path = Path("/")) -> None:
        self.root = root
        self.user = _user()

    def text(self, path: str) -> str:
        """
        Return a file's text without the NULs of a device tree; ``""`` where there is no such file.

        Raises:
            PermissionError: If this user may not read it.
        """
        try:
            with self._at(path).open("rb") as file:
                return file.read(_MOST_BYTES).decode("utf-8", "replace").strip("\0\n ")
        except PermissionError:
            raise
        except OSError:  # none, a folder, or of a driver that is gone
            return ""

    def find(self, pattern: str) -> list[str]:
        """Return the paths below the root that match, in order."""
        found = self.root.glob(pattern.lstrip("/"))
        return sorted(f"/{path.relative_to(self.root)}" for path in found)

    def changed_s(self, path: str) -> float | None:
        """Return when a file was changed, `None` where there is none."""
        try:
            return self._at(path).stat().st_mtime
        except OSError:
            return None

    def run(self, *command: str, limit_s: float = 5.0) -> Output | None:
        """Run a program, in the language of programs; `None`: it is not installed, or takes too long."""
        environ = {**os.environ, "LC_ALL": "C.UTF-8", "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
        # A service's path and a user's leave out where the tools of a system are.
        environ["PATH"] = f"{environ.get('PATH', '/usr/bin')}:/usr/sbin:/sbin"
        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                timeout=limit_s,
                env=environ,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
        return Output(code=done.returncode, said=done.stdout.decode("utf-8", "replace").strip())

    def space(self, path: str) -> Space:
        """Return the room for those who are not root."""
        there = os.statvfs(self._at(path))
        return Space(total_bytes=there.f_blocks * there.f_frsize, free_bytes=there.f_bavail * there.f_frsize)

    def now_s(self) -> float:
        """Return the clock, in seconds since 1970."""
        return time.time()

    def _at(self, path: str) -> Path:
        return self.root / path.lstrip("/")


def _user() -> str:
    """Return who is looking, behind a `sudo` too."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a number that no name belongs to; another error from Python 3.13 on
        return str(os.getuid())
