from talkbox.audio.ahead import LEAST_PERIODS, MOST_PERIODS, PeriodsAhead


def test_each_underrun_is_a_period_more_up_to_a_bound() -> None:
    ahead = PeriodsAhead()
    changes = [ahead.wrote(0.01, underruns=underruns) for underruns in (0, 1, 0, 2, 1, 1, 1, 1, 1)]
    assert changes == [0, 1, 0, 1, 1, 1, 0, 0, 0]
    assert ahead.periods == MOST_PERIODS == 8


def test_each_calm_minute_is_a_period_less_down_to_where_it_began() -> None:
    ahead = PeriodsAhead()
    for _ in range(3):
        ahead.wrote(0.01, underruns=1)
    changed_s = [second for second in range(1, 400) if ahead.wrote(1.0, underruns=0)]
    assert changed_s == [60, 120, 180]
    assert ahead.periods == LEAST_PERIODS == 4


def test_an_underrun_begins_the_minute_anew() -> None:
    ahead = PeriodsAhead()
    ahead.wrote(1.0, underruns=1)
    ahead.wrote(59.0, underruns=0)
    ahead.wrote(1.0, underruns=1)
    assert ahead.wrote(59.0, underruns=0) == 0
    assert ahead.wrote(1.0, underruns=0) == -1
    assert ahead.periods == 5
