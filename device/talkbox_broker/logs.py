"""Log lines for the journal, with their priority, or for a person at a terminal. Knows no secret: none is logged."""

from __future__ import annotations

import logging
import sys
from collections.abc import Mapping

_PRIORITIES = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6))
_DEBUG = 7


class JournalFormatter(logging.Formatter):
    """Put sd-daemon(3)'s ``<N>`` before each line: what is read from stderr has no other priority."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines."""
        priority = next((number for level, number in _PRIORITIES if record.levelno >= level), _DEBUG)
        return "\n".join(f"<{priority}>{line}" for line in super().format(record).splitlines())


def set_up(environ: Mapping[str, str], *, verbose: bool) -> None:
    """
    Log to stderr.

    Args:
        environ: Has ``JOURNAL_STREAM`` where stderr is the journal.
        verbose: Whether questions for the broker's health are logged too.
    """
    handler = logging.StreamHandler(sys.stderr)
    journal = bool(environ.get("JOURNAL_STREAM"))
    handler.setFormatter(
        JournalFormatter("%(message)s")
        if journal
        else logging.Formatter("%(asctime)s %(levelname)-7s %(message)s", datefmt="%H:%M:%S")
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING)  # other people's news are not ours
    logging.getLogger(__package__).setLevel(logging.DEBUG if verbose else logging.INFO)
