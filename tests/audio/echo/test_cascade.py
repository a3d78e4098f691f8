import numpy as np
import pytest
from numpy.typing import NDArray

import talkbox.audio.echo.cascade as cascade_module
from talkbox.audio.echo.cascade import Cascade
from talkbox.audio.echo.delay import LONGEST, DelayTracker
from talkbox.audio.echo.ports import BLOCK
from talkbox.audio.formats import Samples


class Filter:
    """A linear filter that keeps what it was given, and takes 1000 away from it."""

    described = "filter"

    def __init__(self) -> None:
        self.near: list[Samples] = []
        self.far: list[Samples] = []

    def process(self, near: Samples, far: Samples) -> Samples:
        self.near.append(near)
        self.far.append(far)
        return near - np.int16(1000)


class Talked:
    """A filter that takes an echo of 1000 wholly away."""

    described = "filter"

    def process(self, near: Samples, far: Samples) -> Samples:  # noqa: ARG002  it knows
        return near - np.int16(1000)


class Suppressor:
    """A canceller that keeps what it was given."""

    described = "suppressor"
    delay_s = 0.01
    moved = False

    def __init__(self) -> None:
        self.given: list[tuple[int, int]] = []
        self.slips = 0

    def process(self, near: Samples, far: Samples) -> Samples:
        self.given.append((int(near[0]), int(far[0])))
        return near

    def slipped(self) -> None:
        self.slips += 1


def block(value: int) -> Samples:
    return np.full(BLOCK, value, np.int16)


def cascade() -> tuple[Cascade, Filter, Suppressor, DelayTracker]:
    linear, residual, tracker = Filter(), Suppressor(), DelayTracker()
    return Cascade(linear, residual, tracker=tracker), linear, residual, tracker


def test_it_says_what_it_is_and_delays_as_its_second_part_does() -> None:
    made, *_ = cascade()
    assert made.described == "filter, then suppressor"
    assert made.delay_s == 0.01


def test_until_the_delay_is_known_the_second_part_works_alone() -> None:
    made, linear, residual, _ = cascade()
    assert made.process(block(1), block(200))[0] == 1
    assert residual.given == [(1, 140)]
    assert not linear.near


def test_the_second_part_hears_a_little_of_the_echo_and_is_told_of_no_more_than_there_is() -> None:
    made, _, residual, tracker = cascade()
    tracker.delay = 0
    made.process(block(5000), block(200))
    assert residual.given == [(4030, 140)]


def test_a_user_over_the_agent_is_given_back_as_the_filter_has_him() -> None:
    class Deaf(Suppressor):
        def process(self, near: Samples, far: Samples) -> Samples:
            super().process(near, far)
            return (near * 0.8).astype(np.int16)

    tracker = DelayTracker()
    made = Cascade(Talked(), Deaf(), tracker=tracker)
    tracker.delay = 0
    for _ in range(500):
        made.process(block(1000), block(1))  # the agent alone: nothing of it is left
    said = [made.process(block(1300), block(1)) for _ in range(30)]
    assert said[-1].tolist() == [300] * BLOCK


def test_the_filter_hears_the_reference_just_before_its_echo_and_the_second_part_at_once() -> None:
    made, linear, residual, tracker = cascade()
    tracker.delay = 3 * BLOCK + 64
    for n in range(6):
        made.process(block(n), block(100 + n))
    assert [int(far[0]) for far in linear.far] == [0, 0, 0, 100, 101, 102]
    assert [told for _, told in residual.given] == [70, 70, 71, 72, 72, 73]


def test_an_echo_that_comes_at_once_needs_no_history() -> None:
    made, linear, _, tracker = cascade()
    tracker.delay = 10
    made.process(block(1), block(2))
    assert int(linear.far[0][0]) == 2


def test_a_delay_that_wanders_by_less_than_a_millisecond_is_left_alone() -> None:
    made, linear, _, tracker = cascade()
    tracker.delay = 164
    made.process(block(0), np.arange(BLOCK, dtype=np.int16))
    tracker.delay = 170
    made.process(block(0), np.arange(BLOCK, 2 * BLOCK, dtype=np.int16))
    assert linear.far[1].tolist() == list(range(60, 220))
    tracker.delay = 181
    made.process(block(0), np.arange(2 * BLOCK, 3 * BLOCK, dtype=np.int16))
    assert linear.far[2].tolist() == list(range(203, 363))


def test_a_delay_that_was_lost_is_taken_as_it_is_found() -> None:
    made, linear, _, tracker = cascade()
    tracker.delay = 164
    made.process(block(0), np.arange(BLOCK, dtype=np.int16))
    tracker.delay = None
    made.process(block(0), np.arange(BLOCK, 2 * BLOCK, dtype=np.int16))
    tracker.delay = 170
    made.process(block(0), np.arange(2 * BLOCK, 3 * BLOCK, dtype=np.int16))
    assert linear.far[1].tolist() == list(range(214, 374))


def test_after_a_slip_the_filter_rests_and_then_goes_on_at_the_new_delay() -> None:
    made, linear, residual, tracker = cascade()
    tracker.delay = BLOCK + 64
    made.process(block(1), block(1))
    made.slipped()
    tracker.delay = None
    assert residual.slips == 1
    made.process(block(2), block(2))
    assert len(linear.far) == 1
    tracker.delay = 2 * BLOCK + 64
    made.process(block(3), block(3))
    assert int(linear.far[1][0]) == 1


class Room:
    """An agent, the echo of whom comes so many samples later, and a filter that knows it, but for a fiftieth."""

    described = "filter"

    def __init__(self, *, delay: int) -> None:
        self._rng = np.random.default_rng(1)
        self._said = np.zeros(LONGEST + 1024)
        self._delay = delay
        self.later, self.user = 0, 0.0

    def next(self) -> tuple[Samples, Samples]:
        """What the microphone hears, with the echo later by so many samples, and a user; and the reference."""
        self._said = np.concatenate([self._said[BLOCK:], self._rng.standard_normal(BLOCK) * 3000])
        near = self._echo(self.later) + self.user * self._rng.standard_normal(BLOCK)
        return near.astype(np.int16), self._said[-BLOCK:].astype(np.int16)

    def process(self, near: Samples, far: Samples) -> Samples:  # noqa: ARG002  it knows
        return (near - 0.98 * self._echo(0)).astype(np.int16)

    def _echo(self, later: int) -> NDArray[np.float64]:
        end = len(self._said) - self._delay - later
        return self._said[end - BLOCK : end]


class Strict(Suppressor):
    """A suppressor that lets a tenth pass."""

    def process(self, near: Samples, far: Samples) -> Samples:
        return super().process(near, far) // 10


def in_room(delay: int) -> tuple[Room, Cascade, DelayTracker]:
    """With a filter that has proved itself."""
    room, tracker = Room(delay=delay), DelayTracker()
    made = Cascade(room, Strict(), tracker=tracker)
    tracker.delay = delay
    assert not any(moves(made, room, 600))
    return room, made, tracker


def moves(made: Cascade, room: Room, blocks: int) -> list[bool]:
    seen = []
    for _ in range(blocks):
        made.process(*room.next())
        seen.append(made.moved)
    return seen


DELAYS = [20, 64, 964, LONGEST - 1]


@pytest.mark.parametrize("delay", DELAYS)
def test_an_echo_that_comes_later_all_at_once_has_moved(delay: int) -> None:
    room, made, _ = in_room(delay)
    room.later = 320
    assert any(moves(made, room, 30))


@pytest.mark.parametrize("delay", DELAYS)
@pytest.mark.parametrize("user", [1000.0, 3000.0, 9000.0])
def test_an_echo_over_which_a_user_speaks_has_not(delay: int, user: float) -> None:
    room, made, _ = in_room(delay)
    room.user = user
    assert not any(moves(made, room, 100))


def test_after_the_slip_that_it_is_no_more_is_looked_for() -> None:
    room, made, tracker = in_room(964)
    room.later = 320
    assert any(moves(made, room, 30))
    made.slipped()
    tracker.delay = 1284
    assert not any(moves(made, room, 100))


def test_of_two_clocks_and_of_a_delay_that_has_just_been_followed_nothing_is_said() -> None:
    for wandered in (3, 17):
        room, made, tracker = in_room(964)
        tracker.delay = 964 + wandered
        room.later = 320
        assert not any(moves(made, room, 60))


def test_what_is_looked_at_is_looked_at_seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def ask(left: Samples, far: Samples, *, delay: int) -> bool:  # noqa: ARG001  has_moved's names
        asked.append(delay)
        return False

    monkeypatch.setattr(cascade_module, "has_moved", ask)
    room, made, _ = in_room(964)
    room.user = 9000.0
    moves(made, room, 100)
    assert 15 <= len(asked) <= 20
    assert set(asked) == {64}
