import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.audio.latency import Latency


def of(*seconds: float) -> Latency:
    latency = Latency()
    for each in seconds:
        latency.add(each)
    return latency


def test_of_nothing_there_is_no_percentile() -> None:
    assert of().percentile(0.5) is None
    assert of().count == 0


@given(st.lists(st.floats(0.001, 1000.0), min_size=1, max_size=50), st.sampled_from([0.01, 0.5, 0.95, 1.0]))
def test_a_percentile_is_one_of_the_times_to_within_a_fortieth(seconds: list[float], share: float) -> None:
    found = of(*seconds).percentile(share)
    exact = sorted(seconds)[max(0, -int(-share * len(seconds) // 1) - 1)]
    assert found == pytest.approx(exact, rel=0.026)


def test_what_is_no_time_at_all_counts_as_the_least() -> None:
    latency = of(0.0, -1.0)
    assert latency.count == 2
    assert latency.percentile(1.0) == pytest.approx(1e-4, rel=0.03)


def test_a_day_takes_no_more_memory_than_a_minute() -> None:
    latency = of(*(0.01 + n % 100 / 10_000 for n in range(10_000)))
    assert latency.count == 10_000
    assert len(latency._counts) < 20
