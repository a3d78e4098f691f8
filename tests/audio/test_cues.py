import numpy as np
import pytest
from numpy.typing import NDArray

from talkbox.audio.cues import CHIMES, Cue, render


def tone_hz(samples: NDArray[np.int16], *, rate_hz: int) -> float:
    """The strongest tone."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), n=1 << 16))
    return float(np.argmax(spectrum)) * rate_hz / (1 << 16)


def tones(cue: Cue) -> list[float]:
    return [note.hz for note in CHIMES[cue].notes]


def test_every_cue_has_a_sound_of_its_own() -> None:
    assert set(CHIMES) == set(Cue)
    assert len(set(CHIMES.values())) == len(Cue)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@pytest.mark.parametrize("cue", Cue)
def test_a_cue_is_short_soft_and_does_not_click(cue: Cue, rate_hz: int) -> None:
    samples = render(cue, rate_hz).astype(np.int32)
    assert 0.05 < len(samples) / rate_hz < 0.7
    assert np.abs(samples).max() == 4125  # -18 dBFS
    assert samples[0] == samples[-1] == 0
    # No steeper than its highest tone and that tone's partials.
    assert np.abs(np.diff(samples)).max() < 4126 * 2 * np.pi * 1046.5 * 1.9 / rate_hz
    assert np.abs(samples[: rate_hz // 2000]).max() < 200  # the first half of a millisecond
    assert np.abs(samples[-rate_hz // 200 :]).max() < 30  # the last five
    assert abs(samples.mean()) < 10


@pytest.mark.parametrize("cue", Cue)
def test_a_cue_can_be_heard_on_a_small_loudspeaker(cue: Cue) -> None:
    assert min(tones(cue)) > 350


def test_what_begins_rises_and_what_ends_is_the_same_backwards() -> None:
    for begins, ends in ((Cue.START, Cue.END), (Cue.UNMUTE, Cue.MUTE)):
        assert tones(begins) == sorted(tones(begins)) == tones(ends)[::-1]
    assert tones(Cue.READY) == sorted(tones(Cue.READY))
    assert tones(Cue.ERROR) == sorted(tones(Cue.ERROR), reverse=True)


def test_the_notes_of_the_table_are_those_that_are_heard() -> None:
    samples = render(Cue.START, 16_000)
    first, last = samples[:1440], samples[1440:]
    assert tone_hz(first, rate_hz=16_000) == pytest.approx(783.99, rel=0.01)
    assert tone_hz(last, rate_hz=16_000) == pytest.approx(1046.5, rel=0.01)


def test_a_cue_rings_out() -> None:
    samples = render(Cue.LIMIT, 16_000).astype(float)
    quarters = [float(np.sqrt(np.mean(part**2))) for part in np.array_split(samples, 4)]
    assert quarters == sorted(quarters, reverse=True)


def test_a_cue_is_made_once_and_nobody_can_spoil_it() -> None:
    assert render(Cue.START, 16_000) is render(Cue.START, 16_000)
    with pytest.raises(ValueError, match="read-only"):
        render(Cue.START, 16_000)[0] = 1
