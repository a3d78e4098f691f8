import numpy as np
import pytest

from talkbox.audio.cues import NOTES, Cue, render


def test_every_cue_has_a_sound_of_its_own() -> None:
    assert set(NOTES) == set(Cue)
    assert len(set(NOTES.values())) == len(Cue)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@pytest.mark.parametrize("cue", Cue)
def test_a_cue_is_short_soft_and_does_not_click(cue: Cue, rate_hz: int) -> None:
    samples = render(cue, rate_hz).astype(np.int32)
    assert 0.05 < len(samples) / rate_hz < 0.7
    assert 2000 < np.abs(samples).max() <= 4126  # about -18 dBFS
    assert samples[0] == samples[-1] == 0
    assert (
        np.abs(np.diff(samples)).max() < 4126 * 2 * np.pi * 1046.5 * 1.4 / rate_hz
    )  # no steeper than its highest tone
    assert np.abs(samples[: rate_hz // 1000]).max() < 200  # the first ms
    assert np.abs(samples[-rate_hz // 1000 :]).max() < 200


def test_a_cue_is_made_once_and_nobody_can_spoil_it() -> None:
    assert render(Cue.START, 16_000) is render(Cue.START, 16_000)
    with pytest.raises(ValueError, match="read-only"):
        render(Cue.START, 16_000)[0] = 1
