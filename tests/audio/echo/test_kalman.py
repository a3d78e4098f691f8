import numpy as np

from talkbox.audio.echo.kalman import Kalman
from talkbox.audio.echo.ports import BLOCK, RATE_HZ
from talkbox.audio.formats import Samples

SECONDS = 1.5


def noise(*, seed: int, level: float) -> Samples:
    return (np.random.default_rng(seed).standard_normal(int(SECONDS * RATE_HZ)) * level).astype(np.int16)


def echo_of(far: Samples) -> Samples:
    """Through a room of 12 ms."""
    path = np.random.default_rng(7).standard_normal(200) * np.exp(-np.arange(200) / 40)
    return np.convolve(far, path / np.sqrt((path**2).sum()))[: len(far)].astype(np.int16)


def cleaned(kalman: Kalman, near: Samples, far: Samples) -> Samples:
    parts = [kalman.process(near[at : at + BLOCK], far[at : at + BLOCK]) for at in range(0, len(near), BLOCK)]
    return np.concatenate(parts)


def loss_db(before: Samples, after: Samples) -> float:
    """Of the last half second."""
    powers = [float((part[-RATE_HZ // 2 :].astype(float) ** 2).sum()) for part in (before, after)]
    return float(10 * np.log10(powers[0] / powers[1]))


def test_it_learns_the_room() -> None:
    far = noise(seed=1, level=3000)
    near = echo_of(far)
    after = cleaned(Kalman(tail_s=0.03), near, far)
    assert after.dtype == np.int16
    assert loss_db(near, after) > 30


def test_a_user_comes_through_untouched_and_on_time() -> None:
    far, user = noise(seed=1, level=3000), noise(seed=2, level=1000)
    after = cleaned(Kalman(tail_s=0.03), echo_of(far) + user, far)
    last = slice(-RATE_HZ // 2, None)
    assert np.corrcoef(after[last], user[last])[0, 1] > 0.95


def test_without_a_reference_nothing_changes() -> None:
    user = noise(seed=2, level=1000)
    assert cleaned(Kalman(tail_s=0.03), user, np.zeros_like(user)).tolist() == user.tolist()


def test_a_reference_that_is_not_heard_changes_hardly_anything() -> None:
    user = noise(seed=2, level=1000)
    after = cleaned(Kalman(tail_s=0.03), user, noise(seed=1, level=3000))
    assert loss_db(user, (after.astype(int) - user).astype(np.int16)) > 15


def test_full_scale_does_not_wrap_around() -> None:
    far = noise(seed=1, level=3000)
    kalman = Kalman(tail_s=0.01)
    cleaned(kalman, far, far)  # the echo is the reference itself
    near = far[:BLOCK] * 8
    clean = kalman.process(near, -near)
    assert clean.max() == 32767
    assert (np.sign(clean[near > 9000]) == 1).all()
