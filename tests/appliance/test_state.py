from itertools import product

import pytest

from talkbox.appliance.state import AT_REST, IGNORED, IN_SESSION, TRANSITIONS, Effect, Input, State, step

END_OF_A_SESSION = {Input.CLOSED, Input.FAILED, Input.UNREACHABLE}


def journey(state: State, *inputs: Input) -> list[tuple[State | Effect, ...]]:
    seen: list[tuple[State | Effect, ...]] = []
    for happened in inputs:
        state, effects = step(state, happened)
        seen.append((state, *effects))
    return seen


def reachable(start: State) -> set[State]:
    found, todo = {start}, [start]
    while todo:
        here = todo.pop()
        new = {step(here, happened)[0] for happened in Input} - found
        found |= new
        todo += new
    return found


def test_every_state_and_input_is_decided_exactly_once() -> None:
    assert TRANSITIONS.keys() | IGNORED == set(product(State, Input))
    assert not TRANSITIONS.keys() & IGNORED


def test_every_row_does_something() -> None:
    assert [pair for pair, row in TRANSITIONS.items() if row == (pair[0], ())] == []


@pytest.mark.parametrize("pair", sorted(IGNORED))
def test_what_is_ignored_changes_nothing(pair: tuple[State, Input]) -> None:
    assert step(*pair) == (pair[0], ())


def test_states_are_at_rest_in_a_session_or_ending() -> None:
    assert AT_REST | IN_SESSION | {State.ENDING} == set(State)
    assert not AT_REST & IN_SESSION


@pytest.mark.parametrize("state", State)
def test_no_state_is_a_trap(state: State) -> None:
    """From anywhere the device can come to rest and start another session, and can get everywhere else."""
    assert reachable(state) == set(State)


@pytest.mark.parametrize("state", sorted(AT_REST))
def test_a_press_at_rest_starts_a_session_on_the_edge(state: State) -> None:
    assert step(state, Input.PRESSED) == (State.CONNECTING, (Effect.START_SESSION,))


@pytest.mark.parametrize("state", sorted(IN_SESSION))
@pytest.mark.parametrize("happened", [Input.TAPPED, Input.STOP])
def test_the_button_and_the_end_of_the_program_always_end_a_session(state: State, happened: Input) -> None:
    assert step(state, happened) == (State.ENDING, (Effect.END_SESSION,))


@pytest.mark.parametrize("state", sorted(IN_SESSION - {State.CONNECTING}))
def test_a_limit_ends_a_session_with_a_cue(state: State) -> None:
    assert journey(state, Input.EXPIRED, Input.CLOSED) == [
        (State.ENDING, Effect.END_SESSION),
        (State.IDLE, Effect.CUE_END),
    ]


@pytest.mark.parametrize("state", sorted(IN_SESSION))
def test_a_failure_is_heard_and_leads_to_idle(state: State) -> None:
    assert step(state, Input.FAILED) == (State.IDLE, (Effect.CUE_ERROR,))
    assert step(state, Input.UNREACHABLE) == (State.IDLE, (Effect.CUE_OFFLINE,))


@pytest.mark.parametrize("happened", sorted(END_OF_A_SESSION))
def test_an_end_that_was_asked_for_is_no_error_however_it_comes_about(happened: Input) -> None:
    assert step(State.ENDING, happened) == (State.IDLE, (Effect.CUE_END,))


def test_a_session_comes_to_rest_only_when_it_says_that_it_is_over() -> None:
    """The devices are closed by then: a dark light means a closed microphone."""
    ways = {
        happened for (state, happened), (after, _) in TRANSITIONS.items() if after in AT_REST and state not in AT_REST
    }
    assert ways == END_OF_A_SESSION


def test_sessions_start_on_entering_connecting_and_end_on_entering_ending_and_nowhere_else() -> None:
    for (state, _), (after, effects) in TRANSITIONS.items():
        assert (Effect.START_SESSION in effects) == (state in AT_REST and after is State.CONNECTING)
        assert (Effect.END_SESSION in effects) == (state in IN_SESSION and after is State.ENDING)


@pytest.mark.parametrize("state", State)
def test_a_very_long_hold_powers_off_from_anywhere_and_leaves_no_session_behind(state: State) -> None:
    after, effects = step(state, Input.LONG_HELD)
    assert effects[-1] is Effect.POWER_OFF
    assert after not in IN_SESSION


def test_a_hands_free_conversation() -> None:
    assert journey(
        State.IDLE,
        Input.PRESSED,
        Input.CONNECTED,
        Input.AGENT_SPEAKS,
        Input.AGENT_DONE,
        Input.PRESSED,
        Input.TAPPED,
        Input.AGENT_DONE,
        Input.CLOSED,
    ) == [
        (State.CONNECTING, Effect.START_SESSION),
        (State.LISTENING,),
        (State.SPEAKING,),
        (State.LISTENING,),
        (State.LISTENING, Effect.SILENCE_AGENT),
        (State.ENDING, Effect.END_SESSION),
        (State.ENDING,),
        (State.IDLE, Effect.CUE_END),
    ]


def test_a_press_silences_the_agent_on_its_edge_and_the_release_awaits_the_answer() -> None:
    assert journey(State.SPEAKING, Input.PRESSED, Input.AGENT_DONE, Input.RELEASED, Input.AGENT_SPEAKS) == [
        (State.LISTENING, Effect.SILENCE_AGENT),
        (State.LISTENING,),
        (State.LISTENING, Effect.EXPECT_AGENT),
        (State.SPEAKING,),
    ]


def test_an_agent_that_answers_before_the_release_is_expected_too() -> None:
    assert step(State.SPEAKING, Input.RELEASED) == (State.SPEAKING, (Effect.EXPECT_AGENT,))


def test_a_first_word_that_overtakes_the_connection_is_not_lost() -> None:
    assert journey(State.CONNECTING, Input.AGENT_SPEAKS, Input.CONNECTED, Input.AGENT_DONE) == [
        (State.SPEAKING,),
        (State.SPEAKING,),
        (State.LISTENING,),
    ]


def test_a_second_tap_while_ending_starts_nothing() -> None:
    assert journey(State.ENDING, Input.PRESSED, Input.TAPPED, Input.CLOSED) == [
        (State.ENDING,),
        (State.ENDING,),
        (State.IDLE, Effect.CUE_END),
    ]


def test_a_connection_that_breaks_can_be_taken_up_again() -> None:
    assert journey(State.SPEAKING, Input.DROPPED, Input.AGENT_DONE, Input.CONNECTED) == [
        (State.RECONNECTING,),
        (State.RECONNECTING,),
        (State.LISTENING,),
    ]


def test_the_world_changes_how_the_device_rests() -> None:
    assert journey(State.IDLE, Input.WENT_OFFLINE, Input.BROKE, Input.CAME_ONLINE, Input.MENDED) == [
        (State.OFFLINE,),
        (State.FAULT,),
        (State.FAULT,),
        (State.IDLE,),
    ]
    assert step(State.OFFLINE, Input.CAME_ONLINE) == (State.IDLE, ())
    assert step(State.IDLE, Input.BROKE) == (State.FAULT, ())
