"""
Logging set-up: one line a record, for a terminal or for the journal, with no secret and no control character in it.

Logs are written where something was handled: ``logger.warning("...: %s", error, extra={"hint": error.hint})``.
"""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TextIO

from .masking import mask, printable

# syslog's numbers, which journald reads from the beginning of a line.
_PRIORITIES = {logging.CRITICAL: 2, logging.ERROR: 3, logging.WARNING: 4, logging.INFO: 6, logging.DEBUG: 7}


def set_up(
    level: str,
    *,
    transcripts: bool = False,
    secrets: Sequence[str] = (),
    stream: TextIO | None = None,
    environ: Mapping[str, str] | None = None,
) -> None:
    """
    Send every record of this process to `stream`, in place of wherever they went before.

    Args:
        level: The least important records to keep: "debug", "info", "warning" or "error".
        transcripts: Whether what was said may be among them.
        secrets: Values never to be shown, besides what looks like a secret.
        stream: Where to; standard error if left out.
        environ: Where to look for ``JOURNAL_STREAM``; the process's own if left out.
    """
    stream = stream or sys.stderr
    journal = is_journal(stream, os.environ if environ is None else environ)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_OneLine(prefix=_journal if journal else _console, secrets=secrets))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    logging.captureWarnings(capture=True)
    # At debug, websockets logs every message, and with it what was said.
    logging.getLogger("websockets").setLevel(logging.NOTSET if transcripts else logging.INFO)


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Tell whether `stream` ends in the journal, which stamps each line with the time itself (systemd.exec(5))."""
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):  # io.UnsupportedOperation is both
        return False
    return environ.get("JOURNAL_STREAM") == f"{status.st_dev}:{status.st_ino}"


class _OneLine(logging.Formatter):
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
        hint = getattr(record, "hint", "")
        lines = [record.getMessage() + (f" [hint: {hint}]" if hint else "")]
        if record.exc_info:
            lines += self.formatException(record.exc_info).splitlines()
        if record.stack_info:
            lines += record.stack_info.splitlines()
        prefix = self._prefix(record)
        return "\n".join(prefix + printable(mask(line, self._secrets)) for line in lines)


def _console(record: logging.LogRecord) -> str:
    """``12:03:04 info    talkbox.appliance  ``."""
    at = time.strftime("%H:%M:%S", time.localtime(record.created))
    return f"{at} {record.levelname.lower():<7} {record.name}  "


def _journal(record: logging.LogRecord) -> str:
    """``<6>talkbox.appliance: ``; the journal takes the number off and keeps it as the priority."""
    return f"<{_PRIORITIES.get(record.levelno, 6)}>{record.name}: "
