import argparse

import pytest

from talkbox.journal import options
from talkbox.journal.query import Query


def typed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add(parser)
    return parser.parse_args(arguments)


def test_nothing_typed_is_the_plain_query() -> None:
    assert options.query(typed()) == Query()


def test_everything_that_can_be_typed_reaches_the_query() -> None:
    wanted = typed("-f", "--since", "today", "--conversation", "conv_1", "--errors")
    assert options.query(wanted) == Query(follow=True, since="today", conversation_id="conv_1", errors=True)


@pytest.mark.parametrize(
    ("word", "terminal", "no_color", "colored"),
    [
        ("auto", True, False, True),
        ("auto", False, False, False),
        ("auto", True, True, False),
        ("always", False, True, True),
        ("never", True, False, False),
    ],
)
def test_color_is_for_terminals_unless_told_otherwise(word: str, terminal: bool, no_color: bool, colored: bool) -> None:
    assert options.color(typed("--color", word), terminal=terminal, no_color=no_color) is colored
