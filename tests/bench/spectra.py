"""The echo bench's first scene, before and after the canceller, for the picture."""

from __future__ import annotations

import numpy as np

from talkbox.audio.echo import backends, webrtc
from talkbox.audio.echo.choice import Backend
from tests.bench.echo import speech
from tests.bench.echo.picture import spectrograms
from tests.bench.echo.scenes import SCENES, render

_BLOCK = speech.RATE_HZ // 100


def echo() -> str:
    """Return an SVG, or what is missing for one. Takes some seconds."""
    missing = speech.why_not() or ("" if webrtc.is_installed() else "pywebrtc-audio is not installed")
    if missing:
        return missing
    heard = render(SCENES[0], seed=1)
    path = backends.make(Backend.CASCADE)
    clean = [
        path.process(heard.mic[at : at + _BLOCK], heard.far[at : at + _BLOCK])
        for at in range(0, len(heard.mic) // _BLOCK * _BLOCK, _BLOCK)
    ]
    return spectrograms({"what the microphone hears": heard.mic, "what is sent": np.concatenate(clean)})
