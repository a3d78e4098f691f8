"""What this machine can do: the best voice and ears that are installed, or tones."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from .hearing import DeafRecognizer, SphinxRecognizer, new_voice_detector
from .session import Abilities
from .turns import loud
from .voice import ToneSpeaker, find_voice

log = logging.getLogger(__name__)


def find_abilities(*, tones: bool, voice: str, now: Callable[[], datetime]) -> Abilities:
    """
    Put an agent together.

    Without a recogniser or without a voice it holds the conversation in tones, and says once why.

    Args:
        tones: Whether it shall not even look for them.
        voice: The name of a voice; ``""`` = the best one.
        now: Gives the local time.

    Raises:
        MissingVoice: If ``voice`` is given and not installed.
    """
    speaker = None if tones else find_voice(voice)
    recognizer = None if tones else _find_recognizer()
    if not tones and speaker is None:
        log.warning("no voice, so tones instead: install one with: sudo apt install flite")
    if not tones and recognizer is None:
        log.warning("no recognition, so every turn gets a tone: install it with: pip install 'talkbox[agent]'")
    if speaker is None or recognizer is None:
        return Abilities(speaker=ToneSpeaker(), recognizer=DeafRecognizer(), new_voice_detector=lambda: loud, now=now)
    return Abilities(speaker=speaker, recognizer=recognizer, new_voice_detector=new_voice_detector, now=now)


def _find_recognizer() -> SphinxRecognizer | None:
    try:
        return SphinxRecognizer()
    except ImportError:
        return None
