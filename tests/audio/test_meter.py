import numpy as np

from talkbox.audio.meter import Meter


def block(amplitude: int, *, count: int = 160) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    return np.full(count, amplitude, np.int16)


def test_silence_is_0_and_full_scale_is_1() -> None:
    meter = Meter()
    meter.feed(block(0), rate_hz=16_000)
    assert meter.level == 0
    meter.feed(block(-32768), rate_hz=16_000)
    assert meter.level == 1


def test_30_db_below_full_scale_is_half() -> None:
    meter = Meter()
    meter.feed(block(1036), rate_hz=16_000)
    assert abs(meter.level - 0.5) < 0.001


def test_it_rises_at_once_and_falls_within_a_second() -> None:
    meter = Meter()
    meter.feed(block(32767), rate_hz=16_000)
    meter.feed(block(0), rate_hz=16_000)
    assert abs(meter.level - 0.99) < 0.001
    for _ in range(100):
        meter.feed(block(0), rate_hz=16_000)
    assert meter.level == 0


def test_nothing_changes_nothing() -> None:
    meter = Meter()
    meter.feed(block(32767), rate_hz=16_000)
    before = meter.level
    meter.feed(block(0, count=0), rate_hz=16_000)
    assert meter.level == before
