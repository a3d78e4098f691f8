import errno

import pytest

from talkbox.audio.absence import Absence, Back, Gone
from tests.support.hand_clock import HandClock

WHY = OSError(errno.ENODEV, "No such device")


class Fixture:
    """An absence that is waited for, and what it told."""

    def __init__(self) -> None:
        self.clock, self.told = HandClock(), list[Gone | Back]()
        self.absence = Absence(patience_s=10, clock=self.clock.clock)
        self.absence.begin(self.told.append)

    def away(self, seconds: float, who: str = "microphone") -> None:
        self.absence.lost(who, WHY)
        self.clock.now_s += seconds
        self.absence.found(who)


def test_a_loss_of_both_directions_is_told_once_and_their_return_when_both_are_back() -> None:
    it = Fixture()
    it.absence.lost("microphone", WHY)
    it.clock.now_s += 0.1
    it.absence.lost("loudspeaker", OSError(errno.EIO, "Input/output error"))
    it.absence.unheard(0.5)
    it.absence.unheard(0.25)
    it.clock.now_s += 2.2
    it.absence.found("microphone")
    assert it.told == [Gone(why="No such device")]
    it.absence.found("loudspeaker")
    [_, back] = it.told
    assert isinstance(back, Back)
    assert back.after_s == pytest.approx(2.3)
    assert back.unheard_s == 0.75


def test_finding_what_was_not_lost_is_nothing() -> None:
    it = Fixture()
    it.absence.found("microphone")
    it.away(1)
    it.absence.found("microphone")
    assert len(it.told) == 2


def test_without_a_session_nobody_waits() -> None:
    absence = Absence()
    with pytest.raises(OSError, match=r"No such device$"):
        absence.lost("loudspeaker", WHY)
    it = Fixture()
    it.absence.end()
    with pytest.raises(OSError, match=r"No such device$"):
        it.absence.lost("loudspeaker", WHY)
    assert it.told == []


def test_patience_has_an_end_and_says_so_with_the_errno() -> None:
    it = Fixture()
    it.absence.lost("microphone", WHY)
    it.clock.now_s += 10
    it.absence.lost("microphone", WHY)
    it.clock.now_s += 0.1
    with pytest.raises(OSError, match="No such device, and it did not come back within 10 s") as raised:
        it.absence.lost("microphone", WHY)
    assert raised.value.errno == errno.ENODEV
    it.absence.found("microphone")
    assert len(it.told) == 1  # it lets go of it, and has not found it


def test_a_card_that_comes_and_goes_all_the_time_does_not_last_for_ever() -> None:
    it = Fixture()

    def flutter() -> None:
        while True:
            it.away(0.5)
            it.clock.now_s += 0.5  # works so long

    with pytest.raises(OSError, match="did not come back within 10 s"):
        flutter()
    assert it.clock.now_s == 11


def test_a_card_that_is_lost_now_and_then_is_waited_for_each_time_anew() -> None:
    it = Fixture()
    for _ in range(10):
        it.away(9)
        it.clock.now_s += 60
    assert [news.after_s for news in it.told if isinstance(news, Back)] == [9] * 10


def test_what_was_not_heard_is_counted_for_each_absence() -> None:
    it = Fixture()
    it.absence.unheard(5)
    it.away(1)
    it.absence.lost("microphone", WHY)
    it.absence.unheard(0.5)
    it.absence.found("microphone")
    it.clock.now_s += 60
    it.away(1)
    assert [news.unheard_s for news in it.told if isinstance(news, Back)] == [0, 0.5, 0]


def test_the_next_session_begins_with_a_card() -> None:
    it = Fixture()
    it.absence.lost("microphone", WHY)
    it.absence.end()
    it.clock.now_s += 60
    it.absence.begin(it.told.append)
    it.absence.found("microphone")
    it.absence.lost("loudspeaker", WHY)
    assert [type(news) for news in it.told] == [Gone, Gone]
