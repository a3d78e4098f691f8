import pytest

from talkbox.terminal.button import FIRST_REPEAT_S, HOLD_S, NEXT_REPEAT_S, Asked, KeyButton, requested
from talkbox.terminal.keys import Edge, Key, Stroke

SPACE, TOGGLE = Stroke(Key.BUTTON), Stroke(Key.TOGGLE)


def played(button: KeyButton, strokes: list[tuple[float, Stroke]]) -> list[tuple[float, str]]:
    """What is asked for, and when, by a loop that expires the button on its deadlines."""
    asked = []

    def note(at_s: float, one: Asked | None) -> None:
        if one is not None:
            asked.append((at_s, one.command))

    for at_s, stroke in [*strokes, (1000.0, None)]:
        while (deadline := button.deadline()) is not None and deadline <= at_s:
            assert button.expire(deadline - 0.001) is None
            note(deadline, button.expire(deadline))
        if stroke is not None:
            note(at_s, requested(stroke, button, at_s))
    return asked


def test_where_releases_are_told_the_button_does_what_the_key_does() -> None:
    strokes = [(0.0, Edge.DOWN), (0.5, Edge.REPEAT), (0.6, Edge.REPEAT), (3.0, Edge.UP), (4.0, Edge.UP)]
    asked = played(KeyButton(tells_releases=True), [(at_s, Stroke(Key.BUTTON, edge)) for at_s, edge in strokes])
    assert asked == [(0.0, "press"), (3.0, "release")]


def test_where_they_are_not_a_stroke_is_a_tap() -> None:
    asked = played(KeyButton(tells_releases=False), [(0.0, SPACE), (5.0, SPACE)])
    assert asked == [(0.0, "press"), (FIRST_REPEAT_S, "release"), (5.0, "press"), (5.0 + FIRST_REPEAT_S, "release")]


def test_a_tap_is_shorter_than_a_hold() -> None:
    assert FIRST_REPEAT_S < HOLD_S


@pytest.mark.parametrize("delay_s", [0.25, 0.5, 0.66])
def test_where_they_are_not_a_key_that_repeats_is_held_until_it_stops(delay_s: float) -> None:
    repeats = [(delay_s + number / 10, SPACE) for number in range(20)]
    last_s = repeats[-1][0]
    asked = played(KeyButton(tells_releases=False), [(0.0, SPACE), *repeats])
    assert asked == [(0.0, "press"), (pytest.approx(last_s + NEXT_REPEAT_S), "release")]


@pytest.mark.parametrize("tells_releases", [True, False])
def test_the_toggle_key_presses_for_as_long_as_one_likes(tells_releases: bool) -> None:
    strokes = [(0.0, TOGGLE), (0.1, Stroke(Key.TOGGLE, Edge.UP)), (100.0, TOGGLE)]
    assert played(KeyButton(tells_releases=tells_releases), strokes) == [(0.0, "press"), (100.0, "release")]


def test_space_does_not_let_go_what_the_toggle_key_holds() -> None:
    strokes = [(0.0, TOGGLE), (1.0, SPACE), (100.0, TOGGLE)]
    assert played(KeyButton(tells_releases=False), strokes) == [(0.0, "press"), (100.0, "release")]


@pytest.mark.parametrize(
    ("stroke", "asked"),
    [
        (Stroke(Key.LOUDER), Asked(command="turn", fields={"detents": 1})),
        (Stroke(Key.LOUDER, Edge.REPEAT), Asked(command="turn", fields={"detents": 1})),
        (Stroke(Key.SOFTER), Asked(command="turn", fields={"detents": -1})),
        (Stroke(Key.MUTE), Asked(command="mute")),
        (Stroke(Key.LOUDER, Edge.UP), None),
        (Stroke(Key.MUTE, Edge.REPEAT), None),
        (Stroke(Key.MUTE, Edge.UP), None),
        (Stroke(Key.QUIT), None),
    ],
)
def test_the_other_keys_turn_and_mute(stroke: Stroke, asked: Asked | None) -> None:
    assert requested(stroke, KeyButton(tells_releases=True), 0.0) == asked
