"""A script's TOML file -> `Script`. Every problem is reported at once, with file, key, value and what is allowed."""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, fields
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from .errors import ScriptError
from .script import (
    Action,
    CallTool,
    CloseWith,
    Drop,
    HangUp,
    Manner,
    Refusal,
    Rule,
    Say,
    Script,
    Send,
    SendBinary,
    SendText,
    StaleAudio,
    StallFor,
    Wait,
)
from .turns import TurnSettings

T = TypeVar("T")

_RANGES: dict[str, tuple[float, float]] = {
    "after_s": (0, 3600),
    "alignment": (0, 1),
    "barge_in_voice_s": (0.03, 0.48),
    "chunk_ms": (10, 10_000),
    "close": (1000, 4999),
    "duration_s": (0, 3600),
    "first": (0, 1_000_000),
    "lead_s": (0, 3600),
    "max_turn_s": (1, 600),
    "metadata_delay_s": (0, 3600),
    "nth": (0, 1_000_000),
    "ping_every_s": (0, 3600),
    "silence_s": (0.06, 10),
    "stale_audio": (1, 1000),
    "stall_s": (0, 3600),
    "start_voice_s": (0.03, 0.48),
    "status": (300, 599),
    "thinking_s": (0, 3600),
    "tone_hz": (0, 7900),
    "tool_timeout_s": (0.01, 3600),
    "vad_every_s": (0, 3600),
    "wait_s": (0, 3600),
}
"""Key -> the least and the greatest number it may have."""

_TYPE_NAMES = {str: "a string", bool: "true or false", int: "a whole number", float: "a number", dict: "a table"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """One kind of action: the keys that may stand beside its own, and how it is made."""

    value: type
    others: Mapping[str, type]
    make: Callable[[Any, Mapping[str, Any]], Action]
    """Raises ValueError, which says what the value must be."""


def _send_binary(digits: str) -> SendBinary:
    try:
        return SendBinary(bytes.fromhex(digits))
    except ValueError as error:
        raise ValueError(f"must be hexadecimal digits, two a byte, not {digits!r}") from error


def _close_with(code: int, reason: str = "") -> CloseWith:
    # What RFC 6455 lets nobody send; 1006 is what a client sees when there was no close frame at all.
    if code in (1004, 1005, 1006) or 1014 < code < 3000:
        raise ValueError(
            f"must be 1000..1003, 1007..1014 or 3000..4999, not {code}; a broken connection is drop = true"
        )
    if len(reason.encode()) > 123:
        raise ValueError("must have a reason of at most 123 bytes")
    return CloseWith(code=code, reason=reason)


_ACTIONS: dict[str, _Kind] = {
    "say": _Kind(
        value=str,
        others={"tone_hz": float, "duration_s": float},
        make=lambda text, others: Say(text=text, **others),
    ),
    "call_tool": _Kind(value=str, others={"parameters": dict}, make=lambda name, others: CallTool(name=name, **others)),
    "send": _Kind(value=dict, others={}, make=lambda message, _others: Send(message)),
    "send_text": _Kind(value=str, others={}, make=lambda text, _others: SendText(text)),
    "send_binary": _Kind(value=str, others={}, make=lambda digits, _others: _send_binary(digits)),
    "stale_audio": _Kind(value=int, others={}, make=lambda chunks, _others: StaleAudio(chunks)),
    "wait_s": _Kind(value=float, others={}, make=lambda duration_s, _others: Wait(duration_s)),
    "stall_s": _Kind(value=float, others={}, make=lambda duration_s, _others: StallFor(duration_s)),
    "close": _Kind(value=int, others={"reason": str}, make=lambda code, others: _close_with(code, **others)),
    "drop": _Kind(value=bool, others={}, make=lambda _yes, _others: Drop()),
    "hang_up": _Kind(value=bool, others={}, make=lambda _yes, _others: HangUp()),
}


def load(path: Path) -> Script:
    """
    Read and check a script.

    Raises:
        ScriptError: With one line for each problem.
    """
    try:
        text = path.read_text("utf-8")
    except OSError as error:
        raise ScriptError(f"{path}: {error.strerror or error}", hint="give the path of a TOML file") from error
    except UnicodeDecodeError as error:
        raise ScriptError(f"{path}: not UTF-8: {error.reason} at byte {error.start}") from error
    return parse(text, name=str(path))


def parse(text: str, *, name: str) -> Script:
    """
    Read a script from ``text``.

    Args:
        text: TOML.
        name: What the problems are reported against: the file.

    Raises:
        ScriptError: With one line for each problem.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScriptError(f"{name}: {error}") from error
    reader = _Reader()
    script = reader.script(raw)
    if reader.problems:
        raise ScriptError(
            "\n".join(f"{name}: {problem}" for problem in reader.problems),
            hint="the format is described in device/talkbox_agent/README.md",
        )
    return script


class _Reader:
    """Builds a script and collects what is wrong with it on the way."""

    def __init__(self) -> None:
        self.problems: list[str] = []

    def script(self, raw: dict[str, Any]) -> Script:
        self._unknown(raw, ("agents", "session", "turns", "refuse", "when"), "")
        refuse = self._table(raw, "refuse")
        rules = raw.get("when", [])
        if not isinstance(rules, list):
            self.problems.append("when must be an array of tables, [[when]]")
            rules = []
        return Script(
            manner=self._build(Manner, self._table(raw, "session"), "session") or Manner(),
            turns=self._build(TurnSettings, self._table(raw, "turns"), "turns") or TurnSettings(),
            refuse=self._build(Refusal, refuse, "refuse") if "refuse" in raw else None,
            agents=tuple(self._agents(raw)),
            rules=tuple(rule for n, each in enumerate(rules, 1) if (rule := self._rule(each, f"when[{n}]"))),
        )

    def _agents(self, raw: dict[str, Any]) -> list[str]:
        agents = raw.get("agents", [])
        if isinstance(agents, list) and all(isinstance(agent, str) for agent in agents):
            return agents
        self.problems.append(f"agents must be an array of strings, not {agents!r}")
        return []

    def _rule(self, raw: object, where: str) -> Rule | None:
        if not isinstance(raw, dict):
            self.problems.append(f"{where} must be a table, not {raw!r}")
            return None
        actions = raw.get("do", [])
        if not isinstance(actions, list) or not actions:
            self.problems.append(f"{where}.do must be an array of one action or more")
            actions = []
        do = tuple(action for n, each in enumerate(actions, 1) if (action := self._action(each, f"{where}.do[{n}]")))
        rest = {key: value for key, value in raw.items() if key != "do"}
        return self._build(Rule, rest, where, do=do)

    def _action(self, raw: object, where: str) -> Action | None:
        kinds = [key for key in _ACTIONS if isinstance(raw, dict) and key in raw]
        if not isinstance(raw, dict) or len(kinds) != 1:
            given = f"{{{', '.join(raw)}}}" if isinstance(raw, dict) else repr(raw)
            hint = _meant(next(iter(raw), ""), _ACTIONS) if isinstance(raw, dict) else ""
            self.problems.append(f"{where} must have exactly one of {', '.join(_ACTIONS)}, not {given}{hint}")
            return None
        before = len(self.problems)
        key, kind = kinds[0], _ACTIONS[kinds[0]]
        self._unknown(raw, (key, *kind.others), where)
        value = self._value(raw[key], kind.value, key, where)
        others = {
            other: self._value(raw[other], expected, other, where)
            for other, expected in kind.others.items()
            if other in raw
        }
        if len(self.problems) > before:
            return None
        try:
            return kind.make(value, others)
        except ValueError as error:
            self.problems.append(f"{where}.{key} {error}")
            return None

    def _build(self, kind: type[T], raw: Mapping[str, Any], where: str, **ready: object) -> T | None:
        """Make a dataclass of a table; `None` if that is impossible, with the problems noted."""
        before = len(self.problems)
        hints = get_type_hints(kind)
        known = [each for each in fields(kind) if each.name not in ready]  # type: ignore[arg-type]
        self._unknown(raw, [each.name for each in known], where)
        values = {
            each.name: self._value(raw[each.name], hints[each.name], each.name, where)
            for each in known
            if each.name in raw
        }
        self.problems += [
            f"{where}.{each.name} is missing"
            for each in known
            if each.default is MISSING and each.default_factory is MISSING and each.name not in raw
        ]
        return kind(**values, **ready) if len(self.problems) == before else None

    def _value(self, value: object, expected: type, key: str, where: str) -> object:
        """Check one value; what is wrong is noted, and what is returned then is of no use."""
        if issubclass(expected, StrEnum):
            if isinstance(value, str) and value in list(expected):
                return expected(value)
            allowed = ", ".join(expected)
            self.problems.append(f"{where}.{key} must be one of {allowed}, not {value!r}{_meant(value, expected)}")
        elif not _is(value, expected):
            self.problems.append(f"{where}.{key} must be {_TYPE_NAMES[expected]}, not {value!r}")
        elif key in _RANGES and isinstance(value, int | float):
            low, high = _RANGES[key]
            if not low <= value <= high:
                self.problems.append(f"{where}.{key} must be {low:g}..{high:g}, not {value!r}")
        return value

    def _table(self, raw: dict[str, Any], key: str) -> dict[str, Any]:
        table = raw.get(key, {})
        if isinstance(table, dict):
            return table
        self.problems.append(f"{key} must be a table, not {table!r}")
        return {}

    def _unknown(self, raw: Mapping[str, Any], known: Any, where: str) -> None:
        prefix = f"{where}." if where else ""
        self.problems += [f"unknown key {prefix}{key}{_meant(key, known)}" for key in raw if key not in known]


def _is(value: object, expected: type) -> bool:
    """Say whether a TOML value is of a type; a whole number is a number, and true is neither."""
    if isinstance(value, bool):
        return expected is bool
    return isinstance(value, int | float) if expected is float else isinstance(value, expected)


def _meant(name: object, known: Any) -> str:
    close = difflib.get_close_matches(str(name), list(known), n=1)
    return f"; did you mean {close[0]}?" if close else ""
