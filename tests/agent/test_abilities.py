from __future__ import annotations

import sys
from datetime import UTC, datetime

import pytest

from talkbox_agent.abilities import find_abilities
from talkbox_agent.hearing import DeafRecognizer
from talkbox_agent.turns import loud
from talkbox_agent.voice import ToneSpeaker


def noon() -> datetime:
    return datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_tones_need_nothing_and_say_nothing_about_it(caplog: pytest.LogCaptureFixture) -> None:
    abilities = find_abilities(tones=True, voice="", now=noon)
    assert isinstance(abilities.speaker, ToneSpeaker)
    assert isinstance(abilities.recognizer, DeafRecognizer)
    assert abilities.new_voice_detector() is loud
    assert abilities.now is noon
    assert not caplog.messages


def test_what_is_missing_is_said_once_with_its_remedy(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talkbox_agent.voice.shutil.which", lambda _program: None)
    monkeypatch.setitem(sys.modules, "pocketsphinx", None)
    abilities = find_abilities(tones=False, voice="", now=noon)
    assert isinstance(abilities.speaker, ToneSpeaker)
    assert caplog.messages == [
        "no voice, so tones instead: install one with: sudo apt install flite",
        "no recognition, so every turn gets a tone: install it with: pip install 'talkbox[agent]'",
    ]
