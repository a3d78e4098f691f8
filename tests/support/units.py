"""The unit files and their relatives, read as far as tests need it."""

from __future__ import annotations

from pathlib import Path

TOP = Path(__file__).parent.parent.parent
SYSTEMD = TOP / "systemd"
UNITS = sorted(path for path in (SYSTEMD / "system").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
DROP_INS = sorted((SYSTEMD / "drop-ins").rglob("*.conf"))
SETTINGS = [SYSTEMD / folder / "talkbox.conf" for folder in ("journald.conf.d", "system.conf.d")]


def directives(path: Path) -> list[tuple[str, str, str]]:
    """Return section, key and value of every line, in order; a key may come again."""
    found, section = [], ""
    for line in path.read_text("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            found.append((section, key, value))
    return found


def values(path: Path, key: str) -> list[str]:
    """Return every value that `key` is given."""
    return [value for _, name, value in directives(path) if name == key]
