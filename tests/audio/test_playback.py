import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.playback import PlaybackBuffer


def ramp(count: int, *, first: int = 1) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.arange(first, first + count, dtype=np.int16)


@given(writes=st.lists(st.integers(0, 30), max_size=8), reads=st.lists(st.integers(0, 30), max_size=12))
@settings(max_examples=40)
def test_what_is_read_is_what_was_written_and_then_silence(writes: list[int], reads: list[int]) -> None:
    buffer = PlaybackBuffer()
    stream = ramp(sum(writes))
    for part in np.split(stream, np.cumsum(writes)):
        buffer.write(part)
    heard = np.concatenate([buffer.read(count) for count in reads]) if reads else ramp(0)
    expected = np.zeros(sum(reads), np.int16)
    played = min(len(stream), len(expected))
    expected[:played] = stream[:played]
    assert heard.tolist() == expected.tolist()
    assert len(buffer) == len(stream) - played
    assert buffer.position == played
    assert buffer.written == len(stream)


def test_an_interruption_leaves_a_fade_and_says_what_is_lost() -> None:
    buffer = PlaybackBuffer(fade=4)
    buffer.write(np.full(101, 1000, np.int16))
    buffer.read(1)
    assert buffer.interrupt() == 96
    assert buffer.read(6).tolist() == [1000, 666, 333, 0, 0, 0]
    assert len(buffer) == 0
    assert buffer.position == buffer.written == 101


def test_what_nobody_has_begun_to_hear_is_interrupted_without_a_sound() -> None:
    buffer = PlaybackBuffer(fade=4)
    for _ in range(2):
        buffer.write(np.full(100, 1000, np.int16))
        assert buffer.interrupt() == 100
        assert buffer.read(3).tolist() == [0, 0, 0]
    buffer.write(ramp(2))
    buffer.read(3)  # it has come to its end
    buffer.write(ramp(9))
    assert buffer.interrupt() == 9
    assert buffer.position == buffer.written == 211


def test_interrupted_twice_it_fades_on_without_a_step() -> None:
    buffer = PlaybackBuffer(fade=100)
    buffer.write(np.full(500, 10_000, np.int16))
    heard = [buffer.read(50)]
    for _ in range(5):
        buffer.interrupt()
        heard.append(buffer.read(20))
    steps = np.diff(np.concatenate(heard))
    assert (steps <= 0).all()
    assert steps.min() > -600
    assert not buffer.read(10).any()


def test_an_interruption_of_less_than_a_fade_loses_nothing_and_one_of_nothing_is_harmless() -> None:
    buffer = PlaybackBuffer(fade=4)
    assert buffer.interrupt() == 0
    buffer.write(np.full(3, 1000, np.int16))
    buffer.read(1)
    assert buffer.interrupt() == 0
    assert buffer.read(2).tolist() == [1000, 0]


def test_what_comes_after_an_interruption_is_heard_after_the_fade() -> None:
    buffer = PlaybackBuffer(fade=2)
    buffer.write(np.full(50, 1000, np.int16))
    buffer.read(1)
    buffer.interrupt()
    buffer.write(ramp(3))
    assert buffer.read(5).tolist() == [1000, 0, 1, 2, 3]


def test_there_is_a_bound_and_what_is_beyond_it_is_not_taken() -> None:
    buffer = PlaybackBuffer(most=10)
    assert buffer.write(ramp(8)) == 0
    assert buffer.write(ramp(8)) == 6
    assert buffer.write(ramp(1)) == 1
    assert len(buffer) == buffer.written == 10
    buffer.read(4)
    assert buffer.write(ramp(4)) == 0
