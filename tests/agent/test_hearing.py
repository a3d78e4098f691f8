from __future__ import annotations

import numpy as np
import pytest

from talkbox_agent.audio import RATE_HZ, tone
from talkbox_agent.hearing import UNKNOWN, DeafRecognizer, count_loud_frames, new_voice_detector
from talkbox_agent.turns import FRAME
from tests.support.virtual_time import run


def test_the_deaf_hear_that_something_was_said() -> None:
    assert run(DeafRecognizer().recognize(np.zeros(100, np.int16))) == UNKNOWN


def test_loud_frames_are_those_near_the_loudest() -> None:
    sound = np.concatenate([tone(500, 0.1), tone(500, 0.2, level_db=-40), tone(500, 0.05), np.zeros(50, np.int16)])
    assert count_loud_frames(sound) == 15
    assert count_loud_frames(np.zeros(RATE_HZ, np.int16)) == 0
    assert count_loud_frames(np.zeros(10, np.int16)) == 0


def test_silence_and_whispers_of_noise_are_no_voice() -> None:
    pytest.importorskip("pocketsphinx")
    is_voice = new_voice_detector()
    noise = np.random.default_rng(0).integers(-20, 20, FRAME, dtype=np.int16)
    assert not any(is_voice(frame) for frame in [np.zeros(FRAME, np.int16), noise] * 10)
