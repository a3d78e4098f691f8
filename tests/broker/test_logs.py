"""Log lines for the journal (`logs`)."""

import logging

import pytest

from talkbox_broker.logs import JournalFormatter


@pytest.mark.parametrize(
    ("level", "priority"),
    [(logging.DEBUG, 7), (logging.INFO, 6), (logging.WARNING, 4), (logging.ERROR, 3), (logging.CRITICAL, 3)],
)
def test_every_line_has_its_priority(level: int, priority: int) -> None:
    record = logging.LogRecord("x", level, "x.py", 1, "one\n%s", ("two",), None)
    assert JournalFormatter("%(message)s").format(record) == f"<{priority}>one\n<{priority}>two"
