import re
from datetime import UTC

import pytest

from talkbox.journal.entry import Entry
from talkbox.journal.text import Text, duration

NOON_S = 1763812800.0  # Saturday 2025-11-22 12:00:00 UTC


def entry(after_s: float, *lines: str, conversation: str = "", event: str = "", **more: str) -> Entry:
    fields = {name: value for name, value in more.items() if name not in ("level", "source", "hint")}
    return Entry(
        at_s=NOON_S + after_s,
        lines=lines or ("x",),
        conversation_id=conversation,
        event=event,
        level=more.get("level", "info"),
        source=more.get("source", ""),
        hint=more.get("hint", ""),
        fields=fields,
    )


def shown(*entries: Entry, color: bool = False) -> list[str]:
    text = Text(width=30, color=color, zone=UTC)
    return [line for one in entries for line in text.feed(one)] + text.tell()


def test_an_entry_is_one_line_below_its_day() -> None:
    assert shown(entry(0, "ready"), entry(61, "stopped"), entry(86400, "ready")) == [
        "Saturday 2025-11-22",
        "12:00:00  ready",
        "12:01:01  stopped",
        "Sunday 2025-11-23",
        "12:00:00  ready",
    ]


def test_trouble_has_its_word_and_its_remedy_below_it() -> None:
    assert shown(
        entry(0, "the card is gone", level="error", hint="reseat the board"),
        entry(1, "it crackles", level="warning"),
        entry(2, "started", source="systemd"),
        entry(3, "key refused", level="error", source="broker"),
    )[1:] == [
        "12:00:00  error: the card is gone",
        "          → reseat the board",
        "12:00:01  warning: it crackles",
        "12:00:02  systemd: started",
        "12:00:03  broker: error: key refused",
    ]


def test_a_conversation_has_a_frame_with_its_id_and_its_duration() -> None:
    assert shown(
        entry(0, "ready"),
        entry(1, "conversation conv_1 began", conversation="conv_1"),
        entry(2, "GET /signed-url", source="broker"),
        entry(19, "ended", conversation="conv_1"),
        entry(19, "metrics: …", conversation="conv_1", event="metrics", duration_s="18.2"),
        entry(30, "began", conversation="conv_2"),
    )[2:] == [
        "┌── conv_1 ───────────────────",
        "12:00:01  began",
        "12:00:02  broker: GET /signed-url",
        "12:00:19  ended",
        "12:00:19  metrics: …",
        "└── 18 s ─────────────────────",
        "┌── conv_2 ───────────────────",
        "12:00:30  began",
    ]


def test_a_conversation_that_broke_off_ends_where_the_next_entry_is_not_its_own() -> None:
    rule = "└" + "─" * 29
    assert shown(entry(0, "began", conversation="conv_1"), entry(1, "ready"))[3:] == [rule, "12:00:01  ready"]
    assert shown(entry(0, "began", conversation="conv_1"), entry(86400, "began", conversation="conv_2"))[:6] == [
        "Saturday 2025-11-22",
        "┌── conv_1 ───────────────────",
        "12:00:00  began",
        rule,
        "Sunday 2025-11-23",
        "┌── conv_2 ───────────────────",
    ]
    assert shown(entry(0, "began", conversation="a"), entry(1, "began", conversation="b"))[3:] == [
        rule,
        "┌── b ────────────────────────",
        "12:00:01  began",
    ]


@pytest.mark.parametrize("figure", ["", "soon", "inf", "nan"])
def test_a_figure_that_is_none_breaks_nothing(figure: str) -> None:
    last = shown(entry(0, "metrics", conversation="c", event="metrics", duration_s=figure))[-1]
    assert last == "└" + "─" * 29


def test_the_lines_of_a_traceback_are_indented() -> None:
    assert shown(entry(0, "it broke", "Traceback", "  here"))[1:] == [
        "12:00:00  it broke",
        "          Traceback",
        "            here",
    ]


def test_what_comes_again_is_one_line() -> None:
    refused = [entry(n * 20, "refused", level="error") for n in range(10)]
    assert shown(*refused)[1:] == ["12:00:00  error: refused", "          … 9 more times in 3 min"]
    restarts = [entry(n, f"line {n % 3}") for n in range(6)]
    assert shown(*restarts)[4:] == ["          … these 3 lines, 1 more time in 5 s"]


def test_what_was_held_back_can_be_asked_for() -> None:
    text = Text(width=30, zone=UTC)
    for one in (entry(0, "a"), entry(1, "b"), entry(2, "a")):
        lines = text.feed(one)
    assert lines == []
    assert text.settle() == ["12:00:02  a"]


def test_color_is_for_who_wants_it_and_changes_no_letter() -> None:
    entries = (
        entry(0, "ready", event="ready"),
        entry(1, "began", conversation="conv_1", event="session_started"),
        entry(2, "gone", "Traceback", conversation="conv_1", level="error", hint="reseat"),
        entry(3, "late", level="warning"),
        entry(4, "detail", level="debug"),
        entry(5, "started", source="systemd"),
        entry(6, ""),
    )
    plain, colored = shown(*entries), shown(*entries, color=True)
    assert "\x1b" not in "".join(plain)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in colored] == plain
    assert "\x1b[31merror: gone\x1b[0m" in "".join(colored)
    assert all(line.count("\x1b[0m") * 2 == line.count("\x1b[") for line in colored)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (7440, "2 h 4 min"),
        (86400, "1 day"),
        (3 * 86400 + 5, "3 days"),
    ],
)
def test_durations_are_said_as_people_say_them(seconds: float, words: str) -> None:
    assert duration(seconds) == words
