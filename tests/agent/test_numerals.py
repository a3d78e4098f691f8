from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_agent.numerals import parse, words


@given(st.integers(0, 100))
def test_what_is_said_can_be_read(number: int) -> None:
    assert parse(words(number)) == parse(words(number).replace(" ", "-").upper()) == parse(str(number)) == number


@pytest.mark.parametrize(
    ("number", "text"), [(0, "zero"), (13, "thirteen"), (40, "forty"), (75, "seventy five"), (100, "one hundred")]
)
def test_numbers_are_said_in_english(number: int, text: str) -> None:
    assert words(number) == text


@pytest.mark.parametrize("number", [-1, 101])
def test_other_numbers_are_refused(number: int) -> None:
    with pytest.raises(ValueError, match=r"must be 0\.\.100"):
        words(number)


@pytest.mark.parametrize("text", ["", "101", "many", "-1", "1000", "²", "forty forty"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse(text) is None


def test_a_hundred_is_one_hundred() -> None:
    assert parse("a hundred") == parse("hundred") == 100
