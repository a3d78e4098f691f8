import logging
import sys
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.log_fields import MOST_CHARACTERS, datagram, journal_fields, priority, text_lines
from tests.support.journal import parsed


def record(
    message: str = "it happened", *arguments: object, level: int = logging.INFO, **extra: object
) -> logging.LogRecord:
    made = logging.LogRecord("talkbox.x", level, "/opt/x.py", 12, message, arguments or None, None, "work")
    vars(made).update(extra)
    return made


class Color(StrEnum):
    RED = "red"


def test_what_was_logged_and_where_are_fields() -> None:
    fields = journal_fields(record("the card is %s", "gone", level=logging.WARNING))
    assert fields["MESSAGE"] == "the card is gone"
    assert fields["PRIORITY"] == "4"
    assert fields["SYSLOG_IDENTIFIER"] == "talkbox"
    assert fields["LOGGER"] == "talkbox.x"
    assert (fields["CODE_FILE"], fields["CODE_LINE"], fields["CODE_FUNC"]) == ("/opt/x.py", "12", "work")


def test_extra_becomes_fields_of_ours_and_the_hint_stands_in_the_message_too() -> None:
    fields = journal_fields(record(event="mute", muted=True, took_s=1.5, count=3, color=Color.RED, hint="do it"))
    ours = {name: value for name, value in fields.items() if name.startswith("TALKBOX_")}
    assert ours == {
        "TALKBOX_EVENT": "mute",
        "TALKBOX_MUTED": "true",
        "TALKBOX_TOOK_S": "1.5",
        "TALKBOX_COUNT": "3",
        "TALKBOX_COLOR": "red",
        "TALKBOX_HINT": "do it",
    }
    assert fields["MESSAGE"] == "it happened [hint: do it]"


def test_what_journald_would_not_take_for_a_name_and_what_is_no_text_is_left_out() -> None:
    strange: dict[str, Any] = {
        "websocket": object(),
        "a-b": 1,
        "": 2,
        "é": 3,
        "n" * 70: 4,
        "nothing": None,
        "empty": "",
    }
    fields = journal_fields(record(**strange))
    assert not [name for name in fields if name.startswith("TALKBOX_") and name != "TALKBOX_"]


def test_what_stands_for_now_is_in_every_entry_and_the_record_outweighs_it() -> None:
    fields = journal_fields(record(state="ending"), standing={"state": "listening", "conversation_id": "conv_1"})
    assert (fields["TALKBOX_STATE"], fields["TALKBOX_CONVERSATION_ID"]) == ("ending", "conv_1")


def test_no_field_of_ours_can_take_the_place_of_journalds() -> None:
    fields = journal_fields(record(message_id="x", PRIORITY="0", _pid="1"))
    assert fields["PRIORITY"] == "6"
    assert {"TALKBOX_MESSAGE_ID", "TALKBOX_PRIORITY", "TALKBOX__PID"} < fields.keys()


def test_secrets_are_masked_in_every_field() -> None:
    fields = journal_fields(
        record(
            "token=abcdef", url="wss://h/?conversation_signature=ghijkl", who="hunter2", token="mnopqr", hint="hunter2"
        ),
        standing={"api_key": "stuvwx"},
        secrets=("hunter2",),
    )
    shown = "\n".join(fields.values())
    assert fields["TALKBOX_TOKEN"] == "***"
    for secret in ("abcdef", "ghijkl", "hunter2", "mnopqr", "stuvwx"):
        assert secret not in shown


def test_control_characters_are_in_no_field() -> None:
    fields = journal_fields(record("user: %s", "a\x1b[2J\nb", heard="c\nPRIORITY=0"))
    assert fields["MESSAGE"] == "user: a\\x1b[2J\\nb"
    assert fields["TALKBOX_HEARD"] == "c\\nPRIORITY=0"


def test_a_traceback_follows_the_message_line_by_line() -> None:
    made = record("it broke")
    try:
        int("x")
    except ValueError:
        made.exc_info = sys.exc_info()
    made.stack_info = "Stack:\n  here"
    first, *rest = text_lines(made)
    assert first == "it broke"
    assert rest[0].startswith("Traceback")
    assert rest[-2:] == ["Stack:", "  here"]
    assert journal_fields(made)["MESSAGE"] == "\n".join([first, *rest])


def test_a_field_that_is_far_too_long_is_cut() -> None:
    fields = journal_fields(record("m" * (MOST_CHARACTERS + 1), heard="h" * (MOST_CHARACTERS + 1)))
    assert len(fields["MESSAGE"]) == len(fields["TALKBOX_HEARD"]) == MOST_CHARACTERS


@pytest.mark.parametrize(
    ("level", "number"),
    [(logging.DEBUG, 7), (logging.INFO, 6), (logging.WARNING, 4), (logging.ERROR, 3), (logging.CRITICAL, 2), (25, 6)],
)
def test_levels_are_syslogs_numbers(level: int, number: int) -> None:
    assert priority(record(level=level)) == number


@given(st.dictionaries(st.from_regex(r"[A-Z][A-Z0-9_]{0,20}", fullmatch=True), st.text()))
def test_what_goes_into_a_datagram_comes_out_again(fields: dict[str, str]) -> None:
    assert parsed(datagram(fields)) == {
        name: value.encode("utf-8", "replace").decode() for name, value in fields.items()
    }
