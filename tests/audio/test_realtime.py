import errno
import os

import pytest

from talkbox.audio.realtime import POLICY, PRIORITY, Realtime


class FakeScheduler:
    """The kernel's place."""

    def __init__(self, policy: int = os.SCHED_OTHER, *, refuses: bool = False) -> None:
        self.policy, self.refuses = policy, refuses
        self.granted: list[tuple[int, int, int]] = []

    def sched_getscheduler(self, pid: int, /) -> int:
        assert pid == 0
        return self.policy

    def sched_setscheduler(self, pid: int, policy: int, param: os.sched_param, /) -> None:
        if self.refuses:
            raise OSError(errno.EPERM, "Operation not permitted")
        self.granted.append((pid, policy, param.sched_priority))


def test_the_calling_thread_goes_before_others_and_hands_that_on_to_nobody() -> None:
    scheduler = FakeScheduler()
    Realtime(scheduler).claim()
    assert scheduler.granted == [(0, POLICY, PRIORITY)]
    assert POLICY & os.SCHED_RESET_ON_FORK
    assert POLICY & ~os.SCHED_RESET_ON_FORK == os.SCHED_RR


def test_what_somebody_chose_for_the_thread_is_left_as_it_is() -> None:
    scheduler = FakeScheduler(os.SCHED_FIFO)
    Realtime(scheduler).claim()
    assert scheduler.granted == []


def test_a_refusal_is_said_once_with_its_remedy(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    realtime = Realtime(FakeScheduler(refuses=True))
    realtime.claim()
    realtime.claim()
    (record,) = caplog.records
    assert record.getMessage() == "the audio threads have no priority over others: operation not permitted"
    assert "LimitRTPRIO=20" in str(getattr(record, "hint", ""))


def test_the_priority_is_below_the_kernel_s_own_threads() -> None:
    assert 0 < PRIORITY < 50
