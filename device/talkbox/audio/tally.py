"""What went wrong with the sound, and how much of it there was, in numbers."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """
    Since the engine was made.

    Attributes:
        underruns: Times that the loudspeaker had nothing to play, because we were late.
        starved: Times that the agent's voice broke off in mid-sound, because the network was late.
        overruns: Times that the microphone's sound was lost, because we were late.
        periods_clipped: Periods in which the microphone's sound was cut off at full scale, by the card or by its gain.
        chunks_dropped: Chunks of speech that were not sent, because the network was late.
        frames_written: Frames handed to the playback device.
    """

    underruns: int
    starved: int
    overruns: int
    periods_clipped: int
    chunks_dropped: int
    frames_written: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """
    How far a session's sound is: two numbers that grow while the card works.

    Attributes:
        periods_read: Periods that the microphone brought.
        periods_written: Periods that the loudspeaker took.
    """

    periods_read: int
    periods_written: int


class Tally:
    """The same, being counted. Each number is written by one thread only, and read by any."""

    def __init__(self) -> None:
        self.underruns = self.starved = self.overruns = self.chunks_dropped = self.frames_written = 0
        self.periods_clipped = 0

    def counters(self) -> Counters:
        """Return the numbers of this moment."""
        return Counters(
            underruns=self.underruns,
            starved=self.starved,
            overruns=self.overruns,
            periods_clipped=self.periods_clipped,
            chunks_dropped=self.chunks_dropped,
            frames_written=self.frames_written,
        )
