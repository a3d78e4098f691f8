import numpy as np
import pytest

from talkbox.audio.formats import Samples
from talkbox.audio.gate import FADE_S, Gate

LOUD = 30_000


def passed(shut: list[bool], *, rate_hz: int, piece: int) -> Samples:
    """What becomes of the loudest there is, a piece for each of `shut`."""
    gate = Gate()
    return np.concatenate([gate.process(np.full(piece, LOUD, np.int16), shut=now, rate_hz=rate_hz) for now in shut])


@pytest.mark.parametrize("shut", [True, False])
def test_what_a_stream_begins_with_passes_whole_or_not_at_all(shut: bool) -> None:
    assert set(passed([shut, shut], rate_hz=16_000, piece=160).tolist()) == {0 if shut else LOUD}


@pytest.mark.parametrize("piece", [7, 48, 160, 960])
@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 44_100])
def test_however_the_stream_is_cut_it_is_shut_and_opened_within_3_ms_without_a_step(rate_hz: int, piece: int) -> None:
    pieces = 1 + rate_hz // 100 // piece
    out = passed([*[False] * pieces, *[True] * pieces, *[False] * pieces], rate_hz=rate_hz, piece=piece).astype(int)
    fade, third = int(FADE_S * rate_hz) + 1, len(out) // 3
    assert (out[:third] == LOUD).all()
    assert not out[third + fade : 2 * third].any()
    assert (out[2 * third + fade :] == LOUD).all()
    assert np.abs(np.diff(out)).max() <= LOUD / (FADE_S * rate_hz) + 1


def test_a_change_of_mind_in_mid_fade_goes_on_from_there_and_nothing_changes_nothing() -> None:
    gate = Gate()
    sound = np.full(24, LOUD, np.int16)
    gate.process(sound, shut=False, rate_hz=16_000)
    assert gate.process(sound, shut=True, rate_hz=16_000)[-1] == LOUD / 2
    assert not len(gate.process(sound[:0], shut=False, rate_hz=16_000))
    assert gate.process(sound, shut=False, rate_hz=16_000)[[0, -1]].tolist() == [LOUD / 2 + LOUD / 48, LOUD]
