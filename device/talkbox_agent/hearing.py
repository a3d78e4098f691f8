"""
Ears: samples in, text and voice activity out. The only module that imports pocketsphinx.

Decoding happens in a thread of its own, one turn at a time, so the loop never waits for it.
"""

from __future__ import annotations

import asyncio
import math
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from . import grammar
from .audio import RATE_HZ, Samples
from .turns import VoiceDetector, loud

if TYPE_CHECKING:
    from pocketsphinx import Decoder

UNKNOWN = "..."
"""The transcript of speech that was not understood."""

# What separates a sentence of the grammar from other speech, measured: see README.md.
_WORST_SCORE = -4.9  # mean score of a frame of the words
_LEAST_COVERAGE = 0.7  # of the frames that are loud, those that belong to a word
_LOUD_DB = 20.0  # below the loudest frame

_DECODER_FRAME = RATE_HZ // 100
_MARGIN = np.zeros(RATE_HZ // 5, np.int16)  # silence that the decoder learns the background from


class Recognizer(Protocol):
    """Something that turns a turn's sound into text."""

    deaf: bool
    """Whether it understands nothing at all, so that everything it hears is answered alike."""

    async def recognize(self, samples: Samples) -> str:
        """Give what was said, in lower case; `UNKNOWN` if that is not clear, ``""`` if nothing was said."""
        ...


class DeafRecognizer:
    """Hears that something was said, and not what."""

    deaf = True

    async def recognize(self, samples: Samples) -> str:  # noqa: ARG002  it is deaf
        """Give `UNKNOWN`."""
        return UNKNOWN


class SphinxRecognizer:
    """
    Recognize the sentences of the grammar; whatever else is said is `UNKNOWN`.

    Making one loads the model: 0.3 s on a PC.

    Raises:
        ImportError: If pocketsphinx is not installed.
    """

    deaf = False

    def __init__(self) -> None:
        self._decoder = _new_decoder()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="recognizer")

    async def recognize(self, samples: Samples) -> str:
        """Decode a whole turn. Cancelling leaves the thread to finish what it began."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._decode, samples)

    def _decode(self, samples: Samples) -> str:
        """Runs in the thread."""
        decoder = self._decoder
        decoder.start_utt()
        # As one utterance: its mean is taken over all of it, so that no voice depends on the one before.
        decoder.process_raw(np.concatenate([_MARGIN, samples, _MARGIN]).tobytes(), False, True)
        decoder.end_utt()
        hypothesis = decoder.hyp()
        if hypothesis is None or not hypothesis.hypstr:
            return ""
        score, frames = _judge(decoder)
        believable = score >= _WORST_SCORE and frames >= _LEAST_COVERAGE * count_loud_frames(samples)
        return str(hypothesis.hypstr) if believable else UNKNOWN


class SphinxVoiceDetector:
    """Tells voice from other sounds; what is hardly to be heard at all is none."""

    def __init__(self) -> None:
        from pocketsphinx import Vad  # noqa: PLC0415  optional

        self._vad = Vad(Vad.MEDIUM_STRICT, RATE_HZ)

    def __call__(self, frame: Samples) -> bool:
        """Decide one frame of 30 ms."""
        return loud(frame, floor_dbfs=-60.0) and bool(self._vad.is_speech(frame.tobytes()))


def new_voice_detector() -> VoiceDetector:
    """Give a voice detector for one session: it adapts to what it hears."""
    return SphinxVoiceDetector()


def _new_decoder() -> Decoder:
    from pocketsphinx import Decoder, get_model_path  # noqa: PLC0415  optional

    model = Path(get_model_path()) / "en-us"
    decoder = Decoder(
        hmm=str(model / "en-us"), dict=str(model / "cmudict-en-us.dict"), lm=None, samprate=RATE_HZ, loglevel="FATAL"
    )
    decoder.add_jsgf_string("talkbox", grammar.jsgf())
    decoder.activate_search("talkbox")
    return decoder


def _judge(decoder: Decoder) -> tuple[float, int]:
    """
    Give the mean acoustic score of the words' frames, without the silence between them, and their number.

    A frame's score is relative to the best that any sound would have had there, so 0 is perfect.
    """
    words = [segment for segment in decoder.seg() if not segment.word.startswith(("<", "(NULL", "["))]
    frames = sum(segment.end_frame - segment.start_frame + 1 for segment in words)
    # The binding gives exp(score): very small, but a float has room for it.
    score = sum(math.log(max(segment.ascore, 1e-300)) for segment in words)
    return (score / frames if frames else -math.inf), frames


def count_loud_frames(samples: Samples) -> int:
    """Count the decoder's frames (10 ms) that are nearly as loud as the loudest."""
    whole = samples[: len(samples) // _DECODER_FRAME * _DECODER_FRAME].reshape(-1, _DECODER_FRAME)
    power = np.mean(np.square(whole.astype(np.float64)), axis=1)
    return int(np.count_nonzero(power > power.max(initial=0.0) * 10 ** (-_LOUD_DB / 10)))
