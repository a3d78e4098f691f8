from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.appliance.mic import IGNORED, TRANSITIONS, Mic, MicInput, step


def after(mic: Mic, *inputs: MicInput) -> Mic:
    for happened in inputs:
        mic = step(mic, happened)
    return mic


def test_every_state_and_input_is_decided_exactly_once() -> None:
    assert TRANSITIONS.keys() | IGNORED == set(product(Mic, MicInput))
    assert not TRANSITIONS.keys() & IGNORED


def test_every_row_changes_something_and_what_is_ignored_does_not() -> None:
    assert all(mic is not changed for (mic, _), changed in TRANSITIONS.items())
    assert all(step(mic, happened) is mic for mic, happened in IGNORED)


@pytest.mark.parametrize("mic", Mic)
def test_the_switch_closes_an_open_microphone_and_opens_a_closed_one(mic: Mic) -> None:
    assert step(mic, MicInput.TOGGLED).open is not mic.open


@pytest.mark.parametrize("mic", Mic)
def test_while_the_button_is_held_the_microphone_is_open(mic: Mic) -> None:
    assert step(mic, MicInput.HELD).open
    assert step(mic, MicInput.HELD_AT_START).open


@pytest.mark.parametrize("mic", Mic)
def test_a_session_leaves_the_microphone_open_or_muted(mic: Mic) -> None:
    rested = Mic.MUTED if mic in (Mic.MUTED, Mic.HELD_MUTED) else Mic.OPEN
    assert step(mic, MicInput.ENDED) is rested


def test_hold_to_talk_opens_on_the_edge_and_closes_on_the_release() -> None:
    talking = after(Mic.OPEN, MicInput.HELD_AT_START)
    waiting = step(talking, MicInput.RELEASED)
    again = step(waiting, MicInput.PRESSED)
    assert (talking, waiting, again) == (Mic.TALKING, Mic.WAITING, Mic.TALKING)
    assert after(again, MicInput.HELD, MicInput.RELEASED, MicInput.ENDED) is Mic.OPEN


def test_switched_on_while_it_waits_it_is_hands_free() -> None:
    assert step(Mic.WAITING, MicInput.TOGGLED) is Mic.OPEN


def test_barge_in_during_a_hands_free_session_leaves_it_hands_free() -> None:
    assert after(Mic.OPEN, MicInput.PRESSED, MicInput.HELD) is Mic.HELD
    assert after(Mic.HELD, MicInput.RELEASED) is Mic.OPEN


def test_a_muted_microphone_opens_for_a_hold_and_not_for_the_edge_that_might_be_a_tap() -> None:
    assert after(Mic.MUTED, MicInput.PRESSED) is Mic.MUTED
    assert after(Mic.MUTED, MicInput.PRESSED, MicInput.HELD) is Mic.HELD_MUTED
    assert after(Mic.MUTED, MicInput.HELD_AT_START) is Mic.HELD_MUTED
    assert after(Mic.HELD_MUTED, MicInput.RELEASED) is Mic.MUTED


@given(st.lists(st.sampled_from(sorted(set(MicInput) - {MicInput.TOGGLED}))))
def test_a_mute_is_taken_back_by_the_switch_only(inputs: list[MicInput]) -> None:
    assert after(Mic.MUTED, *inputs, MicInput.RELEASED) is Mic.MUTED


@given(st.lists(st.sampled_from(MicInput)))
def test_a_new_session_begins_with_a_microphone_that_is_open_unless_muted(inputs: list[MicInput]) -> None:
    assert after(Mic.OPEN, *inputs, MicInput.ENDED) in (Mic.OPEN, Mic.MUTED)


def test_a_held_microphone_is_open() -> None:
    assert {mic for mic in Mic if mic.held} == {Mic.HELD, Mic.HELD_MUTED, Mic.TALKING}
    assert all(mic.open for mic in Mic if mic.held)
