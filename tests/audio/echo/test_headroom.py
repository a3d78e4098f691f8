import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.audio.echo.headroom import HIGHEST_DB, LOWEST_DB, Headroom

peaks = st.integers(1, 32_768)


def peak(level_db: float) -> int:
    return round(32_768 * 10 ** (level_db / 20))


def heard(headroom: Headroom, *, coupling_db: float, stretches: int, said_db: float = -3.0) -> list[float]:
    """The ceiling after each stretch of an agent at ``said_db``, or below the ceiling, in a room with that coupling."""
    ceilings = []
    for _ in range(stretches):
        far_db = min(said_db, headroom.ceiling_db)
        headroom.learn(near_peak=peak(min(far_db + coupling_db, 0.0)), far_peak=peak(far_db))
        ceilings.append(headroom.ceiling_db)
    return ceilings


@given(couplings=st.lists(st.tuples(peaks, peaks), max_size=40))
def test_the_ceiling_stays_within_its_bounds_and_rises_slowly(couplings: list[tuple[int, int]]) -> None:
    headroom = Headroom()
    assert headroom.ceiling_db == HIGHEST_DB == -1.0
    for near_peak, far_peak in couplings:
        before_db = headroom.ceiling_db
        headroom.learn(near_peak=near_peak, far_peak=far_peak)
        assert LOWEST_DB <= headroom.ceiling_db <= min(HIGHEST_DB, before_db + 0.11)


@given(coupling_db=st.floats(-40, 19), said_db=st.floats(-30, 0))
def test_after_three_stretches_no_echo_is_above_6_dbfs_and_then_none_ever_is(
    coupling_db: float, said_db: float
) -> None:
    ceilings = heard(Headroom(), coupling_db=coupling_db, stretches=60, said_db=said_db)
    for ceiling_db in ceilings[2:]:
        assert min(said_db, ceiling_db) + coupling_db <= -6


def test_a_soft_echo_lowers_nothing() -> None:
    assert set(heard(Headroom(), coupling_db=-8.1, stretches=20)) == {HIGHEST_DB}


def test_one_stretch_is_enough_where_nothing_was_cut_off() -> None:
    assert heard(Headroom(), coupling_db=1.5, stretches=1) == [pytest.approx(-10.5, abs=0.01)]


def test_where_the_microphone_was_cut_off_the_truth_is_taken_for_worse() -> None:
    [first, second, *later] = heard(Headroom(), coupling_db=15.0, stretches=30)
    assert first == pytest.approx(-18.0, abs=0.01)  # 3 dB were heard, 15 are true: 6 more are taken for granted
    assert second <= -18.0
    assert later[-1] == pytest.approx(-24.0, abs=0.2)


def test_a_room_that_has_become_better_is_trusted_slowly() -> None:
    headroom = Headroom()
    low_db = heard(headroom, coupling_db=5.0, stretches=3)[-1]
    later = heard(headroom, coupling_db=-20.0, stretches=60)
    assert later[19] == pytest.approx(low_db + 2.0, abs=0.01)
    assert later[-1] == pytest.approx(low_db + 6.0, abs=0.01)
