import numpy as np
import pytest

from talkbox.audio.echo.loss import MOST_DB, STRETCH, LossMeter
from talkbox.audio.echo.ports import BLOCK
from talkbox.audio.formats import Samples

COUNT = STRETCH * BLOCK


def noise(*, seed: int, level: float, stretches: int = 1) -> Samples:
    return (np.random.default_rng(seed).standard_normal(stretches * COUNT) * level).astype(np.int16)


def losses(meter: LossMeter, near: Samples, clean: Samples, far: Samples) -> list[float | None]:
    """What is said at the end of each stretch; in between nothing ever is."""
    said = [
        meter.feed(near[at : at + BLOCK], clean[at : at + BLOCK], far[at : at + BLOCK])
        for at in range(0, len(near), BLOCK)
    ]
    assert not [loss for n, loss in enumerate(said, 1) if n % STRETCH and loss is not None]
    return said[STRETCH - 1 :: STRETCH]


def heard_before() -> LossMeter:
    """A meter that knows the room's noise: 10 in amplitude."""
    meter = LossMeter()
    quiet = noise(seed=9, level=10)
    assert losses(meter, quiet, quiet, np.zeros(COUNT, np.int16)) == [None]
    return meter


@pytest.mark.parametrize("loss_db", [0, 6, 12, 18, 25, 30])
def test_the_loss_is_what_was_taken_away(loss_db: int) -> None:
    echo = noise(seed=1, level=2000)
    [measured] = losses(heard_before(), echo, (echo * 10 ** (-loss_db / 20)).astype(np.int16), echo * 2)
    assert measured == pytest.approx(loss_db, abs=0.5)


def test_perfect_silence_is_the_most_that_is_measured() -> None:
    echo = noise(seed=1, level=2000)
    assert losses(heard_before(), echo, np.zeros(COUNT, np.int16), echo) == [pytest.approx(MOST_DB)]


def test_no_verdict_on_an_echo_that_is_not_10_db_above_the_noise() -> None:
    far = noise(seed=1, level=3000)
    faint = (far // 150) + noise(seed=2, level=10)
    assert losses(heard_before(), faint, faint, far) == [None]


def test_no_verdict_on_a_user_who_speaks_while_the_agent_is_silent() -> None:
    user = noise(seed=2, level=2000)
    assert losses(heard_before(), user, user, np.zeros(COUNT, np.int16)) == [None]


def test_no_verdict_on_a_user_who_speaks_over_the_agent() -> None:
    far, user = noise(seed=1, level=2000), noise(seed=2, level=1000)
    assert losses(heard_before(), far + user, user, far) == [None]


def test_a_user_over_the_agent_does_not_hide_an_echo_that_is_let_through() -> None:
    far, user = noise(seed=1, level=2000), noise(seed=2, level=600)
    [measured] = losses(heard_before(), far + user, far + user, far)
    assert measured == pytest.approx(0, abs=0.5)


def test_the_noise_that_stays_is_not_taken_for_echo_that_stays() -> None:
    far, hiss = noise(seed=1, level=60), noise(seed=2, level=10)
    [measured] = losses(heard_before(), far + hiss, hiss, far * 30)
    assert measured is not None
    assert measured > 30


def test_noise_that_has_ended_is_forgotten_after_eight_seconds() -> None:
    meter = LossMeter()
    loud, quiet = noise(seed=1, level=900), noise(seed=2, level=10, stretches=17)
    silence = np.zeros_like(quiet)
    assert losses(meter, loud, loud, silence[:COUNT]) == [None]
    assert set(losses(meter, quiet, quiet, silence)) == {None}
    echo = noise(seed=3, level=900)
    assert losses(meter, echo, echo, echo) == [pytest.approx(0, abs=0.1)]


def test_the_peaks_are_the_microphones_and_those_of_what_its_echo_may_be_of() -> None:
    meter, silence = LossMeter(), np.zeros(COUNT, np.int16)
    near, far = silence.copy(), silence.copy()
    near[500], far[700] = -32768, 3000
    losses(meter, near, near, far)
    assert (meter.near_peak, meter.far_peak) == (32768, 3000)
    losses(meter, silence, silence, far // 2)  # an echo may be half a second late
    assert (meter.near_peak, meter.far_peak) == (0, 3000)
    losses(meter, silence, silence, silence)
    assert meter.far_peak == 1500
