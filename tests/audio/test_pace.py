from talkbox.audio.pace import CapturePace, PlaybackPace
from tests.support.hand_clock import HandClock


def test_a_period_is_heard_when_it_is_over() -> None:
    time = HandClock()
    pace = CapturePace(rate_hz=1000, clock=time.clock)
    time.now_s = 5.0  # nothing runs before the first reading
    for _ in range(3):
        pace.wait(10)
    assert [round(slept, 6) for slept in time.slept] == [0.01, 0.01, 0.01]


def test_a_late_reader_catches_up() -> None:
    time = HandClock()
    pace = CapturePace(rate_hz=1000, clock=time.clock)
    pace.wait(10)
    time.now_s += 0.025
    for _ in range(4):
        pace.wait(10)
    assert [round(slept, 6) for slept in time.slept] == [0.01, 0.005, 0.01]
    assert pace.xruns == 0


def test_a_reader_that_is_later_than_a_buffer_forgives_overruns_once() -> None:
    time = HandClock()
    pace = CapturePace(rate_hz=1000, clock=time.clock)
    pace.wait(10)
    time.now_s += 0.6
    for _ in range(3):
        pace.wait(10)
    assert pace.xruns == 1
    assert [round(slept, 6) for slept in time.slept] == [0.01, 0.01, 0.01]


def test_a_writer_waits_while_more_than_allowed_is_ahead() -> None:
    time = HandClock()
    pace = PlaybackPace(rate_hz=1000, ahead_frames=30, clock=time.clock)
    assert pace.queued_frames() == 0
    for _ in range(5):
        pace.wrote(10)
    assert [round(slept, 6) for slept in time.slept] == [0.01, 0.01]
    assert pace.queued_frames() == 30
    time.now_s += 0.0151
    assert pace.queued_frames() == 15
    time.now_s += 1
    assert pace.queued_frames() == 0


def test_how_much_may_be_ahead_can_be_changed_while_it_plays() -> None:
    time = HandClock()
    pace = PlaybackPace(rate_hz=1000, ahead_frames=30, clock=time.clock)
    queued = []
    for ahead_frames in (30, 40, 30):
        pace.ahead_frames = ahead_frames
        for _ in range(5):
            pace.wrote(10)
        queued.append(pace.queued_frames())
    assert queued == [30, 40, 30]


def test_a_late_writer_catches_up_or_underruns() -> None:
    time = HandClock()
    pace = PlaybackPace(rate_hz=1000, ahead_frames=30, clock=time.clock)
    pace.wrote(30)
    time.now_s += 0.1
    for _ in range(10):
        pace.wrote(10)
    assert pace.xruns == 0
    assert time.slept == []
    time.now_s += 0.6
    pace.wrote(10)
    assert pace.xruns == 1
    assert pace.queued_frames() == 10


def test_what_is_dropped_is_forgotten_and_the_next_is_heard_at_once() -> None:
    time = HandClock()
    pace = PlaybackPace(rate_hz=1000, ahead_frames=30, clock=time.clock)
    pace.wrote(30)
    time.now_s += 0.0101
    assert pace.drop() == 20
    assert pace.drop() == 0
    time.now_s += 9
    pace.wrote(10)
    assert pace.queued_frames() == 10
    assert pace.xruns == 0
