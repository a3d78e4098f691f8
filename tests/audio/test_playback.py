import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.formats import Samples
from talkbox.audio.playback import PlaybackBuffer

RATE_HZ = 1400  # so that a fade is 4 samples, and a period of 10 ms, which must be at hand to begin, is 14
FADE, PERIOD, SECOND = 4, 14, 1400
WAVE_HZ, LOUD = 440, 8000
STEEPEST = LOUD * 2 * np.pi * WAVE_HZ / 16_000


def ramp(count: int, *, first: int = 1) -> Samples:
    return np.arange(first, first + count, dtype=np.int16)


def flat(count: int, value: int = 1000) -> Samples:
    return np.full(count, value, np.int16)


def buffer(*, most_s: float = 600) -> PlaybackBuffer:
    return PlaybackBuffer(rate_hz=RATE_HZ, most_s=most_s)


def begun(count: int) -> PlaybackBuffer:
    """Return one that has played a sample of so many, each 1000."""
    made = buffer()
    made.write(flat(count))
    assert made.read(1).tolist() == [1000]
    return made


@given(writes=st.lists(st.integers(0, 30), max_size=8), reads=st.lists(st.integers(0, 30), max_size=12))
@settings(max_examples=40)
def test_what_is_read_is_what_was_written_and_then_silence(writes: list[int], reads: list[int]) -> None:
    made = buffer()
    stream = np.append(ramp(sum(writes) + PERIOD), np.int16(0))  # enough to begin, and its end is quiet
    for part in np.split(stream, np.cumsum(writes)):
        made.write(part)
    heard = np.concatenate([made.read(count) for count in reads]) if reads else ramp(0)
    expected = np.zeros(sum(reads), np.int16)
    played = min(len(stream), len(expected))
    expected[:played] = stream[:played]
    assert heard.tolist() == expected.tolist()
    assert len(made) == len(stream) - played
    assert made.written == len(stream)


def test_its_position_is_what_was_read_and_the_last_of_it_when_it_is_known_to_be_the_last() -> None:
    made = begun(20)
    assert made.position == 1
    made.read(19)
    assert (len(made), made.position) == (0, 19)  # it may go on
    made.read(FADE - 1)
    assert made.position == 19  # it rings out
    made.read(1)
    assert made.position == made.written == 20
    made.write(flat(3))
    assert made.position == 20


# -- where it begins -------------------------------------------------------------------------------------------------


def test_a_period_is_enough_to_begin_at_once() -> None:
    made = buffer()
    made.write(ramp(PERIOD))
    assert made.read(PERIOD).tolist() == ramp(PERIOD).tolist()


def test_an_answer_that_is_shorter_waits_for_a_period_and_is_then_heard_whole() -> None:
    made = buffer()
    made.write(ramp(3))
    assert not made.read(PERIOD).any()
    assert not made.sounds
    assert made.read(PERIOD).tolist() == [1, 2, 3] + [0] * 11
    assert made.sounds


# -- where it breaks off ---------------------------------------------------------------------------------------------


def test_what_runs_dry_in_mid_sound_rings_out_mirrored_and_fades_in_when_it_goes_on() -> None:
    made = buffer()
    made.write(np.append(flat(8, 0), np.array([100, 200, 300, 400, 500, 600], np.int16)))
    assert made.read(18).tolist() == [0] * 8 + [100, 200, 300, 400, 500, 600, 600, 333, 133, 0]
    assert not made.read(40).any()
    made.write(flat(30))  # two periods: as much as it must be now
    assert made.read(6).tolist() == [0, 333, 666, 1000, 1000, 1000]
    assert made.starved == 1


def test_it_rings_out_over_as_many_readings_as_it_takes() -> None:
    made = begun(PERIOD)
    assert made.read(PERIOD + 1).tolist() == [1000] * PERIOD + [666]
    made.write(flat(30))
    assert made.read(1).tolist() == [333]
    assert made.sounds
    assert made.read(7).tolist() == [0, 0, 333, 666, 1000, 1000, 1000]
    assert made.starved == 1


def test_an_answer_that_ends_in_silence_is_as_it_was_and_so_is_the_next() -> None:
    made = buffer()
    for _ in range(3):
        made.write(np.append(flat(20), flat(FADE, 3)))
        assert made.read(40).tolist() == [1000] * 20 + [3] * FADE + [0] * 16
    assert made.starved == 0


def test_what_comes_more_than_a_second_later_was_not_late_but_what_ended_in_mid_sound_may_go_on_in_mid_sound() -> None:
    made = begun(20)
    made.read(19 + FADE + SECOND + 1)
    made.write(flat(20))
    assert made.read(6).tolist() == [0, 333, 666, 1000, 1000, 1000]
    assert made.starved == 0


def test_an_answer_that_is_cut_off_hard_and_one_that_begins_softly_soon_after_it_are_two() -> None:
    made = begun(20)
    made.read(19 + FADE + SECOND // 2)
    softly = np.append(flat(FADE, 20), flat(PERIOD))
    made.write(softly)
    assert made.read(PERIOD + FADE)[FADE:].tolist() == [1000] * PERIOD
    assert made.starved == 0


def test_each_starvation_doubles_what_must_be_at_hand_and_each_good_answer_halves_it() -> None:
    made = buffer()

    def waits() -> int:
        """Play an answer that comes in pieces of a period, one each period; tell after how many it begins."""
        for periods in range(60):
            made.write(flat(PERIOD))
            if made.read(PERIOD).any():
                return periods
        raise AssertionError

    for expected in (0, 1, 3, 7, 15, 31, 39, 39):
        assert waits() == expected
        while len(made):
            made.read(PERIOD)
        made.read(PERIOD)  # it runs dry, and goes on
    assert made.starved == 7
    for expected in (39, 19, 9, 4):  # the first of these follows one that was not good
        made.read(2 * SECOND)
        assert waits() == expected
        made.interrupt()


def test_what_waits_to_begin_and_is_interrupted_is_forgotten() -> None:
    made = buffer()
    made.write(flat(3))
    made.read(PERIOD)
    assert made.interrupt() == 3
    made.write(ramp(3))
    assert not made.read(PERIOD).any()
    assert made.read(3).tolist() == [1, 2, 3]


# -- interruptions ---------------------------------------------------------------------------------------------------


def test_an_interruption_leaves_a_fade_and_says_what_is_lost() -> None:
    made = begun(101)
    assert made.interrupt() == 96
    assert made.position == 97
    assert made.read(6).tolist() == [1000, 666, 333, 0, 0, 0]
    assert len(made) == 0
    assert made.position == made.written == 101


def test_what_nobody_has_begun_to_hear_is_interrupted_without_a_sound() -> None:
    made = buffer()
    for _ in range(2):
        made.write(flat(100))
        assert made.interrupt() == 100
        assert made.read(3).tolist() == [0, 0, 0]
    made.write(flat(PERIOD))
    made.read(20)  # it has come to its end
    made.write(flat(9))
    assert made.interrupt() == 9
    assert made.position == made.written == 223
    assert not made.read(9).any()


def test_interrupted_twice_it_fades_on_without_a_step() -> None:
    made = PlaybackBuffer(rate_hz=20_000)
    made.write(flat(500, 10_000))
    heard = [made.read(50)]
    for _ in range(5):
        made.interrupt()
        heard.append(made.read(20))
    steps = np.diff(np.concatenate(heard).astype(int))
    assert (steps <= 0).all()
    assert steps.min() > -600
    assert not made.read(10).any()


def test_an_interruption_of_less_than_a_fade_fades_over_the_mirrored_end_and_one_of_nothing_is_harmless() -> None:
    made = buffer()
    assert made.interrupt() == 0
    made.write(ramp(14, first=86))
    made.read(13)
    assert made.interrupt() == 0
    assert made.read(6).tolist() == [99, 66, 32, 0, 0, 0]


def test_what_comes_after_an_interruption_is_heard_after_the_fade_unaltered() -> None:
    made = begun(50)
    made.interrupt()
    made.write(ramp(PERIOD))
    assert made.read(13).tolist() == [1000, 666, 333, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]


def test_a_fade_in_that_is_interrupted_is_not_continued_by_the_next_answer() -> None:
    made = begun(PERIOD)
    made.read(20)
    made.write(flat(30))
    assert made.read(2).tolist() == [0, 333]
    made.interrupt()
    assert made.read(4).tolist() == [666, 666, 333, 0]
    made.write(flat(30))
    assert made.read(2).tolist() == [1000, 1000]


# -- no room ---------------------------------------------------------------------------------------------------------


def test_where_there_is_no_room_the_oldest_gives_way_and_the_next_fades_in() -> None:
    made = buffer(most_s=0.143)  # 200 samples
    for value in (1000, 2000, 3000, 4000):
        made.write(flat(50, value))
    assert made.read(2).tolist() == [1000, 1000]
    assert made.write(flat(10, 5000)) == 44  # what was left of the first piece, but for the fade
    assert made.read(8).tolist() == [1000, 666, 333, 0, 0, 666, 1333, 2000]
    assert (made.written, made.position, len(made)) == (210, 54, 156)
    assert made.starved == 0


def test_what_gives_way_before_it_has_begun_is_not_heard_at_all() -> None:
    made = buffer(most_s=0.143)
    for value in (1000, 2000):
        assert made.write(flat(100, value)) == 0
    assert made.write(flat(1, 3000)) == 100
    assert made.read(5).tolist() == [0, 666, 1333, 2000, 2000]


def test_of_a_message_that_is_longer_than_everything_the_end_is_kept() -> None:
    made = buffer(most_s=0.143)
    made.write(flat(50))
    assert made.write(ramp(300)) == 150
    assert (len(made), made.written, made.position) == (200, 350, 150)
    assert made.read(6)[FADE:].tolist() == [105, 106]


def test_at_once_so_much_gives_way_that_there_is_room_for_ten_seconds() -> None:
    made = buffer()
    for _ in range(600):
        assert made.write(flat(SECOND)) == 0
    assert made.write(flat(1)) == 10 * SECOND
    for _ in range(9):
        assert made.write(flat(SECOND)) == 0


def test_small_pieces_do_not_cost_more_than_they_weigh() -> None:
    made = buffer()
    for _ in range(2000):
        made.write(ramp(1))
    assert len(made) == 2000
    assert len(made._pieces) <= 2000 / 15


# -- whatever the network does ---------------------------------------------------------------------------------------


def wave(count: int) -> Samples:
    """A sine that grows louder, so that every piece of it tells where it belongs."""
    louder = np.linspace(0.3, 1.0, count)
    grows: Samples = (LOUD * louder * np.sin(2 * np.pi * WAVE_HZ / 16_000 * np.arange(count))).astype(np.int16)
    return grows


def places(heard: Samples, stream: Samples, *, size: int = 40) -> list[int]:
    """Return where pieces of ``stream`` are heard, for one of every 500 samples; those that are not are left out."""
    said, pieces = heard.tobytes(), [stream[first : first + size] for first in range(100, len(stream) - size, 500)]
    assert all(said.count(piece.tobytes()) <= 1 for piece in pieces)
    return [place for piece in pieces if (place := said.find(piece.tobytes())) >= 0]


ARRIVALS = st.lists(st.tuples(st.sampled_from([0, 1, 79, 160, 320, 1111, 4000]), st.integers(1, 30)), max_size=12)


@given(arrivals=ARRIVALS)
@settings(max_examples=50, deadline=None)
def test_however_it_comes_it_is_heard_in_order_and_once_and_without_a_step(arrivals: list[tuple[int, int]]) -> None:
    made, stream = PlaybackBuffer(rate_hz=16_000), wave(12_000)
    reads, at = list[Samples](), 0
    for samples, periods in [*arrivals, (len(stream), 1)]:
        made.write(stream[at : at + samples])
        at += samples
        reads += [made.read(160) for _ in range(periods)]
    while made.position < made.written:
        reads.append(made.read(160))
        assert made.sounds or not reads[-1].any()
    assert made.written == len(stream)
    assert not made.read(1600).any()
    assert steepest(reads) <= 1.01 * STEEPEST + LOUD / 47
    found = places(np.concatenate(reads), stream)
    assert found == sorted(found)
    assert len(found) >= 24 - len(arrivals)  # the others begin with a fade


@given(arrivals=ARRIVALS, interrupted=st.sets(st.integers(0, 12)))
@settings(max_examples=50, deadline=None)
def test_whatever_is_cut_off_or_gives_way_is_so_without_a_step(
    arrivals: list[tuple[int, int]], interrupted: set[int]
) -> None:
    made, stream = PlaybackBuffer(rate_hz=16_000, most_s=0.25), wave(60_000)[6000:]  # which begins at 0
    reads, at = list[Samples](), 0
    for turn, (samples, periods) in enumerate(arrivals):
        if turn in interrupted:
            made.interrupt()
            at = 0
        made.write(stream[at : at + samples])
        at += samples
        reads += [made.read(160) for _ in range(periods)]
        assert len(made) <= 4000
    made.interrupt()
    reads.append(made.read(160))
    assert made.position == made.written
    assert steepest(reads) <= 1.01 * STEEPEST + LOUD / 47


def steepest(reads: list[Samples]) -> int:
    return int(np.abs(np.diff(np.concatenate(reads).astype(int), prepend=0, append=0)).max())


def test_a_stream_that_comes_at_its_own_pace_waits_as_long_after_hours_as_at_first() -> None:
    made = buffer()
    made.write(flat(SECOND // 5))
    for _ in range(3 * 3600):
        made.write(flat(SECOND))
        for _ in range(10):
            made.read(SECOND // 10)
        assert len(made) == SECOND // 5
    assert made.starved == 0
