"""Entries that come again and again, told once: one, or the same few in a row (a service that cannot start). Pure."""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass

from .entry import Entry

LONGEST = 12
"""Lines in a row that are recognised when they come again."""
_DIGITS = re.compile(r"\d+")
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Again:
    """The last `lines` entries came `times` times more, within `span_s`."""

    lines: int
    times: int
    span_s: float


class Fold:
    """Pass entries on, but for those that repeat what has just been passed on. What was said is always passed on."""

    def __init__(self) -> None:
        self._recent: deque[tuple[_Key, float]] = deque(maxlen=LONGEST)
        self._round: tuple[_Key, ...] = ()  # what is expected to come again; empty: nothing
        self._held: list[Entry] = []  # so much of it has come again since it was last complete
        self._times = 0
        self._began_s = self._last_s = 0.0

    def feed(self, entry: Entry) -> list[Entry | Again]:
        """Take the next entry; return what is to be shown."""
        key = _key(entry)
        if self._round and key == self._round[len(self._held)]:
            self._hold(entry)
            return []
        shown = self._leave()
        if key is None:
            self._recent.clear()
        elif (back := self._seen(key)) is not None:
            self._round = tuple(known for known, _ in list(self._recent)[-back:])
            self._began_s = max(self._recent[-back][1], self._last_s)
            self._hold(entry)
            return shown
        else:
            self._recent.append((key, entry.at_s))
        return [*shown, entry]

    def settle(self) -> list[Entry | Again]:
        """Return what is held back for now: nothing has come for a while that would make it a repetition."""
        return self._leave() if self._held else []

    def tell(self) -> list[Entry | Again]:
        """Return everything that is held back, and go on counting."""
        return self._leave() if self._held else self._again()

    def _seen(self, key: _Key) -> int | None:
        """Return how many entries ago `key` was there."""
        keys = [known for known, _ in reversed(self._recent)]
        return keys.index(key) + 1 if key in keys else None

    def _hold(self, entry: Entry) -> None:
        self._held.append(entry)
        if len(self._held) == len(self._round):
            self._times += 1
            self._last_s = entry.at_s
            self._held.clear()

    def _again(self) -> list[Entry | Again]:
        if not self._times:
            return []
        again = Again(lines=len(self._round), times=self._times, span_s=max(0.0, self._last_s - self._began_s))
        self._times, self._began_s = 0, self._last_s
        return [again]

    def _leave(self) -> list[Entry | Again]:
        """Expect nothing any more."""
        shown: list[Entry | Again] = [*self._again(), *self._held]
        self._recent.extend((known, entry.at_s) for known, entry in zip(self._round, self._held, strict=False))
        self._round = ()
        self._held.clear()
        return shown


def _key(entry: Entry) -> _Key | None:
    """Return what makes two entries the same; `None` for one that is never left out."""
    if entry.conversation_id and not entry.troubled:
        return None  # who spoke when
    # systemd counts restarts, and names processes by number.
    lines = tuple(_DIGITS.sub("0", line) for line in entry.lines) if entry.source == "systemd" else entry.lines
    return entry.source, entry.level, entry.hint, lines
