"""The installed appliance, as its owner meets it: through systemd, its logs, its button, and a shell over SSH."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from talkbox.errors import ControlError
from talkbox.terminal.request import request
from tests.support.programs import eventually, program

SETUP = Path("/opt/talkbox/setup")
SOCKET = Path("/run/talkbox/control.sock")
STORED_KEY = "talkbox-broker.elevenlabs-api-key"
API_KEY = "sk_not_a_secret_0123456789"
SERVICE = "talkbox.service"


def run(*command: str, check: bool = True, timeout_s: float = 120.0) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what it says is shown where a check fails."""
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=timeout_s)
    print("$", *command, f"-> {ended.returncode}\n{ended.stdout}{ended.stderr}")
    assert not check or ended.returncode == 0, f"{' '.join(command)}: exit status {ended.returncode}: {ended.stderr}"
    return ended


def talkbox(*arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the installed `talkbox` as root."""
    return run("/usr/local/bin/talkbox", *arguments, check=check)


def as_pi(*command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a command as the user whom setup let operate the device, in a login of its own: over SSH."""
    return run(*SSH, *command, check=check)


ROOT_SSH = Path("/root/.ssh")
"""The guest's own, whose root runs the checks: ssh looks there, whatever ``HOME`` says."""

SSH = ("ssh", "-o", "BatchMode=yes", "pi@localhost")


def let_in() -> None:
    """Let root log in as pi over SSH, as whoever provisions a device can."""
    key = ROOT_SSH / "id_ed25519"
    if not key.exists():
        key.parent.mkdir(mode=0o700, exist_ok=True)
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key))
    run("install", "-d", "-o", "pi", "-g", "pi", "-m", "700", "/home/pi/.ssh")
    authorized = Path("/home/pi/.ssh/authorized_keys")
    authorized.write_text(key.with_suffix(".pub").read_text("ascii"), "ascii")
    run("chown", "pi:pi", str(authorized))
    (ROOT_SSH / "known_hosts").write_text(run("ssh-keyscan", "localhost").stdout, "ascii")


def shown(unit: str, key: str) -> str:
    """Return a property of a unit."""
    return run("systemctl", "show", "--property", key, "--value", unit).stdout.strip()


def journal(unit: str = SERVICE) -> list[dict[str, Any]]:
    """Return what a unit said since the boot, oldest first."""
    said = run("journalctl", "--no-pager", "--boot", "--output", "json", "--unit", unit).stdout
    return [json.loads(line) for line in said.splitlines()]


def messages(unit: str = SERVICE) -> str:
    """Return what a unit said since the boot, as text."""
    return "\n".join(str(entry.get("MESSAGE", "")) for entry in journal(unit))


def status() -> dict[str, Any]:
    """Return what the device says of itself; nothing while it is not there."""
    try:
        found = request(SOCKET, "status")["status"]
    except ControlError:
        return {}
    assert isinstance(found, dict)
    return found


def until(**wanted: object) -> dict[str, Any]:
    """Wait for a status in which these are so."""

    def look() -> dict[str, Any] | None:
        now = status()
        return now if now and all(now.get(key) == value for key, value in wanted.items()) else None

    return eventually(look, f"{wanted}; it is {status()}; {messages()[-3000:]}")


def main_pid() -> int:
    """Return the process of the appliance; 0 while there is none."""
    return int(shown(SERVICE, "MainPID"))


def restarted(before: int) -> None:
    """Wait until systemd has another process of the appliance, and it is ready."""
    eventually(lambda: main_pid() not in (0, before) and shown(SERVICE, "ActiveState") == "active", "a restart")
    until(state="idle")


@contextmanager
def service_at_home(folder: Path) -> Iterator[None]:
    """Be the service that the device was told of: an agent that takes sessions with a signed URL only."""
    key = folder / "key"
    key.write_text(API_KEY, "ascii")
    command = [sys.executable, "-m", "talkbox_agent", "--port", "8787", "--tones", "--private", "--api-key-file", key]
    log = folder / "agent.log"
    with program(*map(str, command), log=log) as child:

        def listens() -> bool:
            assert child.poll() is None, log.read_text("utf-8")
            return "listening on" in log.read_text("utf-8")

        eventually(listens, "the agent to listen")
        try:
            yield
        finally:
            print(log.read_text("utf-8"))
