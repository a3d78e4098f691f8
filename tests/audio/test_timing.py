import pytest

from talkbox.audio.timing import LATE_S, Timing


def test_a_chunk_is_on_the_wire_when_the_next_is_asked_for() -> None:
    timing = Timing()
    timing.asked(1.0)
    timing.took(2.0)
    assert timing.first_chunk_at_s is None
    timing.asked(2.03)
    assert timing.first_chunk_at_s == pytest.approx(2.03)
    assert timing.mic_to_wire.percentile(0.5) == pytest.approx(0.03, rel=0.03)
    timing.took(3.0)
    timing.asked(3.05)
    assert timing.first_chunk_at_s == pytest.approx(2.03)
    assert timing.mic_to_wire.count == 2


def test_asking_twice_counts_once() -> None:
    timing = Timing()
    timing.took(1.0)
    timing.asked(1.1)
    timing.asked(9.0)
    assert timing.mic_to_wire.count == 1


def test_of_the_pre_roll_only_the_first_chunk_is_told() -> None:
    timing = Timing()
    timing.took(None)
    timing.asked(5.0)
    assert timing.first_chunk_at_s == 5.0
    assert timing.mic_to_wire.count == timing.late_chunks == 0


def test_late_chunks_are_counted() -> None:
    timing = Timing()
    for age_s in (LATE_S * 0.9, LATE_S * 1.1):
        timing.took(1.0)
        timing.asked(1.0 + age_s)
    assert timing.late_chunks == 1


def test_silence_is_timed_from_the_interruption() -> None:
    timing = Timing()
    timing.silenced(10.0, 10.034)
    assert timing.silence.percentile(0.95) == pytest.approx(0.034, rel=0.03)
