"""The broker's settings: one small TOML file, read once, frozen. Every problem is reported at once; no secret in it."""

from __future__ import annotations

import difflib
import re
import reprlib
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any

from .addresses import server_flaw
from .errors import SettingsError

DEFAULT_PATH = Path("/etc/talkbox/broker.toml")
_TABLE = "broker"
_AGENT_ID = re.compile(r"[A-Za-z0-9_.-]{1,128}")


def _number(default: float, low: float, high: float) -> Any:
    """Declare a number: its default and its range, ends included. It is whole where its default is."""
    return field(default=default, metadata={"low": low, "high": high})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``[broker]``: who may be talked to, and how much of the service's and the clients' time is taken."""

    agents: tuple[str, ...]
    """Ids of the agents that signed URLs are given for; at least one."""

    server: str = "https://api.elevenlabs.io"
    """Where the key goes: ``https://``, a residency host for instance; ``http://`` to this very machine only."""

    connect_timeout_s: float = _number(4.0, 0.1, 60.0)
    """Seconds for one connection to the service: name, route, TLS."""

    timeout_s: float = _number(8.0, 0.1, 60.0)
    """Seconds for a whole request to the service. Less than the 10 s that a device waits, so that it hears why."""

    client_timeout_s: float = _number(5.0, 0.1, 60.0)
    """Seconds in which a client must have sent its request."""

    concurrency: int = _number(4, 1, 64)
    """Requests to the service at the same time; further ones wait, and their time runs."""

    burst: int = _number(10, 1, 1000)
    """Requests that are taken at once after a quiet while; one press of the button is one."""

    per_minute: int = _number(30, 1, 6000)
    """Requests that are taken in the long run. More are refused without asking the service."""


def load(path: Path) -> Settings:
    """
    Read and check the settings.

    Raises:
        SettingsError: With one line for each problem: file, key, what is allowed, value.
    """
    problems: list[str] = []
    table = _table(path, problems)
    if table is not None:
        problems += [f"{_TABLE}.{name} {flaw}" for name, value in table.items() for flaw in _flaws(name, value)]
        problems += [] if "agents" in table else [f"{_TABLE}.agents is missing"]
    if table is None or problems:
        raise SettingsError(
            "\n".join(_printable(f"{path}: {problem}") for problem in problems),
            hint='the file needs a table [broker] with agents = ["agent_…"]; `sudo ./provisioning/setup.sh` writes it',
        )
    return Settings(**{**table, "agents": tuple(table["agents"])})


def _table(path: Path, problems: list[str]) -> Mapping[str, Any] | None:
    """Return ``[broker]`` as it stands in the file; `None` if there is no way to tell."""
    try:
        # Notepad begins UTF-8 with a mark that TOML does not know.
        raw = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problems.append((error.strerror or str(error)).lower())
        return None
    except UnicodeDecodeError as error:
        problems.append(f"not UTF-8 at byte {error.start}")
        return None
    except (ValueError, RecursionError) as error:
        problems.append(f"not TOML: {error}")
        return None
    others = [name for name in raw if name != _TABLE]
    problems += [f"unknown {'table' if isinstance(raw[name], dict) else 'key'} {name}" for name in others]
    table = raw.get(_TABLE, {})
    if isinstance(table, dict):
        return table
    problems.append(f"{_TABLE} must be a table, not {reprlib.repr(table)}")
    return None


def _flaws(name: str, value: object) -> Iterator[str]:
    """Say what is wrong with one key, if anything is."""
    if name not in _FIELDS:
        close = difflib.get_close_matches(name, _FIELDS, n=1)
        yield f"is no key{f'; did you mean {close[0]}?' if close else ''}"
    elif name == "agents":
        if not (isinstance(value, list) and value and all(_is_agent_id(agent) for agent in value)):
            yield f'must be a list of agent ids, ["agent_…"], not {reprlib.repr(value)}'
    elif name == "server":
        if flaw := server_flaw(value) if isinstance(value, str) else "must be an address":
            yield f"{flaw}, not {_origin(value)}"
    elif not _is_in_range(value, _FIELDS[name]):
        kind = "a whole number" if isinstance(_FIELDS[name].default, int) else "a number"
        low, high = (_FIELDS[name].metadata[end] for end in ("low", "high"))
        yield f"must be {kind}, {low:g}..{high:g}, not {reprlib.repr(value)}"


def _is_in_range(value: object, known: Field[Any]) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | (type(known.default))):
        return False
    return bool(known.metadata["low"] <= value <= known.metadata["high"])


_FIELDS = {one.name: one for one in fields(Settings)}


def _is_agent_id(value: object) -> bool:
    return isinstance(value, str) and bool(_AGENT_ID.fullmatch(value))


def _origin(value: object) -> str:
    """Show an address without what could be a password in it."""
    return reprlib.repr(value.rpartition("@")[2].partition("?")[0] if isinstance(value, str) else value)


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
