"""What exists of the sound from the opening of a session to its end, and what may be done with it in between."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from .bridge import ThreadBridge
from .capture import CapturePath
from .formats import AudioFormat
from .microphone import Chunk, Microphone
from .speaker import Speaker
from .stall import StallWatch
from .tally import Progress
from .voice import Voice

_logger = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class Parts:
    """
    The parts of one session. All methods belong to the loop.

    Attributes:
        bridge: The microphone's chunks.
        capture: What becomes of the microphone's samples.
        voice: What becomes of the agent's.
        microphone, speaker: The two threads' work.
        stall: Watches both.
        open: Whether both devices are.
        full: Whether agent audio had to be dropped, and that was logged.
    """

    bridge: ThreadBridge[Chunk]
    capture: CapturePath
    voice: Voice
    microphone: Microphone
    speaker: Speaker
    stall: StallWatch
    open: bool = False
    full: bool = False

    @property
    def progress(self) -> Progress:
        """How far both directions are."""
        return Progress(periods_read=self.microphone.periods, periods_written=self.speaker.periods)

    def negotiate(self, *, heard: AudioFormat, said: AudioFormat) -> None:
        """Fix the formats, of what the agent hears and of what it says."""
        self.voice.negotiate(said, rate_hz=self.speaker.rate_hz)
        self.capture.negotiate(heard)

    def play(self, payload: bytes) -> None:
        """Append to what the loudspeaker will play; that the oldest gave way to it is told once."""
        lost_s = self.voice.play(payload)
        if lost_s and not self.full:
            self.full = True
            _logger.warning(
                "agent audio dropped: more than ten minutes of it wait to be heard; the oldest %.1f s gave way",
                lost_s,
                extra={"event": "audio_dropped", "hint": "interrupt the agent, or have it give shorter answers"},
            )
        elif lost_s:
            _logger.debug("= dropped: another %.1f s", lost_s)

    def stands_still(self, *, now_s: float) -> bool:
        """Tell whether a card has moved no sound for too long."""
        return self.stall.stands_still(self.microphone.periods, self.speaker.periods, now_s=now_s)
