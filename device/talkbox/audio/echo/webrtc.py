"""WebRTC's AEC3 with mild noise suppression, by the package pywebrtc-audio."""

from __future__ import annotations

import sys
from contextlib import suppress

from talkbox.audio.formats import Samples

from .ports import RATE_HZ

with suppress(ImportError):  # an extra; `choice.py` says what is missing
    import pywebrtc_audio

_NOISE_SUPPRESSION = 1  # 12 dB; more costs speech quality


def is_installed() -> bool:
    """Return whether the package is there."""
    return "pywebrtc_audio" in sys.modules


class Aec3:
    """
    The whole canceller by itself: no echo passes it, and of a user who is softer than the echo hardly anything does.

    It finds the delay of the echo, and finds it again after a slip, on its own. Automatic gain stays off: it would lift
    what is left of the echo.

    Raises:
        OSError: If the package is not installed.
    """

    described = "AEC3"
    delay_s = 0.0138
    moved = False

    def __init__(self) -> None:
        if not is_installed():
            raise OSError("pywebrtc-audio is not installed")
        self._processor = pywebrtc_audio.AudioProcessor(
            RATE_HZ, echo_cancellation=True, noise_suppression=True, ns_level=_NOISE_SUPPRESSION
        )

    def process(self, near: Samples, far: Samples) -> Samples:
        """See `Canceller`."""
        clean: Samples = self._processor.process(near, far)
        return clean

    def slipped(self) -> None:
        """See `Canceller`. It notices by itself; to start it anew would open a gap."""
