import json
from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.journal.entry import LEVELS, Entry, as_json, local, parse

AT = "1763820202500000"  # 2025-11-22 14:03:22.5 UTC


def line(**fields: Any) -> str:
    return json.dumps({"__REALTIME_TIMESTAMP": AT, "SYSLOG_IDENTIFIER": "talkbox", "PRIORITY": "6", **fields})


def entry(**fields: Any) -> Entry:
    parsed = parse(line(**fields))
    assert parsed is not None
    return parsed


def test_an_entry_of_ours_is_taken_apart() -> None:
    found = entry(
        MESSAGE="the card is gone [hint: reseat it]",
        PRIORITY="3",
        TALKBOX_HINT="reseat it",
        TALKBOX_EVENT="error",
        TALKBOX_CONVERSATION_ID="conv_1",
        TALKBOX_STATE="listening",
        _PID="12",
    )
    assert found == Entry(
        at_s=1763820202.5,
        level="error",
        lines=("the card is gone",),
        hint="reseat it",
        event="error",
        conversation_id="conv_1",
        fields={"state": "listening"},
    )


@pytest.mark.parametrize("priority", range(8))
def test_levels_have_names(priority: int) -> None:
    found = entry(MESSAGE="x", PRIORITY=str(priority))
    assert found.level == LEVELS[priority]
    assert found.troubled == (priority <= 4)


@pytest.mark.parametrize("priority", [None, "8", "", "high", [1], {}])
def test_a_level_that_is_none_is_for_information(priority: object) -> None:
    assert entry(MESSAGE="x", PRIORITY=priority).level == "info"


@pytest.mark.parametrize(
    ("identifier", "source"),
    [("talkbox", ""), ("talkbox-broker", "broker"), ("systemd", "systemd"), ("(talkbox)", "(talkbox)"), (None, "")],
)
def test_who_says_it_is_said_unless_it_is_the_appliance(identifier: object, source: str) -> None:
    assert entry(MESSAGE="x", SYSLOG_IDENTIFIER=identifier).source == source


def test_a_traceback_is_lines() -> None:
    assert entry(MESSAGE="it broke\nTraceback\n  here").lines == ("it broke", "Traceback", "  here")


@pytest.mark.parametrize(
    ("message", "text"),
    [(list(b"\xfcber"), "\ufffdber"), (None, ""), ("", ""), (["first", "second"], "first"), ([], ""), ({"a": 1}, "")],
)
def test_a_message_that_is_no_text_is_made_one(message: object, text: str) -> None:
    assert entry(MESSAGE=message).lines == (text,)


@pytest.mark.parametrize(
    "said", ["-- No entries --", "", "[]", "null", "{}", '{"__REALTIME_TIMESTAMP": "x"}', "[" * 100_000, "{"]
)
def test_what_is_no_entry_is_none(said: str) -> None:
    assert parse(said) is None


def test_nothing_that_moves_a_cursor_and_no_secret_comes_through() -> None:
    found = entry(
        MESSAGE="a\x1b[2Jb token=abcdef",
        SYSLOG_IDENTIFIER="x\x07",
        TALKBOX_HINT="\x9b0m",
        TALKBOX_EVENT="e\r",
        TALKBOX_CONVERSATION_ID="\u202e",
        TALKBOX_STATE="xi-api-key: ghijkl",
    )
    said = repr((found.lines, found.source, found.hint, found.event, found.conversation_id, found.fields))
    assert "\\\\x1b[2J" in said
    assert not {"\x1b", "\x07", "\x9b", "\r", "\u202e"} & set(as_json(found))
    assert "abcdef" not in said
    assert "ghijkl" not in said


@given(st.text(), st.text())
def test_no_message_breaks_the_line_of_json(message: str, state: str) -> None:
    shown = as_json(entry(MESSAGE=message, TALKBOX_STATE=state), UTC)
    assert len(shown.splitlines()) == 1
    assert json.loads(shown)["level"] == "info"


def test_json_has_what_is_of_use_with_numbers_as_numbers() -> None:
    found = entry(
        MESSAGE="metrics: …",
        TALKBOX_EVENT="metrics",
        TALKBOX_CONVERSATION_ID="123",
        TALKBOX_DURATION_S="41.2",
        TALKBOX_TURNS="3",
        TALKBOX_BOARD="007",
        TALKBOX_EMPTY="",
        _HOSTNAME="pi",
    )
    assert json.loads(as_json(found, timezone(timedelta(hours=1)))) == {
        "time": "2025-11-22T15:03:22.500+01:00",
        "level": "info",
        "event": "metrics",
        "conversation_id": "123",
        "message": "metrics: …",
        "duration_s": 41.2,
        "turns": 3,
        "board": "007",
    }


def test_a_field_cannot_stand_in_for_what_an_entry_is() -> None:
    found = entry(
        MESSAGE="it broke", PRIORITY="3", TALKBOX_MESSAGE="all is well", TALKBOX_LEVEL="info", TALKBOX_TIME="x"
    )
    shown = json.loads(as_json(found, UTC))
    assert (shown["message"], shown["level"]) == ("it broke", "error")
    assert shown["time"].startswith("20")


def test_times_are_the_machines_own_unless_told_otherwise() -> None:
    found = entry(MESSAGE="x")
    assert local(found).timestamp() == found.at_s
    assert local(found).tzinfo is not None
    assert local(found, UTC).hour == 14
