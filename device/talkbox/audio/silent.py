"""A card for a machine without one: hears silence, plays to nowhere, at a card's pace."""

from __future__ import annotations

from .ahead import LEAST_PERIODS
from .pace import CapturePace, Clock, PlaybackPace


class SilentSource:
    """
    A `CaptureDevice` that hears nothing.

    Args:
        rate_hz: Frames a second.
        period_frames: What one reading delivers.
        clock: Where the time comes from.
    """

    def __init__(self, *, rate_hz: int = 16_000, period_frames: int = 160, clock: Clock | None = None) -> None:
        self.rate_hz, self.channels, self.sample_bytes = rate_hz, 1, 2
        self.period_frames = period_frames
        self._pace = CapturePace(rate_hz=rate_hz, clock=Clock() if clock is None else clock)
        self.xruns = 0

    def read(self) -> bytes:
        """Wait for the next period of silence."""
        self._pace.wait(self.period_frames)
        self.xruns = self._pace.xruns
        return bytes(self.period_frames * self.sample_bytes)

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""


class SilentSink:
    """
    A `PlaybackDevice` that nobody hears.

    Args:
        rate_hz: Frames a second.
        period_frames: What one writing should be.
        clock: Where the time comes from.
    """

    def __init__(self, *, rate_hz: int = 16_000, period_frames: int = 160, clock: Clock | None = None) -> None:
        self.rate_hz, self.channels, self.sample_bytes = rate_hz, 1, 2
        self.period_frames = period_frames
        self._pace = PlaybackPace(
            rate_hz=rate_hz, ahead_frames=LEAST_PERIODS * period_frames, clock=Clock() if clock is None else clock
        )
        self.xruns = 0

    @property
    def ahead_frames(self) -> int:
        """Frames that wait to be heard before `write` waits; may be set."""
        return self._pace.ahead_frames

    @ahead_frames.setter
    def ahead_frames(self, frames: int) -> None:
        self._pace.ahead_frames = frames

    def write(self, payload: bytes) -> None:
        """Take whole frames; wait while `ahead_frames` wait to be heard."""
        self._pace.wrote(len(payload) // self.sample_bytes)
        self.xruns = self._pace.xruns

    def queued_frames(self) -> int:
        """Return how many frames have not been heard yet."""
        return self._pace.queued_frames()

    def drop(self) -> None:
        """Forget what has not been heard."""
        self._pace.drop()

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""
