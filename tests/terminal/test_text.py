import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.terminal.status import Rgb, Status, read
from talkbox.terminal.text import (
    bar,
    clock,
    color_name,
    counters_text,
    duration,
    echo_text,
    event_line,
    percent,
    status_text,
)
from tests.support.fake_device import STATUS

AT = "2026-11-22T12:03:04.567+01:00"


def test_a_half_duplex_is_said_and_what_is_not_known_is_not() -> None:
    assert echo_text({"canceller": "none", "half_duplex": True, "loss_db": None}) == "none; half duplex"
    assert echo_text({}) == "unknown"


def test_a_loudspeaker_that_is_held_back_is_said_and_one_that_is_not_is_not() -> None:
    assert echo_text({"canceller": "AEC3", "ceiling_db": -1.0}) == "AEC3"
    assert echo_text({"canceller": "AEC3", "ceiling_db": -12.4}) == "AEC3; loudspeaker held back to -12.4 dBFS"


def test_a_status_is_a_block_of_facts() -> None:
    assert status_text(read(STATUS)) == (
        "state         listening\n"
        "mode          listening\n"
        "microphone    open\n"
        "volume        80 %\n"
        "lights        blue green off\n"
        "input         █████░░░░░░░░░░░░░░░ 25 %\n"
        "output        ░░░░░░░░░░░░░░░░░░░░ 0 %\n"
        "conversation  conv_0123\n"
        "echo          speexdsp, then AEC3; 31.4 dB\n"
        "running for   1:01\n"
        "counters      120 chunks sent, 1 session"
    )


def test_a_status_of_a_device_that_says_nothing_is_a_block_as_well() -> None:
    text = status_text(Status(muted=True))
    assert "microphone    closed, and muted\n" in text
    assert "lights        none\n" in text
    assert "conversation  none\n" in text


@pytest.mark.parametrize(
    ("event", "line"),
    [
        ({"event": "state", "state": "idle", "was": "ending", "at_s": 1.0}, "state         state=idle  was=ending"),
        ({"event": "message", "source": "user", "text": "hello", "final": True}, "message       user: hello"),
        ({"event": "message", "source": "agent", "text": "hel", "final": False}, "message       agent: hel ..."),
        ({"event": "lost", "count": 3}, "lost          3 events were lost: this reader is too slow"),
        ({"event": "disconnected", "reason": "user", "code": None, "text": ""}, "disconnected  reason=user"),
        ({"event": "bell", "speaker_frame": 160}, "bell"),
        ({"event": "message", "source": "user", "text": "a\x1b[2J\nb"}, "message       user: a\\x1b[2J\\nb"),
    ],
)
def test_an_event_is_a_line(event: dict[str, object], line: str) -> None:
    assert event_line({"time": AT, **event}) == f"12:03:04.567  {line}"


@given(st.dictionaries(st.text() | st.sampled_from(["event", "time", "text"]), st.text() | st.integers() | st.none()))
def test_any_event_is_one_line_that_moves_no_cursor(event: dict[str, object]) -> None:
    assert len(event_line(event).splitlines()) == 1
    assert "\x1b" not in event_line(event)


def test_a_time_that_cannot_be_read_is_shown_as_it_is() -> None:
    assert clock("noon") == "noon"
    assert clock(None) == "None"


@given(st.floats(0, 1), st.integers(1, 200))
def test_a_bar_is_as_wide_as_asked_and_shows_all_that_can_be_heard(level: float, cells: int) -> None:
    assert len(bar(level, cells)) == cells
    assert ("█" in bar(level, cells)) == (level > 0)
    assert bar(1, cells) == "█" * cells


def test_numbers_are_said_as_people_say_them() -> None:
    assert [percent(0), percent(0.404), percent(1)] == ["0 %", "40 %", "100 %"]
    assert [duration(0), duration(59.9), duration(61), duration(3661)] == ["0:00", "0:59", "1:01", "1:01:01"]
    assert counters_text({}) == "none"
    assert (
        counters_text({"chunks_sent": 1, "stale_audio": 1, "sessions": 0}) == "1 chunk sent, 1 stale audio, 0 sessions"
    )


@pytest.mark.parametrize(
    ("color", "name"),
    [
        ((0, 0, 0), "off"),
        ((9, 9, 9), "white"),
        ((255, 0, 0), "red"),
        ((40, 0, 5), "red"),
        ((255, 120, 0), "orange"),
        ((200, 200, 0), "yellow"),
        ((0, 3, 0), "green"),
        ((0, 200, 200), "cyan"),
        ((0, 0, 255), "blue"),
        ((200, 0, 200), "purple"),
    ],
)
def test_a_color_has_a_name(color: Rgb, name: str) -> None:
    assert color_name(color) == name
