import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.appliance.limits import Limit, Limits


@pytest.fixture
def limits() -> Limits:
    return Limits(max_session_s=600, quiet_s=120, linger_s=20)


def test_nothing_expires_before_a_session_stands(limits: Limits) -> None:
    limits.mic_waits(True, at_s=0)
    limits.user_spoke(1)
    assert limits.deadline() is None
    assert limits.expired(1e9) is None


def test_nothing_expires_after_a_session(limits: Limits) -> None:
    limits.connected(0)
    limits.ended()
    assert limits.deadline() is None


def test_a_session_in_which_nobody_speaks_ends_after_the_quiet_time(limits: Limits) -> None:
    limits.connected(10)
    assert limits.deadline() == 130
    assert limits.expired(129.9) is None
    assert limits.expired(130) is Limit.QUIET


def test_a_transcript_of_the_person_puts_the_quiet_time_off_and_an_agent_that_speaks_does_not(limits: Limits) -> None:
    limits.connected(0)
    limits.user_spoke(50)
    limits.agent_speaks()
    limits.agent_done(160)
    assert limits.deadline() == 170


def test_a_session_ends_after_its_longest_time_however_lively_it_is(limits: Limits) -> None:
    limits.connected(0)
    limits.user_spoke(599)
    assert limits.deadline() == 600
    assert limits.expired(600) is Limit.SESSION


def test_hold_to_talk_lingers_from_the_release(limits: Limits) -> None:
    limits.connected(0)
    limits.mic_waits(True, at_s=5)
    limits.mic_waits(True, at_s=6)  # said again, it does not start again
    assert limits.deadline() == 25
    assert limits.expired(25) is Limit.LINGER


def test_hold_to_talk_lingers_from_the_end_of_the_answer(limits: Limits) -> None:
    limits.connected(0)
    limits.mic_waits(True, at_s=5)
    limits.agent_speaks()
    assert limits.deadline() == 120
    limits.agent_done(40)
    assert limits.deadline() == 60


def test_who_holds_the_button_again_stays(limits: Limits) -> None:
    limits.connected(0)
    limits.mic_waits(True, at_s=5)
    limits.mic_waits(False, at_s=20)
    assert limits.deadline() == 120
    limits.mic_waits(True, at_s=30)
    assert limits.deadline() == 50


def test_a_release_while_connecting_lingers_from_the_connection(limits: Limits) -> None:
    limits.mic_waits(True, at_s=1)
    limits.connected(3)
    assert limits.deadline() == 23


def test_the_next_session_starts_with_fresh_clocks(limits: Limits) -> None:
    limits.connected(0)
    limits.agent_speaks()
    limits.ended()
    limits.mic_waits(True, at_s=1000)
    limits.connected(1000)
    assert limits.deadline() == 1020


@given(
    news=st.lists(
        st.tuples(st.sampled_from(["spoke", "speaks", "done", "waits", "talks"]), st.floats(0, 10)), max_size=20
    ),
)
def test_it_has_expired_exactly_from_the_deadline_on_and_no_session_is_endless(news: list[tuple[str, float]]) -> None:
    limits, now_s = Limits(), 0.0
    limits.connected(now_s)
    for what, after_s in news:
        now_s += after_s
        match what:
            case "spoke":
                limits.user_spoke(now_s)
            case "speaks":
                limits.agent_speaks()
            case "done":
                limits.agent_done(now_s)
            case _:
                limits.mic_waits(what == "waits", at_s=now_s)
    deadline_s = limits.deadline()
    assert deadline_s is not None
    assert deadline_s <= 600
    assert limits.expired(deadline_s) is not None
    assert limits.expired(deadline_s - 0.001) is None
