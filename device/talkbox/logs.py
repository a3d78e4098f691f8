"""
Logging set-up: lines on a terminal, entries with fields in the journal; no secret and no control character in either.

Logs are written where something was handled, with a word for what happened, and the remedy where there is one:
``log.warning("...: %s", error, extra={"event": "mixer_failed", "hint": error.hint})``.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TextIO

from . import journald
from .errors import TalkboxError
from .log_fields import priority, text_lines

log = logging.getLogger(__name__)


class Standing:
    """What is so for now, and stands in every journal entry, whoever logs it: a conversation's id, the state."""

    def __init__(self) -> None:
        self._fields: dict[str, object] = {}

    def set(self, **fields: object) -> None:
        """Keep `fields`, until they are set again; `None` takes one away. From any thread."""
        self._fields = {name: value for name, value in (self._fields | fields).items() if value is not None}

    def fields(self) -> dict[str, object]:
        """Return the fields of this moment."""
        return self._fields


STANDING = Standing()
"""Of this process: it holds one conversation at a time."""


def set_up(
    level: str,
    *,
    transcripts: bool = False,
    secrets: Sequence[str] = (),
    stream: TextIO | None = None,
    environ: Mapping[str, str] | None = None,
    journal: Path = journald.SOCKET,
) -> None:
    """
    Send every record of this process to `stream`, in place of wherever they went before.

    Where that ends in the journal, records go there as entries with fields instead; as lines, if it takes none.

    Args:
        level: The least important records to keep: "debug", "info", "warning" or "error".
        transcripts: Whether what was said may be among them.
        secrets: Values never to be shown, besides what looks like a secret.
        stream: Where to; standard error if left out.
        environ: Where to look for ``JOURNAL_STREAM``; the process's own if left out.
        journal: The journal's socket.
    """
    stream = stream or sys.stderr
    handler: logging.Handler
    if not is_journal(stream, environ):
        handler = logging.StreamHandler(stream)
        handler.setFormatter(_Lines(prefix=_console, secrets=secrets))
    elif journal.is_socket():
        handler = journald.JournalHandler(journal, secrets=secrets, standing=STANDING.fields)
    else:
        handler = logging.StreamHandler(stream)
        handler.setFormatter(_Lines(prefix=_journal, secrets=secrets))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(capture=True)
    # At debug, websockets logs every message, and with it what was said.
    logging.getLogger("websockets").setLevel(logging.NOTSET if transcripts else logging.INFO)


def is_journal(stream: TextIO, environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether `stream` ends in the journal, which stamps each line with the time itself (systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # io.UnsupportedOperation is both
        return False
    environ = os.environ if environ is None else environ
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


def told_the_journal(expected: Sequence[TalkboxError], bugs: Sequence[Exception]) -> bool:
    """
    Put what ends this process into the journal, each with its remedy, where standard error ends there.

    Returns:
        Whether it does.
    """
    if not is_journal(sys.stderr):
        return False
    if all(isinstance(handler, logging.NullHandler) for handler in logging.getLogger().handlers):
        set_up("info")
    for bug in bugs:
        log.critical("a bug ends the program: %r", bug, exc_info=bug, extra={"event": "bug"})
    for error in expected:
        *problems, last = str(error).splitlines() or [type(error).__name__]
        extra = {"event": "error", "error": type(error).__name__}
        for problem in problems:
            log.error("%s", problem, extra=extra)
        log.error("%s", last, extra={**extra, "hint": error.hint})
    return True


class _Lines(logging.Formatter):
    """
    A record on one line; a traceback follows, on lines of its own.

    Args:
        prefix: What each line begins with.
        secrets: Values never to be shown.
    """

    def __init__(self, *, prefix: Callable[[logging.LogRecord], str], secrets: Sequence[str]) -> None:
        super().__init__()
        self._prefix, self._secrets = prefix, tuple(secrets)

    def format(self, record: logging.LogRecord) -> str:
        prefix = self._prefix(record)
        return "\n".join(prefix + line for line in text_lines(record, self._secrets))


def _console(record: logging.LogRecord) -> str:
    """``12:03:04 info    talkbox.appliance  ``."""
    at = time.strftime("%H:%M:%S", time.localtime(record.created))
    return f"{at} {record.levelname.lower():<7} {record.name}  "


def _journal(record: logging.LogRecord) -> str:
    """``<6>talkbox.appliance: ``; the journal takes the number off and keeps it as the priority."""
    return f"<{priority(record)}>{record.name}: "
