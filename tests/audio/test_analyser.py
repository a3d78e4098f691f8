from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from talkbox.audio.analyser import Analyser

VECTORS = Path(__file__).parent.parent / "support" / "vectors"
SCHEDULES = sorted({name.rpartition("/")[0] for name in np.load(VECTORS / "analyser.npz").files})


def differences(schedule: str) -> NDArray[np.int16]:
    """Ours minus Chromium's, over every byte of one schedule of readings."""
    recorded = np.load(VECTORS / "analyser.npz")
    samples = np.fromfile(VECTORS / f"{schedule.partition('__')[0]}.s16le", "<i2")
    analyser, fed, ours = Analyser(), 0, []
    for frames in recorded[f"{schedule}/frames"]:
        analyser.feed(samples[fed:frames])
        fed = frames
        ours.append(analyser.byte_frequency_data())
    found: NDArray[np.int16] = (np.array(ours).astype(np.int16) - recorded[f"{schedule}/byte"]).ravel()
    return found


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_it_reads_as_in_chromium(schedule: str) -> None:
    assert abs(differences(schedule)).max() <= 1


def test_at_most_one_byte_in_10_000_differs() -> None:
    found = np.concatenate([differences(schedule) for schedule in SCHEDULES])
    assert len(found) == 297_984
    assert np.count_nonzero(found) <= len(found) / 10_000


def test_the_volume_is_the_mean() -> None:
    analyser = Analyser(smoothing=0)
    analyser.feed(np.random.default_rng(1).integers(-3000, 3000, 4096).astype(np.int16))
    data = analyser.byte_frequency_data()
    assert data.shape == (1024,)
    assert analyser.volume() == pytest.approx(data.mean() / 255)
    assert 0.4 < analyser.volume() < 1


def test_silence_is_0() -> None:
    analyser = Analyser()
    assert analyser.volume() == 0
    analyser.feed(np.zeros(0, np.int16))
    analyser.feed(np.zeros(10_000, np.int16))
    assert not analyser.byte_frequency_data().any()


def test_a_second_reading_of_the_same_sound_smooths_no_further() -> None:
    analyser = Analyser()
    analyser.feed(np.full(2048, 20_000, np.int16))
    first = analyser.byte_frequency_data()
    assert np.array_equal(analyser.byte_frequency_data(), first)
    analyser.feed(np.full(1, 20_000, np.int16))
    assert not np.array_equal(analyser.byte_frequency_data(), first)


@pytest.mark.parametrize(
    "wrong", [{"fft_size": 1000}, {"fft_size": 16}, {"fft_size": 65536}, {"smoothing": 1.0}, {"floor_db": -30.0}]
)
def test_an_argument_out_of_range_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"fft_size|smoothing|floor_db"):
        Analyser(**wrong)  # type: ignore[arg-type]
