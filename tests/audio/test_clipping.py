import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.audio.clipping import FULL, ROW, ClipWatch, at_full_scale
from talkbox.audio.formats import Samples


def seen(samples: Samples, sizes: list[int], *, channels: int = 1) -> bool:
    """Whether anything is found in ``samples``, in pieces of so many frames, again and again."""
    watch, found, at, n = ClipWatch(channels=channels), False, 0, 0
    while at < len(samples):
        count = sizes[n % len(sizes)] * channels
        found |= watch.feed(samples[at : at + count])
        at, n = at + count, n + 1
    return found


@given(
    at=st.integers(0, 90),
    row=st.integers(1, 8),
    level=st.sampled_from([FULL - 1, FULL, 32767, -FULL, -32768]),
    channel=st.integers(0, 2),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
def test_a_row_at_full_scale_is_found_wherever_it_lies_and_however_it_is_cut(
    at: int, row: int, level: int, channel: int, sizes: list[int]
) -> None:
    frames = np.random.default_rng(1).integers(-3000, 3000, (100, 3)).astype(np.int16)
    frames[at : at + row, channel] = level
    assert seen(frames.reshape(-1), sizes, channels=3) is (abs(level) >= FULL and row >= ROW)


def test_a_sound_that_only_just_fits_is_not_cut_off() -> None:
    at_s = np.arange(16_000) / 16_000
    tone = (32_767 * np.sin(2 * np.pi * 440 * at_s)).astype(np.int16)
    assert not seen(tone, [160])
    assert seen(np.clip(tone * 1.1, -32768, 32767).astype(np.int16), [160])


@pytest.mark.parametrize("channels", [1, 2])
def test_two_channels_at_full_scale_in_turn_are_no_row(channels: int) -> None:
    samples = np.array([0, 0, 32767, 32767, 32767, 0, 0, 0], np.int16)
    assert seen(samples, [2], channels=channels) is (channels == 1)


def test_nothing_is_nothing() -> None:
    assert not ClipWatch().feed(np.zeros(0, np.int16))


def test_a_frame_is_at_full_scale_where_a_channel_is() -> None:
    frames = np.array([0, 0, FULL, 0, 0, -FULL, FULL - 1, 1 - FULL], np.int16)
    assert at_full_scale(frames, channels=2).tolist() == [False, True, True, False]
    assert not len(at_full_scale(frames[:0], channels=2))
