"""One entry of the journal: read from a line of ``journalctl --output=json``, said again with what is of use. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from talkbox.masking import mask, printable

PREFIX = "TALKBOX_"
LEVELS = ("critical", "critical", "critical", "error", "warning", "info", "info", "debug")
"""By syslog's numbers."""
_OURS = re.compile(r"^talkbox(-|$)")
_NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """
    What happened once. Nothing in it is secret, or moves a cursor.

    Attributes:
        at_s: When, in seconds since 1970.
        level: One of `LEVELS`.
        source: ``""`` for the appliance, else who says so: "broker", "doctor", "systemd".
        lines: The message; a traceback may follow.
        hint: What to do about it.
        event: The word for it; ``""`` where whoever wrote it has none.
        conversation_id: Of which conversation, or ``""``.
        fields: What else the appliance put in: ``{"state": "listening"}``.
    """

    at_s: float
    level: str = "info"
    source: str = ""
    lines: tuple[str, ...] = ("",)
    hint: str = ""
    event: str = ""
    conversation_id: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def troubled(self) -> bool:
        """Whether it is a warning or worse."""
        return self.level in ("critical", "error", "warning")


def parse(line: bytes | str) -> Entry | None:
    """Return the entry that `line` holds, or `None`: journalctl says other things in between."""
    try:
        raw = json.loads(line)
        at_s = int(raw["__REALTIME_TIMESTAMP"]) / 1e6
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    ours = {name.removeprefix(PREFIX).lower(): value for name, value in raw.items() if name.startswith(PREFIX)}
    values = {name: _clean(value) for name, value in ours.items()}
    hint, event, conversation_id = (values.pop(name, "") for name in ("hint", "event", "conversation_id"))
    message = [_clean(part) for part in (_text(raw.get("MESSAGE")).splitlines() or [""])]
    # For whoever reads with journalctl the hint is part of the message.
    message[0] = message[0].removesuffix(f" [hint: {hint}]")
    return Entry(
        at_s=at_s,
        level=_level(raw.get("PRIORITY")),
        source=_OURS.sub("", printable(_text(raw.get("SYSLOG_IDENTIFIER"))), count=1),
        lines=tuple(message),
        hint=hint,
        event=event,
        conversation_id=conversation_id,
        fields=values,
    )


def as_json(entry: Entry, zone: tzinfo | None = None) -> str:
    """
    Return `entry` as one line of JSON; numbers are numbers, and what is empty is left out.

    Args:
        entry: The entry.
        zone: For its time; the machine's own if left out.
    """
    said = {
        "time": local(entry, zone).isoformat(timespec="milliseconds"),
        "level": entry.level,
        "source": entry.source,
        "event": entry.event,
        "conversation_id": entry.conversation_id,
        "message": "\n".join(entry.lines),
        "hint": entry.hint,
    }
    numbers = {name: json.loads(text) if _NUMBER.fullmatch(text) else text for name, text in entry.fields.items()}
    # What an entry is stands above what somebody put into it under the same name.
    return json.dumps(
        {name: value for name, value in (said | numbers | said).items() if value != ""}, ensure_ascii=False
    )


def local(entry: Entry, zone: tzinfo | None = None) -> datetime:
    """Return the time of `entry` in `zone`, the machine's own if left out."""
    return datetime.fromtimestamp(entry.at_s, zone).astimezone(zone)


def _text(value: object) -> str:
    """Return a field's text. What is not UTF-8 comes as a list of bytes, and a field that was given twice as a list."""
    match value:
        case str():
            return value
        case list() if all(isinstance(byte, int) and 0 <= byte < 256 for byte in value):
            return bytes(value).decode("utf-8", "replace")
        case list():
            return _text(value[0])
        case _:
            return ""


def _clean(value: object) -> str:
    return printable(mask(_text(value)))


def _level(priority: object) -> str:
    text = _text(priority)
    return LEVELS[int(text)] if text in tuple("01234567") else "info"
