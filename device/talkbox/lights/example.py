"""A made-up voice, to show what the lights do with one. Pure."""

from __future__ import annotations

import math

_SENTENCE_S, _PAUSE_S = 2.1, 0.9
_SYLLABLE_S = 0.31


def voice(seconds: float) -> float:
    """Return how loud it is, 0..1, at ``seconds``: sentences of syllables, and pauses for breath."""
    since_s = seconds % (_SENTENCE_S + _PAUSE_S)
    if since_s >= _SENTENCE_S:
        return 0.0
    sentence = math.sqrt(math.sin(math.pi * since_s / _SENTENCE_S))
    syllable = 0.6 + 0.4 * abs(math.sin(math.pi * since_s / _SYLLABLE_S))
    stress = 0.75 + 0.25 * math.sin(2.0 * math.pi * since_s / 0.8)
    return sentence * syllable * stress
