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
    buffer.write(np.full(100, 1000, np.int16))
    assert buffer.interrupt() == 96
    assert buffer.read(6).tolist() == [1000, 666, 333, 0, 0, 0]
    assert len(buffer) == 0
    assert buffer.position == buffer.written == 100


def test_an_interruption_of_less_than_a_fade_loses_nothing_and_one_of_nothing_is_harmless() -> None:
    buffer = PlaybackBuffer(fade=4)
    assert buffer.interrupt() == 0
    buffer.write(np.full(2, 1000, np.int16))
    assert buffer.interrupt() == 0
    assert buffer.read(2).tolist() == [1000, 0]


def test_what_comes_after_an_interruption_is_heard_after_the_fade() -> None:
    buffer = PlaybackBuffer(fade=2)
    buffer.write(np.full(50, 1000, np.int16))
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
