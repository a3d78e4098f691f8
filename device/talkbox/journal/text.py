"""
The journal at a glance: one line an event, a frame around each conversation, repetitions in one line. Pure.

    ┌── conv_0123 ──────────────────────────────
    14:03:22  began, 0.48 s after the press
    14:03:40  error: the connection broke
              → press the button to start again
    └── 18 s ───────────────────────────────────
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, tzinfo

from .entry import Entry, local
from .fold import Again, Fold

_INDENT = " " * 10  # as wide as the time of day and two blanks
_RED, _YELLOW, _GREEN, _CYAN, _DIM, _BOLD = "31", "33", "32", "36", "2", "1"
_OF_LEVEL = {"critical": f"{_BOLD};{_RED}", "error": _RED, "warning": _YELLOW, "debug": _DIM}
_OF_EVENT = {"ready": _GREEN, "metrics": _DIM, "session_started": _BOLD}


class Text:
    """
    Turn entries into lines, without line ends. Nothing is held back for longer than the caller likes.

    Args:
        width: Of the rules, in characters.
        color: Whether to color them, as terminals do.
        zone: For the times; the machine's own if left out.
    """

    def __init__(self, *, width: int = 80, color: bool = False, zone: tzinfo | None = None) -> None:
        self._width, self._color, self._zone = width, color, zone
        self._fold = Fold()
        self._day: date | None = None
        self._conversation_id = ""

    def feed(self, entry: Entry) -> list[str]:
        """Return the lines that `entry` makes."""
        return self._lines(self._fold.feed(entry))

    def settle(self) -> list[str]:
        """Return what was held back in the hope that it repeats: nothing has come for a while."""
        return self._lines(self._fold.settle())

    def tell(self) -> list[str]:
        """Return all that was held back: how often what was shown last has come again."""
        return self._lines(self._fold.tell())

    def _lines(self, shown: Iterable[Entry | Again]) -> list[str]:
        lines: list[str] = []
        for one in shown:
            lines += self._again(one) if isinstance(one, Again) else self._entry(one)
        return lines

    def _again(self, again: Again) -> list[str]:
        what = "… " if again.lines == 1 else f"… these {again.lines} lines, "
        often = f"{again.times} more time{'' if again.times == 1 else 's'}"
        return [_INDENT + self._painted(f"{what}{often} in {duration(again.span_s)}", _DIM)]

    def _entry(self, entry: Entry) -> list[str]:
        at = local(entry, self._zone)
        lines = self._before(entry, at.date())
        said = _Said.of(entry)
        first, *more = entry.lines
        first = first.removeprefix(f"conversation {entry.conversation_id} ")  # the frame has it
        lines.append(f"{self._painted(f'{at:%H:%M:%S}', _DIM)}  {self._painted(said.label + first, said.paint)}")
        lines += [_INDENT + self._painted(line, _DIM) for line in more]
        if entry.hint:
            lines.append(f"{_INDENT}{self._painted('→ ' + entry.hint, _CYAN)}")
        if entry.event == "metrics" and entry.conversation_id:
            lines += self._close(entry.fields.get("duration_s", ""))
        return lines

    def _before(self, entry: Entry, day: date) -> list[str]:
        """End a conversation's frame, begin a day, begin a frame. What others say (the broker, systemd) ends none."""
        lines = []
        changes = not entry.source and entry.conversation_id != self._conversation_id
        if changes and self._conversation_id:
            lines += self._close("")
        if day != self._day:
            self._day = day
            lines.append(self._painted(f"{day:%A %Y-%m-%d}", _BOLD))
        if changes and entry.conversation_id:
            self._conversation_id = entry.conversation_id
            lines.append(self._rule("┌", entry.conversation_id))
        return lines

    def _close(self, duration_s: str) -> list[str]:
        self._conversation_id = ""
        try:
            return [self._rule("└", duration(float(duration_s)))]
        except (ValueError, OverflowError):  # it broke off; or somebody else than we wrote the figure
            return [self._rule("└", "")]

    def _rule(self, corner: str, words: str) -> str:
        begun = f"{corner}── {words} " if words else f"{corner}──"
        return self._painted(begun.ljust(self._width, "─"), _CYAN)

    def _painted(self, text: str, paint: str) -> str:
        return f"\x1b[{paint}m{text}\x1b[0m" if self._color and paint and text else text


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """What stands before a message, and how both are painted."""

    label: str
    paint: str

    @staticmethod
    def of(entry: Entry) -> _Said:
        source = f"{entry.source}: " if entry.source else ""
        level = f"{entry.level}: " if entry.troubled else ""
        paint = _OF_LEVEL.get(entry.level) or _OF_EVENT.get(entry.event) or (_DIM if entry.source else "")
        return _Said(label=source + level, paint=paint)


def duration(seconds: float) -> str:
    """Return ``"18 s"``, ``"3 min 5 s"``, ``"2 h 4 min"`` or ``"3 days"``."""
    whole = round(seconds)
    minutes, hours, days = whole // 60, whole // 3600, whole // 86400
    if minutes == 0:
        return f"{whole} s"
    if hours == 0:
        return f"{minutes} min {whole % 60} s" if whole % 60 else f"{minutes} min"
    if days == 0:
        return f"{hours} h {minutes % 60} min" if minutes % 60 else f"{hours} h"
    return f"{days} day{'s' if days > 1 else ''}"
