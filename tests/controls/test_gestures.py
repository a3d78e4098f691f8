import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.controls.gestures import Gesture, GestureRecognizer

PRESSED, TAPPED, HELD, LONG_HELD, RELEASED = Gesture
UP, DOWN = False, True

Edge = tuple[bool, float]
# Edges at any times, most of them close enough to bounce or to be a hold, a few of them out of order: two threads may
# report at once.
edges_at_any_times = st.lists(
    st.tuples(st.booleans(), st.one_of(st.floats(-0.01, 0.05), st.floats(0, 1), st.floats(0, 20))), max_size=40
).map(lambda steps: [(pressed, sum(s for _, s in steps[: n + 1])) for n, (pressed, _) in enumerate(steps)])


def recognize(*edges: Edge, until_s: float = 0.0) -> list[Gesture]:
    """What the edges mean, with `expire` called when it asks to be."""
    recognizer, gestures = GestureRecognizer(), []
    for pressed, at_s in [*edges, (None, until_s)]:
        while (deadline_s := recognizer.deadline()) is not None and deadline_s <= at_s:
            gestures += recognizer.expire(deadline_s)
        if pressed is not None:
            gestures += recognizer.edge(pressed, at_s=at_s)
    return gestures


def test_a_press_is_reported_on_its_edge() -> None:
    assert GestureRecognizer().edge(DOWN, at_s=5) == [PRESSED]


def test_a_short_press_is_a_tap() -> None:
    assert recognize((DOWN, 0), (UP, 0.5), until_s=20) == [PRESSED, TAPPED]


def test_a_hold_is_reported_while_it_lasts() -> None:
    assert recognize((DOWN, 0), until_s=0.59) == [PRESSED]
    assert recognize((DOWN, 0), until_s=0.6) == [PRESSED, HELD]
    assert recognize((DOWN, 0), (UP, 2), until_s=20) == [PRESSED, HELD, RELEASED]


def test_a_very_long_hold_is_reported_once_and_a_stuck_button_says_no_more() -> None:
    assert recognize((DOWN, 0), until_s=1e6) == [PRESSED, HELD, LONG_HELD]
    assert recognize((DOWN, 0), (UP, 9), until_s=20) == [PRESSED, HELD, LONG_HELD, RELEASED]


def test_without_power_off_a_hold_may_last() -> None:
    recognizer = GestureRecognizer(power_off_s=None)
    recognizer.edge(DOWN, at_s=0)
    assert recognizer.expire(100) == [HELD]
    assert recognizer.deadline() is None
    assert recognizer.edge(UP, at_s=101) == [RELEASED]


def test_bounce_on_the_press_and_on_the_release_is_one_press() -> None:
    press = [(DOWN, 0.0), (UP, 0.001), (DOWN, 0.003), (UP, 0.004), (DOWN, 0.006)]
    release = [(UP, 0.3), (DOWN, 0.302), (UP, 0.305)]
    assert recognize(*press, *release, until_s=20) == [PRESSED, TAPPED]


def test_a_tap_shorter_than_the_bounce_is_not_lost() -> None:
    assert recognize((DOWN, 0), (UP, 0.01), until_s=0.019) == [PRESSED]
    assert recognize((DOWN, 0), (UP, 0.01), until_s=0.02) == [PRESSED, TAPPED]


def test_a_press_right_after_the_bounce_of_a_release_is_not_lost() -> None:
    assert recognize((DOWN, 0), (UP, 0.3), (DOWN, 0.31), until_s=0.5) == [PRESSED, TAPPED, PRESSED]


def test_a_button_that_is_down_at_the_start_says_nothing_until_it_was_released() -> None:
    bouncing_release = [(UP, 1.0), (DOWN, 1.002), (UP, 1.004)]
    assert recognize(*bouncing_release, until_s=5) == []
    assert recognize(*bouncing_release, (DOWN, 6), until_s=6) == [PRESSED]


def test_an_edge_that_is_reported_twice_counts_once() -> None:
    assert recognize((DOWN, 0), (DOWN, 0.1), (UP, 0.3), (UP, 0.4), until_s=20) == [PRESSED, TAPPED]


def test_late_timers_change_nothing() -> None:
    """A loop that was busy: the edge's own time counts, and what was due before it comes first."""
    recognizer = GestureRecognizer()
    recognizer.edge(DOWN, at_s=0)
    assert recognizer.edge(UP, at_s=9) == [HELD, LONG_HELD, RELEASED]
    assert recognizer.edge(DOWN, at_s=9.01) == []
    assert recognizer.edge(UP, at_s=9.5) == [PRESSED, TAPPED]


def test_called_early_it_does_nothing() -> None:
    recognizer = GestureRecognizer()
    assert recognizer.expire(1e9) == []
    recognizer.edge(DOWN, at_s=0)
    assert recognizer.expire(0.5) == []
    assert recognizer.deadline() == 0.6


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        ({"hold_s": 0.01}, "hold_s must be above bounce_s 0.02, not 0.01"),
        ({"bounce_s": -1.0}, "hold_s must be above bounce_s -1.0, not 0.6"),
        ({"power_off_s": 0.6}, "power_off_s must be above hold_s 0.6, not 0.6"),
    ],
)
def test_times_out_of_order_are_refused(times: dict[str, float], sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        GestureRecognizer(**times)


@given(edges_at_any_times)
def test_no_edges_give_an_impossible_order_of_gestures(edges: list[Edge]) -> None:
    names = "".join(f"{gesture} " for gesture in recognize(*edges, until_s=1e6))
    press = "pressed (tapped |held (long_held )?released )"
    assert re.fullmatch(f"({press})*(pressed held long_held )?", names)


@given(edges_at_any_times)
def test_the_last_word_of_the_contact_is_believed_in_the_end(edges: list[Edge]) -> None:
    down = bool(edges) and edges[-1][0]
    gestures = recognize(*edges, until_s=1e6)
    assert (gestures[-1:] == [LONG_HELD]) == down


@given(edges_at_any_times, st.lists(st.floats(0, 30)))
def test_it_does_not_matter_when_or_how_often_expire_is_called(edges: list[Edge], calls_s: list[float]) -> None:
    edges = sorted(edges, key=lambda edge: edge[1])
    diligent = recognize(*edges, until_s=1e6)
    recognizer, gestures = GestureRecognizer(), []
    moments = sorted(
        [(at_s, 1, pressed) for pressed, at_s in edges] + [(at_s, 0, False) for at_s in calls_s], key=lambda m: m[0]
    )
    for at_s, is_edge, pressed in moments:
        gestures += recognizer.edge(pressed, at_s=at_s) if is_edge else recognizer.expire(at_s)
    assert gestures + recognizer.expire(1e6) == diligent
