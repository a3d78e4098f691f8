from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_agent.audio import RATE_HZ, Samples, tone
from talkbox_agent.turns import (
    FRAME,
    TurnBegan,
    TurnDetector,
    TurnEnded,
    TurnEvent,
    TurnSettings,
    VadScore,
    Voice,
    loud,
)


def silence(duration_s: float) -> Samples:
    return np.zeros(round(duration_s * RATE_HZ), np.int16)


def detect(*sounds: Samples, settings: TurnSettings | None = None) -> list[TurnEvent]:
    return list(TurnDetector(loud, settings or TurnSettings(), score_every_s=0).feed(np.concatenate(sounds)))


def ends(events: list[TurnEvent]) -> list[TurnEnded]:
    return [event for event in events if isinstance(event, TurnEnded)]


def test_a_turn_has_its_sound_and_a_little_before_and_after() -> None:
    events = detect(silence(2.01), tone(500, 1.2), silence(1.2))
    (end,) = ends(events)
    assert isinstance(events[0], TurnBegan)
    assert end.voice_s == pytest.approx(1.2)
    assert np.any(end.samples[-round(0.65 * RATE_HZ) :])
    assert not np.any(end.samples[-round(0.6 * RATE_HZ) :])
    assert len(end.samples) / RATE_HZ == pytest.approx(0.45 + 1.2 + 0.6, abs=0.04)


def test_silence_has_no_turn() -> None:
    assert detect(silence(3)) == []


def test_a_click_is_no_turn() -> None:
    assert detect(silence(0.3), tone(500, 0.12), silence(1)) == []


def test_a_pause_for_breath_does_not_end_a_turn() -> None:
    (end,) = ends(detect(tone(500, 0.6), silence(0.51), tone(500, 0.6), silence(1)))
    assert end.voice_s == pytest.approx(1.2, abs=0.04)


def test_a_longer_pause_does() -> None:
    assert len(ends(detect(tone(500, 0.6), silence(0.7), tone(500, 0.6), silence(1)))) == 2


def test_a_turn_without_end_is_cut() -> None:
    assert len(ends(detect(tone(500, 5), settings=TurnSettings(max_turn_s=2.0)))) == 2


def test_voice_is_counted_over_the_last_half_second() -> None:
    recent = [event.recent_s for event in detect(tone(500, 2)) if isinstance(event, Voice)]
    assert recent[0] == pytest.approx(0.15)
    assert recent[-1] == pytest.approx(0.51)


def test_sound_that_stops_ends_the_turn_when_told() -> None:
    detector = TurnDetector(loud, TurnSettings(), score_every_s=0)
    assert list(detector.stop()) == []
    assert not len(detector.so_far())
    list(detector.feed(tone(500, 1)))
    assert detector.in_turn
    assert len(detector.so_far()) == pytest.approx(RATE_HZ, abs=FRAME)
    assert len(list(detector.stop())) == 1
    assert not detector.in_turn


def test_scores_are_the_share_of_voice() -> None:
    detector = TurnDetector(loud, TurnSettings(), score_every_s=0.3)
    events = detector.feed(np.concatenate([silence(0.3), tone(500, 0.15), silence(0.15), tone(500, 0.3)]))
    assert [event.score for event in events if isinstance(event, VadScore)] == [0, 0.5, 1]


@given(st.lists(st.integers(0, 3000), max_size=20))
def test_the_cutting_of_the_sound_changes_nothing(sizes: list[int]) -> None:
    sound = np.concatenate([silence(0.4), tone(500, 0.5), silence(0.7)])
    detector = TurnDetector(loud, TurnSettings(), score_every_s=0.3)
    cuts = np.minimum(np.cumsum(sizes), len(sound)).astype(int).tolist()
    events = [event for part in np.split(sound, cuts) for event in detector.feed(part)]
    whole = list(TurnDetector(loud, TurnSettings(), score_every_s=0.3).feed(sound))
    assert [repr(event) for event in events] == [repr(event) for event in whole]


def test_loudness_is_a_matter_of_level() -> None:
    assert loud(tone(500, 0.03, level_db=-40))
    assert not loud(tone(500, 0.03, level_db=-50))
    assert loud(tone(500, 0.03, level_db=-50), floor_dbfs=-60)
