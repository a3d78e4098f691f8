from talkbox.audio.echo.guard import Guard

SECOND = 100  # blocks


def judged(guard: Guard, loss_db: float, *, times: int) -> Guard:
    for _ in range(times):
        guard.judge(loss_db)
    return guard


def muted(guard: Guard, seconds: float, *, sounding: bool) -> list[bool]:
    return [guard.mutes(sounding=sounding) for _ in range(int(seconds * SECOND))]


def failed() -> Guard:
    guard = judged(Guard(), 5.0, times=16)
    assert guard.half_duplex
    return guard


def test_a_canceller_that_works_is_let_alone() -> None:
    guard = judged(Guard(), 30.0, times=500)
    assert not guard.half_duplex
    assert guard.loss_db == 30.0
    assert not any(muted(guard, 5, sounding=True))


def test_eight_bad_seconds_are_needed_for_half_duplex() -> None:
    guard = judged(Guard(), 5.0, times=15)
    assert not guard.half_duplex
    assert judged(guard, 5.0, times=1).half_duplex


def test_a_bad_minority_does_not_matter() -> None:
    guard = Guard()
    for n in range(100):
        guard.judge(5.0 if n % 3 == 0 else 25.0)
    assert not guard.half_duplex


def test_the_microphone_is_muted_while_the_agent_speaks_and_for_a_tail() -> None:
    guard = failed()
    assert muted(guard, 1, sounding=False) == [False] * SECOND
    assert muted(guard, 1, sounding=True) == [True] * SECOND
    after = muted(guard, 1, sounding=False)
    assert after == [True] * 39 + [False] * 61


def test_a_loss_that_is_measured_good_ends_it() -> None:
    guard = judged(failed(), 25.0, times=16)
    assert not guard.half_duplex
    assert not any(muted(guard, 1, sounding=True))


def test_what_is_barely_enough_does_not_end_it() -> None:
    assert judged(failed(), 13.0, times=100).half_duplex


def test_a_minute_later_it_is_tried_again_and_fails_within_two_seconds() -> None:
    guard, states = failed(), []
    for seconds in (59, 1):
        muted(guard, seconds, sounding=False)
        states.append(guard.half_duplex)
    states.extend(judged(guard, 5.0, times=times).half_duplex for times in (3, 1))
    assert states == [True, False, False, True]


def test_each_further_attempt_waits_twice_as_long_and_sixteen_times_at_most() -> None:
    guard, waits = judged(Guard(again_s=0.1), 5.0, times=16), []
    for _ in range(7):
        blocks = 0
        while guard.half_duplex:
            guard.mutes(sounding=False)
            blocks += 1
        waits.append(blocks)
        judged(guard, 5.0, times=4)
    assert waits == [10, 20, 40, 80, 160, 160, 160]


def test_only_the_first_failure_and_what_mends_it_are_news() -> None:
    guard = failed()
    states = [guard.again]
    for loss_db in (5.0, 25.0):
        muted(guard, 120, sounding=False)
        judged(guard, loss_db, times=4)
        states.append(guard.again)
    assert states == [False, True, False]


def test_a_trial_that_succeeds_makes_it_patient_again() -> None:
    guard = failed()
    muted(guard, 60, sounding=False)
    judged(guard, 25.0, times=4)
    assert not judged(guard, 5.0, times=3).half_duplex


def test_without_any_canceller_the_agent_always_mutes_the_microphone() -> None:
    guard = judged(Guard(always=True), 30.0, times=100)
    assert guard.half_duplex
    assert all(muted(guard, 300, sounding=True))
    assert not any(muted(guard, 1, sounding=False)[40:])


def test_a_new_canceller_hears_the_agents_first_words_behind_a_closed_microphone_and_says_nothing_of_it() -> None:
    guard = Guard(learns_s=0.5)
    assert not guard.mutes(sounding=False)
    assert [guard.mutes(sounding=True) for _ in range(52)] == [True] * 50 + [False] * 2
    assert not guard.half_duplex


def test_it_learns_only_while_the_agent_speaks_and_mutes_no_longer_than_the_echo_lasts() -> None:
    guard = Guard(learns_s=0.5)
    for _ in range(20):
        assert guard.mutes(sounding=True)
    quiet = [guard.mutes(sounding=False) for _ in range(100)]
    assert quiet == [True] * 39 + [False] * 61
    assert [guard.mutes(sounding=True) for _ in range(40)] == [True] * 30 + [False] * 10


def test_after_a_slip_the_microphone_is_muted_for_a_second_of_speech_where_the_echo_has_to_be_looked_for() -> None:
    guard = Guard(learns_s=3.0)
    muted(guard, 3, sounding=True)
    assert not any([*muted(guard, 1, sounding=True), *muted(guard, 1, sounding=False)])
    guard.slipped()
    assert not any(muted(guard, 5, sounding=False))
    assert all(muted(guard, 1, sounding=True))
    muted(guard, 0.5, sounding=False)
    assert not any(muted(guard, 1, sounding=True))


def test_a_slip_is_nothing_to_a_board_that_cancels_by_itself() -> None:
    guard = Guard()
    guard.slipped()
    assert not any(muted(guard, 1, sounding=True))
