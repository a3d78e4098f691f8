"""
Voices: text in, samples out. The only module that starts a synthesiser.

`find_voice` picks one of what is installed; tones need nothing and are always the same.
"""

from __future__ import annotations

import asyncio
import io
import shutil
import wave
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .audio import RATE_HZ, Samples, resample, tone
from .errors import MissingVoice, VoiceError

FLITE_VOICES = ("slt", "rms", "awb", "kal16", "kal")
_SYNTHESIS_TIMEOUT_S = 30.0

GREETING_TONE = tone(440, 1.0)
ANSWER_TONE = tone(660, 3.0)


class Speaker(Protocol):
    """Something that can say a sentence."""

    @property
    def by_sentence(self) -> bool:
        """Whether an answer may be said sentence by sentence."""
        ...

    async def speak(self, text: str, *, greeting: bool, voice_id: str, speed: float) -> Samples:
        """
        Say ``text``.

        Args:
            text: One sentence or more.
            greeting: Whether it opens the conversation.
            voice_id: The voice a client asked for; one that is not known is ignored.
            speed: 1 is normal, more is faster.

        Raises:
            VoiceError: If there is nothing to play.
        """
        ...


class ToneSpeaker:
    """Says everything with a tone: 440 Hz for 1 s to greet, 660 Hz for 3 s to answer, peaks at -12 dBFS."""

    by_sentence = False

    async def speak(self, text: str, *, greeting: bool, voice_id: str, speed: float) -> Samples:  # noqa: ARG002  a tone says it all
        """Give the tone."""
        return GREETING_TONE if greeting else ANSWER_TONE


@dataclass(frozen=True, slots=True)
class FliteSpeaker:
    """Festival's small sister: about thirty times faster than real time on a PC."""

    voice: str = "slt"
    by_sentence: bool = True

    async def speak(self, text: str, *, greeting: bool, voice_id: str, speed: float) -> Samples:  # noqa: ARG002  says all alike
        """Run `flite`, which writes a WAV file to its standard output."""
        voice = voice_id if voice_id in FLITE_VOICES else self.voice
        stretch = f"duration_stretch={1 / speed:.3f}"
        return await _run("flite", "-voice", voice, "--setf", stretch, "-t", text, "-o", "/dev/stdout")


@dataclass(frozen=True, slots=True)
class EspeakSpeaker:
    """The robot of many languages; recognisers hardly understand it."""

    voice: str = "en"
    by_sentence: bool = True

    async def speak(self, text: str, *, greeting: bool, voice_id: str, speed: float) -> Samples:  # noqa: ARG002  says all alike
        """Run `espeak-ng`, which writes a WAV file to its standard output."""
        return await _run("espeak-ng", "--stdout", "-v", self.voice, "-s", str(round(160 * speed)), "--", text)


def find_voice(name: str = "") -> Speaker | None:
    """
    Find the voice called ``name``, or without a name the best one here.

    Returns:
        `None` if no name was given and neither flite nor espeak-ng is installed.

    Raises:
        MissingVoice: If ``name`` is given and nothing here has it.
    """
    if name == "tones":
        return ToneSpeaker()
    if shutil.which("flite") and (not name or name in FLITE_VOICES):
        return FliteSpeaker(name or "slt")
    if shutil.which("espeak-ng") and name not in FLITE_VOICES:
        return EspeakSpeaker(name or "en")
    if not name:
        return None
    raise MissingVoice(
        f"no voice called {name!r}",
        hint=f"sudo apt install flite, which has {', '.join(FLITE_VOICES)}; or espeak-ng for en, de, fr ...; or tones",
    )


async def _run(*command: str) -> Samples:
    """Run a synthesiser; the process does not outlive this call."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
    except OSError as error:
        raise VoiceError(f"{command[0]} does not start: {error}") from error
    try:
        async with asyncio.timeout(_SYNTHESIS_TIMEOUT_S):
            sound, complaint = await process.communicate()
    except TimeoutError as error:
        raise VoiceError(f"{command[0]} gave nothing within {_SYNTHESIS_TIMEOUT_S:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise VoiceError(f"{command[0]} ended with {process.returncode}: {complaint.decode(errors='replace').strip()}")
    return read_wav(sound)


def read_wav(content: bytes) -> Samples:
    """
    Give the samples of a mono PCM16 WAV file at `RATE_HZ`.

    The sizes in the header are not believed: a program that writes to a pipe cannot know them.

    Raises:
        VoiceError: If it is no such file, or empty.
    """
    try:
        with wave.open(io.BytesIO(content)) as file:
            rate_hz, channels, width = file.getframerate(), file.getnchannels(), file.getsampwidth()
    except (wave.Error, EOFError) as error:
        raise VoiceError(f"the synthesiser wrote no WAV file: {error}") from error
    if channels != 1 or width != 2:
        raise VoiceError(f"the synthesiser wrote {channels} channels of {8 * width} bits, not 1 of 16")
    payload = content[content.index(b"data") + 8 :]
    samples = np.frombuffer(payload[: len(payload) // 2 * 2], "<i2").astype(np.int16)
    if not len(samples):
        raise VoiceError("the synthesiser wrote an empty WAV file")
    return resample(samples, from_hz=rate_hz, to_hz=RATE_HZ)
