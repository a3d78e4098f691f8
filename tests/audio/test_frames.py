import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from talkbox.audio.formats import Samples
from talkbox.audio.frames import averaged, from_mono, interleaved

samples_of_a_card = st.lists(st.integers(-32768, 32767), max_size=20)


def to_mono(payload: bytes, *, channels: int, sample_bytes: int) -> Samples:
    return averaged(interleaved(payload, sample_bytes=sample_bytes), channels=channels)


@given(values=samples_of_a_card)
@settings(max_examples=20)
@pytest.mark.parametrize("channels", [1, 2, 8])
@pytest.mark.parametrize("sample_bytes", [2, 4])
def test_what_is_said_on_every_channel_is_heard_as_it_was(sample_bytes: int, channels: int, values: list[int]) -> None:
    samples = np.array(values, np.int16)
    payload = from_mono(samples, channels=channels, sample_bytes=sample_bytes)
    assert len(payload) == len(samples) * channels * sample_bytes
    assert to_mono(payload, channels=channels, sample_bytes=sample_bytes).tolist() == values


def test_two_microphones_are_averaged() -> None:
    frames = np.array([[100, 300], [-32768, -32768], [32767, 32767]], "<i2").tobytes()
    assert to_mono(frames, channels=2, sample_bytes=2).tolist() == [200, -32768, 32767]


def test_of_32_bits_the_upper_16_count() -> None:
    assert to_mono(np.array([0x0123_4567, -1], "<i4").tobytes(), channels=1, sample_bytes=4).tolist() == [0x0123, -1]
    assert from_mono(np.array([-2], np.int16), channels=1, sample_bytes=4) == b"\x00\x00\xfe\xff"
