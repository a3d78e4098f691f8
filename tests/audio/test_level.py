import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.audio.formats import Samples
from talkbox.audio.frames import from_mono
from talkbox.audio.level import MicLevel, Overdriven


def level(gain_db: float = 0.0, *, channels: int = 2, sample_bytes: int = 2) -> MicLevel:
    return MicLevel(rate_hz=16_000, channels=channels, sample_bytes=sample_bytes, gain_db=gain_db)


def alternating(peak: int, count: int = 160) -> Samples:
    """Without an offset: three samples up, three down."""
    return np.tile(np.repeat([peak, -peak], 3), count // 6 + 1)[: count // 6 * 6].astype(np.int16)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("sample_bytes", [2, 4])
def test_without_a_gain_frames_become_samples_and_nothing_else(channels: int, sample_bytes: int) -> None:
    made = level(channels=channels, sample_bytes=sample_bytes)
    sound = alternating(12_345)
    frames = from_mono(sound, channels=channels, sample_bytes=sample_bytes)
    assert made.process(frames).tolist() == sound.tolist()
    assert made.overdriven is None


def test_an_offset_is_not_made_louder() -> None:
    sound = alternating(1000)
    louder = level(20.0, channels=1).process((sound + 2000).astype("<i2").tobytes())
    assert louder.tolist() == (sound * 10).tolist()


@given(gain_db=st.floats(0, 30), peak=st.integers(1, 32_767))
def test_a_gain_makes_louder_and_cuts_off_what_does_not_fit(gain_db: float, peak: int) -> None:
    made = level(gain_db, channels=1)
    heard = made.process(alternating(peak).tobytes())
    assert int(heard.max()) == pytest.approx(min(peak * 10 ** (gain_db / 20), 32_767), abs=1)
    assert int(heard.min()) == pytest.approx(max(-peak * 10 ** (gain_db / 20), -32_768), abs=1)


@pytest.mark.parametrize(
    ("peak", "gain_db", "where"),
    [
        (20_000, 0.0, None),
        (20_000, 3.0, None),
        (20_000, 12.0, Overdriven.GAIN),
        (32_767, 0.0, Overdriven.CARD),
        (32_767, 12.0, Overdriven.CARD),
    ],
)
def test_where_sound_was_cut_off_is_told_apart(peak: int, gain_db: float, where: Overdriven | None) -> None:
    made = level(gain_db)
    made.process(from_mono(alternating(peak), channels=2, sample_bytes=2))
    assert made.overdriven is where
    made.process(from_mono(alternating(100), channels=2, sample_bytes=2))
    assert made.overdriven is None


def test_one_microphone_of_two_is_enough() -> None:
    frames = np.stack([alternating(32_767), alternating(10)], axis=1).astype("<i2")
    made = level()
    assert int(made.process(frames.tobytes()).max()) < 17_000
    assert made.overdriven is Overdriven.CARD
