import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from talkbox.audio.echo.history import History


@given(st.lists(st.integers(1, 40), min_size=1, max_size=20), st.integers(0, 100))
def test_a_stream_comes_out_as_it_went_in_so_many_samples_later_however_it_is_cut(sizes: list[int], by: int) -> None:
    stream = np.arange(1, sum(sizes) + 1, dtype=np.int16)
    history = History(longest=100)
    parts = np.split(stream, np.cumsum(sizes)[:-1])
    came = np.concatenate([history.delayed(part, by=by) for part in parts])
    assert came.tolist() == np.concatenate([np.zeros(by, np.int16), stream])[: len(stream)].tolist()


def test_the_delay_may_change_from_call_to_call() -> None:
    history = History(longest=4)
    assert history.delayed(np.array([1, 2], np.int16), by=0).tolist() == [1, 2]
    assert history.delayed(np.array([3, 4], np.int16), by=3).tolist() == [0, 1]
    assert history.delayed(np.array([5, 6], np.int16), by=1).tolist() == [4, 5]


def test_it_goes_on_without_a_seam_and_what_was_given_away_stays_as_it_was() -> None:
    stream = np.random.default_rng(1).integers(-9000, 9000, 5 * 16_000).astype(np.int16)
    history = History(longest=100)
    parts = [history.delayed(stream[at : at + 160], by=100) for at in range(0, len(stream), 160)]
    assert np.concatenate(parts).tolist() == [0] * 100 + stream[:-100].tolist()


def test_the_newest_can_be_had_again_and_those_before_them() -> None:
    history = History(longest=6)
    history.append(np.array([1, 2, 3], np.int16))
    history.append(np.array([4, 5], np.int16))
    assert history.last(2).tolist() == [4, 5]
    assert history.last(3, by=3).tolist() == [0, 1, 2]
