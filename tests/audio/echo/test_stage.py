import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.echo.delay import DelayTracker
from talkbox.audio.echo.guard import Guard
from talkbox.audio.echo.nothing import Nothing
from talkbox.audio.echo.path import EchoPath
from talkbox.audio.echo.ports import BLOCK
from talkbox.audio.echo.reference import Reference
from talkbox.audio.echo.stage import Stage
from talkbox.audio.formats import Samples


class Difference(Nothing):
    """Takes the reference away as it is, remembers it, and counts slips."""

    def __init__(self) -> None:
        super().__init__()
        self.slips = 0
        self.far: Samples = np.zeros(0, np.int16)

    def process(self, near: Samples, far: Samples) -> Samples:
        self.far = far
        return near - far

    def slipped(self) -> None:
        self.slips += 1


def stage(rate_hz: int) -> tuple[Stage, Reference, Difference]:
    canceller, reference = Difference(), Reference()
    reference.opened(rate_hz=rate_hz)
    path = EchoPath(canceller, tracker=DelayTracker(), guard=Guard())
    return Stage(path, reference, rate_hz=rate_hz), reference, canceller


def test_near_and_far_meet_however_the_periods_are() -> None:
    made, reference, _ = stage(16_000)
    for _ in range(11):  # the agent has been heard
        made.path.process(np.zeros(BLOCK, np.int16), np.full(BLOCK, 1000, np.int16))
    stream = (np.arange(8000) % 251).astype(np.int16)
    reference.write(stream)
    reference.heard(1000, now_s=0.0)
    out, at = [], 1000 + 80  # 5 ms ahead of what is heard
    for n, size in enumerate([70, 80, 160, 400, 5, 90, 800]):
        at_s = (at - 1080 + size) / 16_000 if n else 0.0
        near = stream[at : at + size] if n else stream[at - size : at]
        out.append(made.process(near, now_s=at_s))
        at += size if n else 0
    cleaned = np.concatenate(out)
    assert len(cleaned) == (70 + 80 + 160 + 400 + 5 + 90 + 800) // BLOCK * BLOCK
    assert not cleaned.any()


def test_a_card_at_48_khz_comes_out_at_16() -> None:
    made, _, _ = stage(48_000)
    out = [made.process(np.full(480, 1000, np.int16), now_s=0.0) for _ in range(100)]
    assert abs(sum(len(part) for part in out) - 16_000) <= BLOCK
    assert out[-1].tolist() == [1000] * BLOCK


def test_a_session_begins_with_a_slip_and_so_does_everything_after_one() -> None:
    made, reference, canceller = stage(16_000)
    reference.write(np.zeros(8000, np.int16))
    reference.heard(4000, now_s=0.0)
    near = np.zeros(BLOCK, np.int16)
    slips = [canceller.slips]
    for at_s in (0.0, 0.01):
        made.process(near, now_s=at_s)
        slips.append(canceller.slips)
    made.slipped()
    made.process(near, now_s=0.02)
    assert [*slips, canceller.slips] == [1, 2, 2, 3]


def test_a_session_does_not_begin_where_the_last_one_left_a_loudspeaker_that_played_on() -> None:
    made, reference, canceller = stage(16_000)
    stream = (np.arange(24_000) % 251).astype(np.int16)
    reference.write(stream)
    reference.heard(1000, now_s=0.0)
    made.process(stream[:BLOCK], now_s=0.0)
    reference.heard(9000, now_s=0.5)
    following = Stage(made.path, reference, rate_hz=16_000)
    following.process(stream[9080 - BLOCK : 9080], now_s=0.5)
    assert canceller.far.tolist() == stream[9080 - BLOCK : 9080].tolist()


@given(cuts=st.lists(st.integers(0, 3000), max_size=6))
@settings(max_examples=5)
@pytest.mark.parametrize("rate_hz", [16_000, 44_100, 48_000])
def test_it_makes_no_difference_how_the_microphone_s_sound_is_cut(rate_hz: int, cuts: list[int]) -> None:
    samples = np.random.default_rng(1).integers(-9000, 9000, 3000).astype(np.int16)
    whole, cut = (stage(rate_hz)[0] for _ in range(2))
    parts = [cut.process(part, now_s=0.0) for part in np.split(samples, sorted(cuts))]
    assert np.concatenate(parts).tolist() == whole.process(samples, now_s=0.0).tolist()
