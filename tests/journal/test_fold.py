from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.journal.entry import Entry
from talkbox.journal.fold import Again, Fold


def entries(text: str, *, every_s: float = 1.0, source: str = "") -> list[Entry]:
    """One entry a letter."""
    return [Entry(at_s=at * every_s, lines=(letter,), source=source) for at, letter in enumerate(text)]


def told(fold: Fold, given_: list[Entry]) -> str:
    """What is shown: letters, and ``(lines x times)`` for what is folded; ``|`` stands before what came at the end."""
    said = _said([one for entry in given_ for one in fold.feed(entry)])
    rest = _said(fold.tell())
    return said + (f"|{rest}" if rest else "")


def _said(shown: list[Entry | Again]) -> str:
    return "".join(f"({one.lines}x{one.times})" if isinstance(one, Again) else one.lines[0] for one in shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("abc", "abc"),
        ("aa", "a|(1x1)"),
        ("aaaab", "a(1x3)b"),
        ("abababc", "ab(2x2)c"),
        ("abcabcabc", "abc|(3x2)"),
        ("abcabx", "abcabx"),
        ("abcabcabx", "abc(3x1)abx"),
        ("abca", "abc|a"),
        ("aabb", "a(1x1)b|(1x1)"),
        ("aababab", "a(1x1)b|(2x2)"),
        ("abcdefghijklmnopqa", "abcdefghijklmnopqa"),
    ],
)
def test_what_comes_again_is_told_once(text: str, shown: str) -> None:
    assert told(Fold(), entries(text)) == shown


@given(st.text("abc", max_size=40))
def test_nothing_is_lost_and_nothing_is_made_up(text: str) -> None:
    fold = Fold()
    shown = [one for entry in entries(text) for one in fold.feed(entry)] + fold.tell()
    lines = unfolded = ""
    for one in shown:
        if isinstance(one, Again):
            unfolded += lines[-one.lines :] * one.times
        else:
            lines += one.lines[0]
            unfolded += one.lines[0]
    assert unfolded == text


def test_how_long_it_went_on_is_told() -> None:
    fold = Fold()
    for entry in entries("aaaa", every_s=5.0):
        fold.feed(entry)
    assert fold.tell() == [Again(lines=1, times=3, span_s=15.0)]


def test_a_clock_that_was_set_back_makes_no_negative_time() -> None:
    fold = Fold()
    for at_s in (100.0, 50.0):
        fold.feed(Entry(at_s=at_s))
    assert fold.tell() == [Again(lines=1, times=1, span_s=0.0)]


def test_counting_goes_on_after_it_was_told() -> None:
    fold = Fold()
    for entry in entries("aaa"):
        fold.feed(entry)
    assert fold.tell() == [Again(lines=1, times=2, span_s=2.0)]
    assert fold.tell() == []
    assert fold.feed(Entry(at_s=7.0, lines=("a",))) == []
    assert fold.tell() == [Again(lines=1, times=1, span_s=5.0)]


def test_what_is_held_back_in_vain_is_shown_when_nothing_more_comes() -> None:
    fold = Fold()
    *_, again = entries("abca")
    for entry in entries("abca"):
        fold.feed(entry)
    assert fold.settle() == [again]
    assert fold.settle() == []


def test_a_complete_repetition_is_not_told_before_its_time() -> None:
    fold = Fold()
    for entry in entries("abab"):
        fold.feed(entry)
    assert fold.settle() == []


def test_what_was_said_in_a_conversation_is_never_folded_but_its_warnings_are() -> None:
    fold, clock = Fold(), count()
    spoke = [Entry(at_s=next(clock), lines=("the user spoke",), conversation_id="c") for _ in range(3)]
    assert [one for entry in spoke for one in fold.feed(entry)] == spoke
    warned = [Entry(at_s=next(clock), level="warning", lines=("late",), conversation_id="c") for _ in range(3)]
    assert [one for entry in warned for one in fold.feed(entry)] == warned[:1]


def test_systemds_counters_do_not_hide_a_repetition_but_our_own_numbers_do() -> None:
    for source, shown in (("systemd", 1), ("", 3)):
        fold = Fold()
        restarts = [Entry(at_s=n, source=source, lines=(f"restart counter is at {n}",)) for n in range(3)]
        assert len([one for entry in restarts for one in fold.feed(entry)]) == shown
