from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_agent.heard import Playout, alignment, sentences, spread, whole_words

TEXT = "One two three. Four five!"


def test_nothing_is_heard_before_it_is_sent() -> None:
    playout = Playout(TEXT)
    assert playout.heard_text(1e9) == ""
    assert playout.end_s == float("-inf")


def test_what_is_sent_in_a_burst_is_heard_in_real_time() -> None:
    playout = Playout(TEXT)
    for characters in (15, 10):
        playout.sent(characters, duration_s=characters / 10, at_s=100.0)
    assert playout.end_s == pytest.approx(102.5)
    assert playout.heard_text(100.0) == ""
    assert playout.heard_text(100.65) == "One"
    assert playout.heard_text(100.7) == "One two"
    assert playout.heard_text(101.9) == "One two three. Four"
    assert playout.heard_text(200) == TEXT


def test_a_gap_in_the_sending_is_a_gap_in_the_hearing() -> None:
    playout = Playout(TEXT)
    playout.sent(15, duration_s=1.5, at_s=0.0)
    playout.sent(10, duration_s=1.0, at_s=5.0)
    assert playout.heard_text(4.9) == "One two three."
    assert playout.end_s == 6.0


@given(st.lists(st.integers(0, 30), max_size=5), st.floats(0, 20), st.floats(0, 20))
def test_what_was_heard_only_grows_and_is_where_the_text_begins(
    counts: list[int], one_s: float, other_s: float
) -> None:
    playout = Playout(TEXT)
    for at_s, count in enumerate(counts):
        playout.sent(count, duration_s=max(0.01, count / 10), at_s=at_s)
    less, more = playout.heard_text(min(one_s, other_s)), playout.heard_text(max(one_s, other_s))
    assert TEXT.startswith(more)
    assert more.startswith(less)


@pytest.mark.parametrize(("length", "words"), [(0, ""), (2, ""), (3, "One"), (6, "One"), (99, TEXT)])
def test_words_are_not_cut(length: int, words: str) -> None:
    assert whole_words(TEXT, length) == words


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", []),
        ("Hello", ["Hello"]),
        (TEXT, ["One two three. ", "Four five!"]),
        ("It is 3.5 percent... Really?!  Yes.", ["It is 3.5 percent... ", "Really?!  ", "Yes."]),
    ],
)
def test_sentences_end_where_a_speaker_breathes(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts


@given(st.text(max_size=60))
def test_sentences_and_parts_lose_nothing(text: str) -> None:
    assert "".join(sentences(text)) == text.lstrip()
    assert "".join(spread(text, 7)) == text


@given(st.text(max_size=40), st.floats(0.001, 10))
def test_an_alignment_covers_the_chunk_without_gaps(text: str, duration_s: float) -> None:
    times = alignment(text, duration_s=duration_s)
    starts, durations = times["char_start_times_ms"], times["char_durations_ms"]
    assert times["chars"] == list(text)
    assert len(starts) == len(durations) == len(text)
    at_ms = 0
    for start, duration in zip(starts, durations, strict=True):
        assert start == at_ms
        assert isinstance(duration, int)
        at_ms += duration
    assert at_ms == (round(1000 * duration_s) if text else 0)
