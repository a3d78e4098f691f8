from collections.abc import Iterable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_hardware.encoder import QuadratureDecoder
from tests.support.hands import chattering

# One cycle clockwise, from rest to rest: contact A closes first. As (a, b), closed or not.
CYCLE = ((True, False), (True, True), (False, True), (False, False))
Edges = Literal[2, 4]


def turned(decoder: QuadratureDecoder, contacts: Iterable[tuple[bool, bool]]) -> list[int]:
    return [detent for a, b in contacts if (detent := decoder.edge(a=a, b=b))]


def place(step: int) -> tuple[bool, bool]:
    """The contacts, so many steps clockwise from rest."""
    return CYCLE[(step - 1) % 4]


@pytest.mark.parametrize(("edges_per_detent", "detents"), [(4, [1]), (2, [1, 1])])
def test_a_cycle_is_one_detent_or_two(edges_per_detent: Edges, detents: list[int]) -> None:
    assert turned(QuadratureDecoder(edges_per_detent=edges_per_detent), CYCLE) == detents


@pytest.mark.parametrize("edges_per_detent", [2, 4])
def test_back_is_negative_and_reverse_turns_it_round(edges_per_detent: Edges) -> None:
    back = [place(-step) for step in range(1, 5)]
    count = 4 // edges_per_detent
    assert turned(QuadratureDecoder(edges_per_detent=edges_per_detent), back) == [-1] * count
    assert turned(QuadratureDecoder(edges_per_detent=edges_per_detent, reverse=True), back) == [1] * count
    assert turned(QuadratureDecoder(edges_per_detent=edges_per_detent, reverse=True), CYCLE) == [-1] * count


def test_half_a_detent_and_back_is_none() -> None:
    assert turned(QuadratureDecoder(), [place(step) for step in (1, 2, 3, 2, 1, 0)]) == []


def test_bounce_adds_nothing() -> None:
    decoder = QuadratureDecoder()
    detents = []
    for step in range(1, 9):
        for there in chattering(True, 7):
            detents += turned(decoder, [place(step if there else step - 1)])
    assert detents == [1, 1]


@pytest.mark.parametrize("missed", [1, 2, 3])
def test_one_missed_edge_costs_no_detent(missed: int) -> None:
    decoder = QuadratureDecoder()
    assert turned(decoder, [place(step) for step in range(1, 5) if step != missed]) == [1]
    assert turned(decoder, CYCLE) == [1]


def test_a_missed_rest_costs_no_detent() -> None:
    assert turned(QuadratureDecoder(), [place(step) for step in range(1, 9) if step != 4]) == [1, 1]


def test_an_error_is_forgotten_at_rest() -> None:
    decoder = QuadratureDecoder()
    assert turned(decoder, [place(1), place(2), place(1), place(3), place(4)]) == [1]  # one edge missed, on the way
    assert turned(decoder, [place(1), place(0)]) == []
    assert turned(decoder, CYCLE * 5) == [1] * 5


def test_an_encoder_that_starts_between_two_detents_finds_its_rest() -> None:
    decoder = QuadratureDecoder(a=True, b=True)
    assert sum(turned(decoder, [place(step) for step in (3, 4, *range(5, 13))])) == 3


def test_less_than_half_a_detent_at_the_start_is_forgotten_at_rest() -> None:
    decoder = QuadratureDecoder(a=False, b=True)
    assert [decoder.edge(a=a, b=b) for a, b in (place(4), *CYCLE, *CYCLE)] == [0, 0, 0, 0, 1, 0, 0, 0, 1]


@given(st.lists(st.tuples(st.booleans(), st.booleans())), st.sampled_from([2, 4]), st.booleans())
def test_any_edges_are_safe(contacts: list[tuple[bool, bool]], edges_per_detent: Edges, reverse: bool) -> None:
    decoder = QuadratureDecoder(edges_per_detent=edges_per_detent, reverse=reverse)
    detents = turned(decoder, contacts)
    assert set(detents) <= {1, -1}
    # A detent takes two edges at the least, one of which may have been missed between two that came.
    assert len(detents) <= len(contacts) // (edges_per_detent // 2)


@given(st.lists(st.tuples(st.booleans(), st.booleans())), st.sampled_from([2, 4]))
def test_reverse_is_the_same_with_the_other_sign(contacts: list[tuple[bool, bool]], edges_per_detent: Edges) -> None:
    forward = turned(QuadratureDecoder(edges_per_detent=edges_per_detent), contacts)
    backward = turned(QuadratureDecoder(edges_per_detent=edges_per_detent, reverse=True), contacts)
    assert [-detent for detent in backward] == forward


@given(st.lists(st.sampled_from([1, -1])), st.sampled_from([2, 4]))
def test_where_no_edge_is_missed_the_count_is_where_the_knob_is(steps: list[int], edges_per_detent: Edges) -> None:
    decoder = QuadratureDecoder(edges_per_detent=edges_per_detent)
    position = total = rested = 0
    for step in steps:
        position += step
        total += sum(turned(decoder, [place(position)]))
        if position % edges_per_detent == 0:
            rested = position // edges_per_detent
        assert total == rested
