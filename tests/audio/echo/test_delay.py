import numpy as np
import pytest

from talkbox.audio.echo.delay import DelayTracker
from talkbox.audio.echo.ports import BLOCK, RATE_HZ
from talkbox.audio.formats import Samples


def noise(seconds: float, *, seed: int, level: float = 3000) -> Samples:
    return (np.random.default_rng(seed).standard_normal(int(seconds * RATE_HZ)) * level).astype(np.int16)


def late(samples: Samples, *, by: int) -> Samples:
    return np.concatenate([np.zeros(by, np.int16), samples[: len(samples) - by]])


def feed(tracker: DelayTracker, near: Samples, far: Samples) -> None:
    for at in range(0, len(near), BLOCK):
        tracker.feed(near[at : at + BLOCK], far[at : at + BLOCK])


@pytest.mark.parametrize("delay", [0, 17, 960, 4000, 7900])
def test_the_delay_is_found_to_the_sample_within_two_seconds(delay: int) -> None:
    far = noise(2.0, seed=1)
    tracker = DelayTracker()
    feed(tracker, late(far, by=delay) // 3 + noise(2.0, seed=2, level=200), far)
    assert tracker.delay == delay


def test_a_user_who_is_louder_than_the_echo_does_not_disturb_it() -> None:
    far = noise(3.0, seed=1)
    tracker = DelayTracker()
    feed(tracker, late(far, by=500) // 2 + noise(3.0, seed=2, level=4500), far)
    assert tracker.delay == 500


def test_nothing_is_found_where_there_is_no_echo() -> None:
    tracker = DelayTracker()
    tracker.lose()
    feed(tracker, noise(3.0, seed=2), noise(3.0, seed=1))
    assert tracker.delay is None


def test_a_silent_loudspeaker_says_nothing_and_what_was_known_stays() -> None:
    far = noise(2.0, seed=1)
    tracker = DelayTracker()
    feed(tracker, late(far, by=300), far)
    feed(tracker, noise(3.0, seed=2), np.zeros(3 * RATE_HZ, np.int16))
    assert tracker.delay == 300


def test_a_slip_that_nobody_told_of_is_followed() -> None:
    far = noise(6.0, seed=1)
    near = np.concatenate([late(far, by=900)[: 3 * RATE_HZ], late(far, by=1220)[3 * RATE_HZ :]])
    tracker = DelayTracker()
    feed(tracker, near, far)
    assert tracker.delay == 1220


def test_after_a_slip_that_was_told_the_delay_is_unknown_until_it_is_found_again_within_a_second() -> None:
    far = noise(5.0, seed=1)
    near = np.concatenate([late(far, by=900)[: 2 * RATE_HZ], late(far, by=580)[2 * RATE_HZ :]])
    tracker, known = DelayTracker(), []
    feed(tracker, near[: 2 * RATE_HZ], far[: 2 * RATE_HZ])
    known.append(tracker.delay)
    tracker.lose()
    half = RATE_HZ // 2
    for part in (slice(4 * half, 5 * half), slice(5 * half, 6 * half), slice(6 * half, None)):
        known.append(tracker.delay)
        feed(tracker, near[part], far[part])
    known.append(tracker.delay)
    assert known == [900, None, None, 580, 580]
