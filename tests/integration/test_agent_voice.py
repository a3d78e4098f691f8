"""Synthesisers as programs: one that works, and all the ways in which one does not."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from talkbox_agent import voice
from talkbox_agent.audio import RATE_HZ, Samples
from talkbox_agent.errors import VoiceError
from talkbox_agent.voice import EspeakSpeaker, FliteSpeaker

pytestmark = pytest.mark.integration

WRITES_WAV = "import sys, wave; w = wave.open(sys.stdout.buffer, 'wb'); w.setparams((1, 2, 8000, 0, 'NONE', '')); "
WRITES_WAV += "w.writeframesraw(b'\\x01\\x00' * 800); sys.stdout.buffer.flush(); import os; os._exit(0)"


def program(folder: Path, name: str, python: str) -> None:
    """Put a program of this name into the folder."""
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{python}\n")
    path.chmod(0o755)


def speak(speaker: FliteSpeaker | EspeakSpeaker) -> Samples:
    return asyncio.run(speaker.speak("hello", greeting=False, voice_id="", speed=1.0))


@pytest.mark.parametrize(("name", "speaker"), [("flite", FliteSpeaker()), ("espeak-ng", EspeakSpeaker())])
def test_what_a_program_writes_is_spoken(
    name: str, speaker: FliteSpeaker | EspeakSpeaker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, name, WRITES_WAV)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert len(speak(speaker)) == RATE_HZ // 10


@pytest.mark.parametrize(
    ("python", "complaint"),
    [
        ("import sys; sys.exit('out of breath')", "flite ended with 1: out of breath"),
        ("print('hm')", "no WAV file"),
        ("import time; time.sleep(600)", "flite gave nothing within 0.5 s"),
    ],
)
def test_a_program_that_fails_is_an_error(
    python: str, complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "flite", python)
    monkeypatch.setenv("PATH", str(tmp_path))
    # Only the one that sleeps meets its end this way; the others may be slow to start.
    monkeypatch.setattr(voice, "_SYNTHESIS_TIMEOUT_S", 0.5 if "sleep" in python else 30.0)
    with pytest.raises(VoiceError, match=complaint):
        speak(FliteSpeaker())


def test_a_program_that_is_not_there_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(VoiceError, match="flite does not start"):
        speak(FliteSpeaker())
