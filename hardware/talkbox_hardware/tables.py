"""
Frozen dataclasses out of TOML tables: every problem is found at once, none is an exception.

Knows nothing of boards. A field's annotation says what its key may be: text, whole numbers, true or false, a `Literal`,
another dataclass, or a tuple of these; a field without a default is required, and `None` stands for an absent table.
"""

from __future__ import annotations

import difflib
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")

_WORDS = {str: "text", int: "a whole number", bool: "true or false"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """What a whole number may be, ends included."""

    low: int
    high: int

    def __str__(self) -> str:
        return f"{self.low}..{self.high}"


def limited(low: int, high: int, *, default: Any = MISSING) -> Any:
    """Declare a field whose numbers lie within `low` and `high`."""
    return field(default=default, metadata={"limit": Range(low=low, high=high)})


def build(kind: type[T], table: Mapping[str, Any], *, given: Mapping[str, Any], problems: list[str]) -> T | None:
    """
    Return `table` as a `kind`, or `None`, and append to `problems` what is wrong with it.

    Args:
        kind: A dataclass.
        table: What ``tomllib`` made of the table.
        given: Fields that do not come from the table, and may not stand in it.
        problems: Receives one line for each problem.
    """
    return _Builder(problems).table(kind, table, given=given, where="")


class _Builder:
    """Builds tables within tables, remembering where each thing stands."""

    def __init__(self, problems: list[str]) -> None:
        self._problems = problems

    def table(self, kind: type[T], table: Mapping[str, Any], *, given: Mapping[str, Any], where: str) -> T | None:
        before = len(self._problems)
        declared = {one.name: one for one in _fields(kind) if one.name not in given}
        hints = get_type_hints(kind)
        for name in table.keys() - declared.keys():
            close = difflib.get_close_matches(name, declared, n=1)
            self._report(where, name, f"is unknown{f'; did you mean {close[0]}?' if close else ''}")
        values = dict(given)
        for name, one in declared.items():
            if name in table:
                limit = one.metadata.get("limit")
                values[name] = self._value(hints[name], table[name], limit=limit, where=where, name=name)
            elif one.default is MISSING:
                self._report(where, name, "is missing")
        return kind(**values) if len(self._problems) == before else None

    def _value(self, hint: Any, value: object, *, limit: Range | None, where: str, name: str) -> object:
        inner = _without_none(hint)
        if is_dataclass(inner) and isinstance(inner, type):
            if isinstance(value, dict):
                return self.table(inner, value, given={}, where=f"{where}{name}.")
        elif get_origin(inner) is tuple:
            if isinstance(value, list):
                part = get_args(inner)[0]
                return tuple(
                    self._value(part, item, limit=limit, where=where, name=f"{name}[{index}]")
                    for index, item in enumerate(value)
                )
        elif _fits(value, inner, limit):
            return value
        self._report(where, name, f"must be {_words(inner)}{f', {limit}' if limit else ''}, not {reprlib.repr(value)}")
        return None

    def _report(self, where: str, name: str, fact: str) -> None:
        self._problems.append(f"{where}{name} {fact}")


def _fields(kind: Any) -> Iterator[Field[Any]]:
    yield from fields(kind)


def _without_none(hint: Any) -> Any:
    parts = [part for part in get_args(hint) if part is not NoneType] if get_origin(hint) is UnionType else []
    return parts[0] if len(parts) == 1 else hint


def _fits(value: object, hint: Any, limit: Range | None) -> bool:
    allowed = get_args(hint)
    if get_origin(hint) is Literal:
        # 1 == True: the type has to agree as well.
        return any(type(value) is type(one) and value == one for one in allowed)
    if type(value) not in (allowed or (hint,)):
        return False
    return limit is None or (isinstance(value, int) and limit.low <= value <= limit.high)


def _words(hint: Any) -> str:
    if is_dataclass(hint):
        return "a table"
    if get_origin(hint) is tuple:
        return "a list"
    if get_origin(hint) is Literal:
        return " or ".join(f'"{one}"' if isinstance(one, str) else str(one) for one in get_args(hint))
    return " or ".join(_WORDS[part] for part in get_args(hint) or (hint,))
