import numpy as np

from talkbox.audio.echo.cascade import Cascade
from talkbox.audio.echo.delay import DelayTracker
from talkbox.audio.echo.ports import BLOCK
from talkbox.audio.formats import Samples


class Filter:
    """A linear filter that keeps what it was given, and marks what it gives back."""

    described = "filter"

    def __init__(self) -> None:
        self.near: list[Samples] = []
        self.far: list[Samples] = []

    def process(self, near: Samples, far: Samples) -> Samples:
        self.near.append(near)
        self.far.append(far)
        return near + np.int16(1000)


class Suppressor:
    """A canceller that keeps what it was given."""

    described = "suppressor"
    delay_s = 0.01

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
    assert made.process(block(1), block(2))[0] == 1
    assert residual.given == [(1, 2)]
    assert not linear.near


def test_the_filter_hears_the_reference_just_before_its_echo_and_the_second_part_at_once() -> None:
    made, linear, residual, tracker = cascade()
    tracker.delay = 3 * BLOCK + 64
    for n in range(6):
        assert made.process(block(n), block(100 + n))[0] == 1000 + n
    assert [int(far[0]) for far in linear.far] == [0, 0, 0, 100, 101, 102]
    assert residual.given[5] == (1005, 105)


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
