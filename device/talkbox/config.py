"""
Configuration: defaults, one TOML file, the environment, the command line; read once, frozen.

Every problem is reported at once, and nothing downstream ever validates again.
"""

from __future__ import annotations

import difflib
import ipaddress
import os
import reprlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from .errors import ConfigError
from .masking import mask, printable
from .settings import KEYS, TABLES, AgentSettings, AudioSettings, Config, ControlSettings, ControlsSettings, Key

__all__ = ["DEFAULT_PATH", "Config", "load"]

DEFAULT_PATH = Path("/etc/talkbox/talkbox.toml")
ENVIRONMENT_PREFIX = "TALKBOX_"
OPTION = "--set"
DEFAULT = "default"

_AGENT_ID = "agent.agent_id"
_SOCKET_PATH_BYTES = 107 - len(".new")  # sockaddr_un has 108; the socket is made under a name with this ending


@dataclass(frozen=True, slots=True, kw_only=True)
class _Setting:
    """One value that somebody set: where, which key, and what. `named` is how the key was written."""

    source: str
    named: str
    value: object


def load(
    path: Path | None,
    *,
    environ: Mapping[str, str],
    overrides: Sequence[str] = (),
    require_agent: bool = False,
) -> Config:
    """
    Read and check the configuration. Later wins: defaults, the file, the environment, the command line.

    Args:
        path: The TOML file, or `None` for none.
        environ: Variables; ``TALKBOX_AUDIO__VOLUME=0.5`` sets ``audio.volume``.
        overrides: ``"audio.volume=0.5"``, as the command line gives them.
        require_agent: Whether a configuration without an agent is a problem.

    Raises:
        ConfigError: With one line for each problem: file, variable or option; key; what is allowed; value.
    """
    problems: list[str] = []
    values: dict[str, dict[str, Any]] = {table: {} for table in TABLES}
    origins = {str(key): DEFAULT for keys in KEYS.values() for key in keys.values()}
    raw = _read(path, problems)
    unread = bool(problems)
    layers = (_from_file(path, raw, problems), _from_environment(environ, problems), _from_options(overrides, problems))
    for setting in (setting for layer in layers for setting in layer):
        key = _known(setting, problems)
        if key is None:
            continue
        value = _parsed(key, setting)
        if key.accepts(value):
            values[key.table][key.name] = key.built(value)
            origins[str(key)] = setting.source
        else:
            problems.append(f"{setting.source}: {key} must be {key.allowed()}{_not(key, value)}")
    config = Config(**{table: kind(**values[table]) for table, kind in TABLES.items()}, origins=origins)
    problems += _contradictions(config)
    if require_agent and not config.agent.agent_id and not (unread or any(_AGENT_ID in one for one in problems)):
        problems.append(f"{path or 'configuration'}: {_AGENT_ID} is missing")
    if problems:
        raise ConfigError("\n".join(mask(printable(problem)) for problem in problems), hint=_hint(problems))
    return config


def _read(path: Path | None, problems: list[str]) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        # Notepad, which writes the first-boot file of many, begins UTF-8 with a mark that TOML does not know.
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except OSError as error:
        problems.append(f"{path}: {(error.strerror or str(error)).lower()}")
    except UnicodeDecodeError as error:
        problems.append(f"{path}: not UTF-8 at byte {error.start}")
    except (ValueError, RecursionError) as error:
        problems.append(f"{path}: not TOML: {error}")
    return {}


def _from_file(path: Path | None, raw: Mapping[str, Any], problems: list[str]) -> Iterator[_Setting]:
    for table, body in raw.items():
        if isinstance(body, dict) and table in TABLES:
            yield from (_Setting(source=str(path), named=f"{table}.{name}", value=body[name]) for name in body)
        elif table in TABLES:
            problems.append(f"{path}: {table} must be a table, not {reprlib.repr(body)}")
        else:
            problems.append(f"{path}: unknown {'table' if isinstance(body, dict) else 'key'} {table}{_meant(table)}")


def _from_environment(environ: Mapping[str, str], problems: list[str]) -> Iterator[_Setting]:
    # What people write who do not know of the two lines between table and key; other variables are not ours.
    mistakes = {f"{key.table}_{key.name}": key for keys in KEYS.values() for key in keys.values()}
    for variable, text in sorted(environ.items()):
        table, separator, name = variable.removeprefix(ENVIRONMENT_PREFIX).lower().partition("__")
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        if separator:
            yield _Setting(source=variable, named=f"{table}.{name}", value=_Text(text))
        elif key := mistakes.get(table):
            meant = f"{ENVIRONMENT_PREFIX}{key.table}__{key.name}".upper()
            problems.append(f"{variable}: unknown variable; did you mean {meant}?")


def _from_options(overrides: Sequence[str], problems: list[str]) -> Iterator[_Setting]:
    for option in overrides:
        named, separator, text = option.partition("=")
        if separator:
            yield _Setting(source=OPTION, named=named.strip(), value=_Text(text.strip()))
        else:
            problems.append(f"{OPTION}: must be table.key=value, not {reprlib.repr(option)}")


class _Text(str):
    """A value that came as text, and still has to become what its key holds."""

    __slots__ = ()


def _parsed(key: Key, setting: _Setting) -> object:
    """Return the value as TOML would give it."""
    text = setting.value
    if not isinstance(text, _Text):
        return text
    if key.accepts(str(text)):
        return str(text)
    try:
        # One value and nothing else: a line break would let another key in.
        parsed = tomllib.loads(f"value = {text}")
        return parsed["value"] if len(parsed) == 1 else str(text)
    except (ValueError, RecursionError):
        return str(text)


def _known(setting: _Setting, problems: list[str]) -> Key | None:
    table, _, name = setting.named.partition(".")
    key = KEYS.get(table, {}).get(name)
    if key is None:
        problems.append(f"{setting.source}: unknown key {setting.named}{_meant(setting.named)}")
    return key


def _meant(named: str) -> str:
    """Suggest the table or key that is nearest to what was written."""
    keys = [str(key) for table in KEYS.values() for key in table.values()]
    elsewhere = [key for key in keys if key.endswith(f".{named.rpartition('.')[2]}")]
    close = difflib.get_close_matches(named, keys if "." in named else TABLES, n=1, cutoff=0.8) or elsewhere
    return f"; did you mean {close[0]}?" if close else ""


def _not(key: Key, value: object) -> str:
    if key.secret:
        return ""
    return f", not {str(value).lower() if isinstance(value, bool) else reprlib.repr(value)}"  # as TOML has it


def _contradictions(config: Config) -> Iterator[str]:
    """Find what no key by itself can be blamed for."""
    checks = (
        ("agent", _agent_problems(config.agent)),
        ("audio", _audio_problems(config.audio)),
        ("control", _control_problems(config.control)),
        ("controls", _controls_problems(config.controls)),
    )
    for table, found in checks:
        yield from (f"{config.origins[f'{table}.{name}']}: {table}.{name} {problem}" for name, problem in found)


def _agent_problems(agent: AgentSettings) -> Iterator[tuple[str, str]]:
    if agent.agent_id != "".join(agent.agent_id.split()):
        yield "agent_id", f"must not contain blanks, not {reprlib.repr(agent.agent_id)}"
    if not _is_address(agent.server, secure="wss", plain="ws"):
        yield "server", f"must be wss://HOST, or ws://127.0.0.1:PORT on this machine, not {agent.server!r}"
    source = agent.signed_url_from
    if source and not source.startswith("unix:/") and not _is_address(source, secure="https", plain="http"):
        yield "signed_url_from", f"must be unix:/PATH, https://HOST/PATH or http:// on this machine, not {source!r}"
    if any(not part.isprintable() for pair in agent.signed_url_headers.items() for part in pair):
        yield "signed_url_headers", "must not contain control characters"


def _audio_problems(audio: AudioSettings) -> Iterator[tuple[str, str]]:
    for name, device in (("capture", audio.capture), ("playback", audio.playback)):
        if device == "wav:":
            yield name, "must name a file: wav:PATH"


def _control_problems(control: ControlSettings) -> Iterator[tuple[str, str]]:
    length = len(os.fsencode(control.socket))
    if not 0 < length <= _SOCKET_PATH_BYTES:
        yield "socket", f"must be a path of 1..{_SOCKET_PATH_BYTES} bytes, not {length}"


def _controls_problems(controls: ControlsSettings) -> Iterator[tuple[str, str]]:
    if controls.bounce_s >= controls.hold_s:
        yield "bounce_s", f"must be less than controls.hold_s, {controls.hold_s:g}, not {controls.bounce_s:g}"
    if controls.power_off_hold_s <= controls.hold_s:
        yield "power_off_hold_s", f"must be more than controls.hold_s, {controls.hold_s:g}"


def _is_address(url: str, *, secure: str, plain: str) -> bool:
    """Tell whether `url` goes to a host over TLS, or without it to this very machine."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port  # a bad port is found when it is asked for
    except ValueError:
        return False
    if not host or not url.isprintable() or " " in url or "@" in parts.netloc:
        return False
    return parts.scheme == secure or (parts.scheme == plain and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _hint(problems: list[str]) -> str:
    if any(problem.endswith(f"{_AGENT_ID} is missing") for problem in problems):
        return (
            "set agent.agent_id; or talk to the embedded agent: start `talkbox-agent`, "
            "then add --set agent.server=ws://127.0.0.1:8787 --set agent.agent_id=home"
        )
    return "`talkbox config --reference` prints every key, its default and what it may be"
