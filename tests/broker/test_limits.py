"""How often the service may be asked (`limits`)."""

from hypothesis import given
from hypothesis import strategies as st

from talkbox_broker.limits import TokenBucket


def test_a_burst_is_taken_at_once_and_then_one_at_a_time() -> None:
    bucket = TokenBucket(burst=3, per_minute=60)
    assert [bucket.take(now_s=100.0) for _ in range(5)] == [0.0, 0.0, 0.0, 1.0, 1.0]
    assert bucket.take(now_s=100.75) == 0.25
    assert bucket.take(now_s=101.0) == 0.0
    assert bucket.take(now_s=101.0) == 1.0


def test_a_quiet_while_gives_the_burst_back_and_no_more() -> None:
    bucket = TokenBucket(burst=2, per_minute=60)
    for _ in range(2):
        bucket.take(now_s=0.0)
    assert [bucket.take(now_s=3600.0) for _ in range(3)] == [0.0, 0.0, 1.0]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    bucket = TokenBucket(burst=1, per_minute=60)
    assert bucket.take(now_s=100.0) == 0.0
    assert bucket.take(now_s=50.0) == 1.0


@given(
    burst=st.integers(1, 20),
    per_minute=st.integers(1, 600),
    gaps_s=st.lists(st.floats(0.0, 30.0), min_size=1, max_size=50),
)
def test_no_more_is_taken_than_the_burst_and_what_time_brings(burst: int, per_minute: int, gaps_s: list[float]) -> None:
    bucket, now_s, taken = TokenBucket(burst=burst, per_minute=per_minute), 0.0, 0
    for gap_s in gaps_s:
        now_s += gap_s
        wait_s = bucket.take(now_s=now_s)
        taken += not wait_s
        assert 0.0 <= wait_s <= 60.0 / per_minute
    assert taken <= burst + now_s * per_minute / 60.0 + 1e-6
