"""
What a log record says: as lines for people, and as the fields of a journal entry. Pure; nothing is written here.

Both are masked, and neither has a raw control character in it. ``extra`` becomes fields: ``{"event": "mute"}`` is
``TALKBOX_EVENT=mute``; whatever is no text and no number is left out (libraries put objects of theirs there).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence

from .masking import mask, printable

IDENTIFIER = "talkbox"
PREFIX = "TALKBOX_"
MOST_CHARACTERS = 256 * 1024
"""Of one field; what comes after is cut."""

_PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}
_ORDINARY = {*vars(logging.makeLogRecord({})), "message", "asctime", "taskName"}
_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")  # what journald takes for one
_tracebacks = logging.Formatter()


def priority(record: logging.LogRecord) -> int:
    """Return syslog's number for how important `record` is: 2, 3, 4, 6 or 7; 6 for levels of other people's making."""
    return _PRIORITIES.get(record.levelno, 6)


def text_lines(record: logging.LogRecord, secrets: Sequence[str] = ()) -> list[str]:
    """Return the message with its hint on one line, and below it the lines of a traceback, if there is one."""
    hint = getattr(record, "hint", "")
    lines = [record.getMessage() + (f" [hint: {hint}]" if hint else "")]
    if record.exc_info:
        lines += _tracebacks.formatException(record.exc_info).splitlines()
    if record.stack_info:
        lines += record.stack_info.splitlines()
    return [_clean(line, secrets) for line in lines]


def journal_fields(
    record: logging.LogRecord, *, standing: Mapping[str, object] | None = None, secrets: Sequence[str] = ()
) -> dict[str, str]:
    """
    Return the fields of the journal entry for `record`.

    Args:
        record: What was logged.
        standing: What is so for now, whoever logs: fields as in ``extra``, which outweighs them.
        secrets: Values never to be shown, besides what looks like a secret.
    """
    own = {
        "MESSAGE": "\n".join(text_lines(record, secrets))[:MOST_CHARACTERS],
        "PRIORITY": str(priority(record)),
        "SYSLOG_IDENTIFIER": IDENTIFIER,
        "LOGGER": record.name,
        "CODE_FILE": record.pathname,
        "CODE_LINE": str(record.lineno),
        "CODE_FUNC": record.funcName or "",
        "THREAD_NAME": record.threadName or "",
    }
    extra = {name: value for name, value in vars(record).items() if name not in _ORDINARY}
    return own | dict(_extra_fields({**(standing or {}), **extra}, secrets))


def datagram(fields: Mapping[str, str]) -> bytes:
    """Return `fields` in journald's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL)."""
    parts = []
    for name, value in fields.items():
        encoded = value.encode("utf-8", "replace")
        if b"\n" in encoded:
            parts.append(name.encode() + b"\n" + len(encoded).to_bytes(8, "little") + encoded + b"\n")
        else:
            parts.append(name.encode() + b"=" + encoded + b"\n")
    return b"".join(parts)


def _extra_fields(extra: Mapping[str, object], secrets: Sequence[str]) -> Iterator[tuple[str, str]]:
    for name, value in extra.items():
        field = f"{PREFIX}{name.upper()}"
        if _NAME.fullmatch(field) and isinstance(value, str | int | float):
            # The name goes through the mask as well: `{"token": ...}` is a secret by its name alone.
            told = str(value).lower() if isinstance(value, bool) else str(value)
            shown = _clean(f"{name}={told}", secrets).partition("=")[2]
            if shown:
                yield field, shown[:MOST_CHARACTERS]


def _clean(text: str, secrets: Sequence[str]) -> str:
    return printable(mask(text, secrets))
