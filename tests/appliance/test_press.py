import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.appliance import mic as mic_table
from talkbox.appliance import state as state_table
from talkbox.appliance.mic import Mic, MicInput
from talkbox.appliance.press import Meaning, Press
from talkbox.appliance.state import AT_REST, IN_SESSION, Effect, Input, State
from talkbox.controls.gestures import Gesture

NOTHING = Meaning()
PRESSES = (
    (Gesture.PRESSED, Gesture.TAPPED),
    (Gesture.PRESSED, Gesture.HELD, Gesture.RELEASED),
    (Gesture.PRESSED, Gesture.HELD, Gesture.LONG_HELD, Gesture.RELEASED),
)


@pytest.mark.parametrize("state", sorted(AT_REST))
def test_the_tap_that_starts_a_session_does_not_end_it(state: State) -> None:
    press = Press()
    assert press.take(Gesture.PRESSED, state=state) == Meaning(state=Input.PRESSED)
    assert press.take(Gesture.TAPPED, state=State.CONNECTING) == NOTHING


@pytest.mark.parametrize("state", sorted(IN_SESSION))
def test_a_hold_that_starts_a_session_makes_it_hold_to_talk(state: State) -> None:
    press = Press()
    press.take(Gesture.PRESSED, state=State.IDLE)
    assert press.take(Gesture.HELD, state=state) == Meaning(mic=MicInput.HELD_AT_START)
    assert press.take(Gesture.RELEASED, state=state) == Meaning(state=Input.RELEASED, mic=MicInput.RELEASED)


@pytest.mark.parametrize("state", sorted(IN_SESSION))
def test_a_tap_inside_a_session_ends_it(state: State) -> None:
    press = Press()
    assert press.take(Gesture.PRESSED, state=state) == Meaning(state=Input.PRESSED, mic=MicInput.PRESSED)
    assert press.take(Gesture.TAPPED, state=state) == Meaning(state=Input.TAPPED)


@pytest.mark.parametrize("state", sorted(IN_SESSION))
def test_a_hold_inside_a_session_is_barge_in(state: State) -> None:
    press = Press()
    press.take(Gesture.PRESSED, state=State.SPEAKING)
    assert press.take(Gesture.HELD, state=state) == Meaning(mic=MicInput.HELD)
    assert press.take(Gesture.RELEASED, state=state) == Meaning(state=Input.RELEASED, mic=MicInput.RELEASED)


@pytest.mark.parametrize("began", [State.IDLE, State.LISTENING])
@pytest.mark.parametrize("now", [State.IDLE, State.ENDING])
def test_a_hold_that_outlives_its_session_leaves_the_microphone_alone(began: State, now: State) -> None:
    press = Press()
    press.take(Gesture.PRESSED, state=began)
    assert press.take(Gesture.HELD, state=now) == NOTHING


@pytest.mark.parametrize("state", State)
def test_a_very_long_hold_is_one_wherever_it_began(state: State) -> None:
    press = Press()
    press.take(Gesture.PRESSED, state=state)
    assert press.take(Gesture.LONG_HELD, state=state) == Meaning(state=Input.LONG_HELD)


def test_a_tap_while_ending_says_nothing_then_or_later() -> None:
    press = Press()
    assert press.take(Gesture.PRESSED, state=State.ENDING) == NOTHING
    assert press.take(Gesture.TAPPED, state=State.ENDING) == NOTHING
    assert press.rested() == NOTHING


def test_a_finger_still_down_when_the_session_has_ended_starts_the_next() -> None:
    press = Press()
    press.take(Gesture.PRESSED, state=State.ENDING)
    assert press.rested() == Meaning(state=Input.PRESSED)
    assert press.take(Gesture.HELD, state=State.CONNECTING) == Meaning(mic=MicInput.HELD_AT_START)


def test_a_hold_that_was_one_before_the_session_had_ended_talks_in_the_next() -> None:
    press = Press()
    press.take(Gesture.PRESSED, state=State.ENDING)
    assert press.take(Gesture.HELD, state=State.ENDING) == NOTHING
    assert press.rested() == Meaning(state=Input.PRESSED, mic=MicInput.HELD_AT_START)
    assert press.rested() == NOTHING
    assert press.take(Gesture.RELEASED, state=State.LISTENING) == Meaning(state=Input.RELEASED, mic=MicInput.RELEASED)


def test_a_hold_that_is_over_before_the_session_has_ended_is_over() -> None:
    press = Press()
    press.take(Gesture.PRESSED, state=State.ENDING)
    press.take(Gesture.HELD, state=State.ENDING)
    assert press.take(Gesture.RELEASED, state=State.ENDING) == NOTHING
    assert press.rested() == NOTHING


@pytest.mark.parametrize("began", [State.IDLE, State.LISTENING])
def test_a_finger_still_down_when_its_own_session_fails_does_not_start_another(began: State) -> None:
    press = Press()
    press.take(Gesture.PRESSED, state=began)
    assert press.rested() == NOTHING


@pytest.mark.parametrize("gesture", [Gesture.HELD, Gesture.TAPPED, Gesture.RELEASED])
def test_a_gesture_without_a_press_means_nothing(gesture: Gesture) -> None:
    assert Press().take(gesture, state=State.LISTENING) == NOTHING


@given(st.data())
def test_no_press_ever_leaves_a_resting_device_with_a_microphone_that_is_closed_and_not_muted(
    data: st.DataObject,
) -> None:
    """The three tables together, with a session that does what it likes while people press."""
    press, state, mic = Press(), State.IDLE, Mic.OPEN
    gestures: list[Gesture] = []
    news = [Input.CONNECTED, Input.AGENT_SPEAKS, Input.AGENT_DONE, Input.CLOSED, Input.FAILED, Input.EXPIRED]
    for happened in data.draw(st.lists(st.sampled_from(["gesture", *news]), max_size=30)):
        if isinstance(happened, Input):
            meanings = [Meaning(state=happened)]
        else:
            gestures = gestures or list(data.draw(st.sampled_from(PRESSES)))
            meanings = [press.take(gestures.pop(0), state=state)]
        while meanings:
            meaning = meanings.pop()
            if meaning.state is not None:
                before = state
                state, effects = state_table.step(state, meaning.state)
                if state is State.IDLE and before is not State.IDLE:
                    mic = mic_table.step(mic, MicInput.ENDED)
                    meanings.append(press.rested())
                assert (Effect.START_SESSION in effects) == (before in AT_REST and meaning.state is Input.PRESSED)
            if meaning.mic is not None:
                mic = mic_table.step(mic, meaning.mic)
        if state in AT_REST:
            assert mic is Mic.OPEN
