from __future__ import annotations

import io
import wave

import numpy as np
import pytest

from talkbox_agent.audio import RATE_HZ, tone
from talkbox_agent.errors import MissingVoice, VoiceError
from talkbox_agent.voice import EspeakSpeaker, FliteSpeaker, Speaker, ToneSpeaker, find_voice, read_wav
from tests.support.virtual_time import run


def wav(rate_hz: int, *, channels: int = 1, width: int = 2, frames: int = 100) -> bytes:
    content = io.BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate_hz)
        file.writeframes(bytes(channels * width * frames))
    return content.getvalue()


def test_tones_greet_and_answer_always_the_same() -> None:
    async def speak(*, greeting: bool) -> int:
        return len(await ToneSpeaker().speak("any text", greeting=greeting, voice_id="", speed=1.0))

    assert run(speak(greeting=True)) == RATE_HZ
    assert run(speak(greeting=False)) == 3 * RATE_HZ
    assert not ToneSpeaker().by_sentence


@pytest.mark.parametrize(
    ("name", "installed", "voice"),
    [
        ("", "flite espeak-ng", FliteSpeaker("slt")),
        ("kal16", "flite espeak-ng", FliteSpeaker("kal16")),
        ("", "espeak-ng", EspeakSpeaker("en")),
        ("de", "flite espeak-ng", EspeakSpeaker("de")),
        ("", "", None),
    ],
)
def test_the_best_voice_that_is_installed_is_found(
    name: str, installed: str, voice: Speaker | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talkbox_agent.voice.shutil.which", lambda program: program in installed.split())
    assert find_voice(name) == voice


@pytest.mark.parametrize(("name", "installed"), [("slt", "espeak-ng"), ("de", "flite"), ("nobody", "")])
def test_a_voice_that_is_not_there_is_an_error_with_a_remedy(
    name: str, installed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talkbox_agent.voice.shutil.which", lambda program: program in installed.split())
    with pytest.raises(MissingVoice, match=f"no voice called '{name}'") as caught:
        find_voice(name)
    assert "apt install flite" in caught.value.hint


def test_tones_are_a_voice_too() -> None:
    assert isinstance(find_voice("tones"), ToneSpeaker)


def test_a_wav_file_is_read_at_the_agents_rate() -> None:
    assert len(read_wav(wav(8000))) == 200


def test_the_sizes_of_a_header_written_to_a_pipe_are_not_believed() -> None:
    sound = tone(500, 0.1)
    content = wav(RATE_HZ, frames=0)
    for size in (b"\0\0\0\0", b"\xff\xff\xff\x7f"):
        broken = content[:-4] + size + sound.tobytes() + b"\0"
        assert np.array_equal(read_wav(broken), sound)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no WAV file"),
        (b"RIFFxxxxWAVE", "no WAV file"),
        (wav(16000, channels=2), "2 channels of 16 bits"),
        (wav(16000, width=1), "1 channels of 8 bits"),
        (wav(16000, frames=0), "empty"),
    ],
)
def test_what_is_no_speech_is_an_error(content: bytes, complaint: str) -> None:
    with pytest.raises(VoiceError, match=complaint):
        read_wav(content)
