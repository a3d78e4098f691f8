"""
What a fresh Raspberry Pi OS looks like to the setup script: a folder with the files that matter, and programs that only
say that they were called. Nothing of the machine that runs the tests can be reached from there but harmless tools.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

TOP = Path(__file__).resolve().parent.parent.parent
STAND_IN = Path(__file__).with_name("stand_in.sh")
Release = Literal["bookworm", "trixie"]

# fmt: off
HARMLESS = (
    "awk", "basename", "bash", "cat", "chmod", "chown", "cmp", "cp", "cut", "date", "df", "diff", "dirname",
    "dpkg-query", "env", "find", "flock", "git", "grep", "gzip", "head", "id", "install", "ln", "mkdir", "mktemp", "mv",
    "od", "readlink", "rm", "rmdir", "sed", "seq", "sha256sum", "sleep", "sort", "stat", "tac", "tail", "tar",
    "tee", "touch", "tr", "wc", "xargs",
)
# fmt: on
REAL = ("systemd-sysusers", "userdel", "groupdel", "usermod")
"""They are given the tree as their root, and touch nothing else."""

BACKUPS = ("etc/.pwd.lock", "etc/passwd-", "etc/group-", "etc/shadow-", "etc/gshadow-")
"""What they leave on a running system, as everybody does who adds a user."""

# fmt: off
STAND_INS = (
    "apt-get", "dpkg", "systemctl", "udevadm", "systemd-tmpfiles", "systemd-creds", "python3", "nmcli", "iw",
    "dtparam", "modprobe", "ssh", "sudo",
)
# fmt: on

CONFIG_TXT = """\
# For more options and information see http://rptl.io/configtxt
#dtparam=i2c_arm=on
#dtparam=spi=on
dtparam=audio=on
dtoverlay=vc4-kms-v3d
arm_64bit=1

[cm4]
otg_mode=1

[pi5]
dtoverlay=nospi10"""  # no newline at its end, and a section that ours must not fall into

PASSWD = """\
root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
pi:x:1000:1000:,,,:/home/pi:/bin/bash
"""
GROUPS = ("root:0", "daemon:1", "adm:4", "audio:29", "systemd-journal:101", "pi:1000", "spi:989", "i2c:988", "gpio:986")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What a path is: its kind and mode, its owner, and its content or target."""

    mode: int
    owner: str
    content: str


@dataclass(slots=True, kw_only=True)
class PiTree:
    """A made-up Pi, and the setup script that works on it."""

    root: Path
    checkout: Path
    programs: Path
    calls: Path
    environment: dict[str, str] = field(default_factory=dict)

    def setup(self, *options: str, text: str = "", live: bool = True, **environment: str) -> Result:
        """Run the setup script on it."""
        command = ["bash", str(self.checkout / "provisioning" / "setup.sh"), "--root", str(self.root)]
        if live:
            command.append("--live")
        return self._run([*command, *options], text, environment)

    def go_on_after_a_restart(self, **environment: str) -> Result:
        """Start it anew, and do what talkbox-setup.service does."""
        self.boot()
        script = self.root / "opt" / "talkbox" / "setup" / "provisioning" / "setup.sh"
        return self._run(["bash", str(script), "--root", str(self.root), "--live", "--resume"], "", environment)

    def boot(self, *, card: str = "") -> None:
        """Give it a new boot id, and if asked for a sound card and SPI."""
        boot_id = self.root / "proc/sys/kernel/random/boot_id"
        boot_id.write_text(hashlib.sha256(boot_id.read_bytes()).hexdigest()[:32])
        if card:
            write(self.root / "proc/asound/cards", f" 0 [{card:<15}]: {card} - {card}\n                      {card}\n")
            write(self.root / "dev/spidev0.0", "")

    def _run(self, command: Sequence[str], text: str, environment: Mapping[str, str]) -> Result:
        done = subprocess.run(
            command,
            input=text,
            capture_output=True,
            encoding="utf-8",
            timeout=120,
            env={
                "PATH": str(self.programs),
                "HOME": "/nonexistent",
                "LC_ALL": "C.UTF-8",
                "TREE": str(self.root),
                "CALLS": str(self.calls),
                "SUDO_USER": "pi",
                "REAL_PYTHON": sys.executable,
                "STAND_IN": str(STAND_IN),
                **self.environment,
                **environment,
            },
            check=False,
            start_new_session=True,  # a power cut kills all of it, and nothing else
        )
        return Result(code=done.returncode, said=done.stdout + done.stderr)

    def watch(self, *names: str) -> None:
        """Have calls of programs that do no harm noted too, so that they can be made to fail."""
        for name in names:
            (self.programs / name).rename(self.programs / f"real-{name}")
            (self.programs / name).symlink_to(STAND_IN)

    def called(self) -> list[str]:
        """Return the commands that were called, as they were typed, and forget them."""
        calls = self.calls.read_text("utf-8").splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return calls

    def snapshot(self, *ignored: str) -> dict[str, Entry]:
        """Return everything in it: content, mode, owner and links."""
        return {
            path: entry
            for path, entry in _entries(self.root).items()
            if not any(path == one or path.startswith(f"{one}/") for one in ignored)
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a run ended, and what it said."""

    code: int
    said: str

    def lines(self, word: str) -> list[str]:
        """Return what was said with that word before it."""
        return [
            line.strip().removeprefix(word).strip() for line in self.said.splitlines() if line.strip().startswith(word)
        ]


def make(folder: Path, checkout: Path, release: Release = "trixie", *, boot: str = "boot/firmware") -> PiTree:
    """Make one, fresh from the card."""
    root = folder / "root"
    version = {"bookworm": "12", "trixie": "13"}[release]
    write(root / "etc/os-release", f'ID=debian\nVERSION_ID="{version}"\nVERSION_CODENAME={release}\n')
    write(root / "etc/passwd", PASSWD)
    write(root / "etc/group", "".join(f"{name.split(':')[0]}:x:{name.split(':')[1]}:\n" for name in GROUPS))
    write(
        root / "etc/shadow", "root:*:20000:0:99999:7:::\ndaemon:*:20000:0:99999:7:::\npi:!:20000:0:99999:7:::\n", 0o640
    )
    write(root / "etc/gshadow", "".join(f"{name.split(':')[0]}:*::\n" for name in GROUPS), 0o640)
    write(root / "etc/systemd/system/multi-user.target.wants/ssh.service", "")
    write(root / "etc/systemd/system/sockets.target.wants/dbus.socket", "")
    write(root / "usr/bin/dpkg", "\x7fELF\x02\x01\x01", 0o755)
    for name in (
        "opt",
        "usr/local/bin",
        "var/log/journal",
        "var/log/apt",
        "home/pi",
        "dev",
        "run/systemd/system",
        "etc/credstore",
    ):
        (root / name).mkdir(parents=True)
    write(root / "var/lib/dpkg/status", "".join(map(stanza, ("base-files", "python3-venv"))))
    write(root / boot / "config.txt", CONFIG_TXT)
    write(root / boot / "cmdline.txt", "console=tty1 root=PARTUUID=00000000-02 rootwait\n")
    write(root / boot / "overlays/README", "the firmware's overlays\n")
    if release == "trixie":
        write(root / "usr/lib/systemd/journald.conf.d/40-rpi-volatile-storage.conf", "[Journal]\nStorage=volatile\n")
    write(root / "proc/device-tree/model", "Raspberry Pi Zero 2 W Rev 1.0\0")
    write(root / "proc/mounts", "/dev/mmcblk0p2 / ext4 rw,noatime 0 0\n")
    write(root / "proc/asound/cards", "--- no soundcards ---\n")
    write(root / "proc/sys/kernel/random/boot_id", "8a5f6f3e-0000-4000-8000-000000000001\n")
    return PiTree(root=root, checkout=checkout, programs=_programs(folder / "programs"), calls=folder / "calls")


def copy_checkout(target: Path) -> Path:
    """Copy what the setup script needs of this checkout; the firmware itself is never started, and stays behind."""
    ignore = shutil.ignore_patterns("__pycache__")
    for name in ("provisioning", "systemd", "hardware"):
        shutil.copytree(TOP / name, target / name, ignore=ignore)
    for name in ("pyproject.toml", "requirements.lock", "README.md", "CHANGELOG.md", "LICENSE"):
        shutil.copy(TOP / name, target)
    write(target / "device/talkbox/__init__.py", "")
    return target


def write(path: Path, text: str, mode: int = 0o644) -> None:
    """Write a file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("latin-1"))
    path.chmod(mode)


def stanza(package: str) -> str:
    """Return what dpkg's list says of an installed package."""
    return f"Package: {package}\nStatus: install ok installed\nArchitecture: arm64\nVersion: 1\n\n"


def _programs(folder: Path) -> Path:
    """Make a folder that is a whole PATH."""
    folder.mkdir()
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    for name in (*HARMLESS, *REAL):
        found = shutil.which(name, path=path)
        if found is not None:
            (folder / name).symlink_to(found)
    for name in STAND_INS:
        (folder / name).symlink_to(STAND_IN)
    (folder / "sync").symlink_to("/bin/true")  # on a busy machine it takes seconds
    (folder / "dtc").symlink_to(shutil.which("dtc", path=path) or STAND_IN)
    return folder


def _entries(root: Path) -> dict[str, Entry]:
    found = {}
    for path in sorted(root.rglob("*")):
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode):
            content = f"-> {path.readlink()}"
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            content = ""
        found[str(path.relative_to(root))] = Entry(
            mode=status.st_mode, owner=f"{status.st_uid}:{status.st_gid}", content=content
        )
    return found
