from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.terminal.keys import Answer, Edge, Key, KeyParser, Stroke

TYPED = {
    b" ": [Stroke(Key.BUTTON)],
    b"p": [Stroke(Key.TOGGLE)],
    b"mM": [Stroke(Key.MUTE)] * 2,
    b"q": [Stroke(Key.QUIT)],
    b"\x03": [Stroke(Key.QUIT)],
    b"+-": [Stroke(Key.LOUDER), Stroke(Key.SOFTER)],
    b"\x1b[A\x1b[B\x1b[C\x1b[D": [Stroke(Key.LOUDER), Stroke(Key.SOFTER), Stroke(Key.LOUDER), Stroke(Key.SOFTER)],
    b"\x1bOA\x1bOB": [Stroke(Key.LOUDER), Stroke(Key.SOFTER)],
    b"\x1b[1;5A": [Stroke(Key.LOUDER)],
    b"xyz\r\n\x00\xff\xc3\xa4": [],
    b"\x1b[15~\x1b[200~\x1bOP": [],
    b"\x1bq": [Stroke(Key.QUIT)],  # escape, then q
    b"\x1b\x1b[A": [Stroke(Key.LOUDER)],
    # With the Kitty keyboard protocol.
    b"\x1b[32u": [Stroke(Key.BUTTON)],
    b"\x1b[32;1:1u\x1b[32;1:2u\x1b[32;1:3u": [Stroke(Key.BUTTON, edge) for edge in Edge],
    b"\x1b[1;1:2A\x1b[1;1:3A": [Stroke(Key.LOUDER, Edge.REPEAT), Stroke(Key.LOUDER, Edge.UP)],
    b"\x1b[113;1:1u": [Stroke(Key.QUIT)],
    b"\x1b[99;5u": [Stroke(Key.QUIT)],  # Ctrl-C
    b"\x1b[112;5u": [],  # Ctrl-P
    b"\x1b[99u\x1b[57441;2u": [],
    b"\x1b[32:32;1:3;32u": [Stroke(Key.BUTTON, Edge.UP)],
    b"\x1b[99999999999u\x1b[;u": [],
}


@pytest.mark.parametrize("typed", TYPED)
def test_what_a_terminal_sends_becomes_strokes(typed: bytes) -> None:
    assert KeyParser().feed(typed) == TYPED[typed]


@given(st.lists(st.sampled_from(list(TYPED)), max_size=5).map(b"".join), st.lists(st.integers(0, 60)))
def test_it_does_not_matter_where_the_bytes_are_cut(typed: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(typed), *(min(cut, len(typed)) for cut in cuts)})
    parser = KeyParser()
    pieces = [parser.feed(typed[start:end]) for start, end in pairwise(edges)]
    assert [stroke for piece in pieces for stroke in piece] == KeyParser().feed(typed)


@given(st.binary(max_size=200))
def test_nothing_that_is_sent_is_too_strange_and_a_key_works_after_it(sent: bytes) -> None:
    parser = KeyParser()
    parser.feed(sent)
    assert Stroke(Key.MUTE) in [stroke for _ in range(3) for stroke in parser.feed(b"m")]


def test_a_sequence_without_end_is_given_up() -> None:
    parser = KeyParser()
    assert parser.feed(b"\x1b[" + b"1" * 1000) == []
    assert parser.feed(b" ") == [Stroke(Key.BUTTON)]


@pytest.mark.parametrize(("answer", "tells"), [(b"\x1b[?0u\x1b[?62;22c", True), (b"\x1b[?64;1;2c", False)])
def test_a_terminal_says_whether_it_tells_releases(answer: bytes, tells: bool) -> None:
    assert KeyParser().feed(answer + b" ") == [Answer(tells_releases=tells), Stroke(Key.BUTTON)]
