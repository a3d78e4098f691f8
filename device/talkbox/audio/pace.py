"""A card's clock for devices that have none: files, and silence."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

LATE_S = 0.5  # what a card's buffer would forgive


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """
    Time, and a way to let it pass; a test brings its own.

    Attributes:
        now_s: Seconds on a clock that never jumps.
        sleep: Waits that many seconds.
    """

    now_s: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


class CapturePace:
    """
    Tell a reader when the next period has been heard. It begins with the first call of `wait`, as a card does.

    Args:
        rate_hz: Frames a second.
        clock: Where the time comes from.

    Attributes:
        xruns: Times that the reader came too late, by more than a buffer forgives.
    """

    def __init__(self, *, rate_hz: int, clock: Clock) -> None:
        self._rate_hz, self._clock = rate_hz, clock
        self._start_s: float | None = None
        self._frames = 0
        self.xruns = 0

    def wait(self, frames: int) -> None:
        """Wait until ``frames`` more have been heard. A reader that is late catches up."""
        now_s = self._clock.now_s()
        if self._start_s is None:
            self._start_s = now_s
        self._frames += frames
        ahead_s = self._start_s + self._frames / self._rate_hz - now_s
        if ahead_s > 0:
            self._clock.sleep(ahead_s)
        elif ahead_s < -LATE_S:
            self.xruns += 1
            self._start_s -= ahead_s


class PlaybackPace:
    """
    Say how much of what was written has been heard. It begins with the first call of `wrote`, as a card does.

    Args:
        rate_hz: Frames a second.
        ahead_frames: Frames that may wait to be heard.
        clock: Where the time comes from.

    Attributes:
        ahead_frames: The same; may be set.
        xruns: Times that the writer came too late, by more than a buffer forgives.
    """

    def __init__(self, *, rate_hz: int, ahead_frames: int, clock: Clock) -> None:
        self._rate_hz, self.ahead_frames, self._clock = rate_hz, ahead_frames, clock
        self._start_s: float | None = None
        self._frames = 0
        self.xruns = 0

    def wrote(self, frames: int) -> None:
        """Take ``frames`` more; wait while more than ``ahead_frames`` wait to be heard. A late writer catches up."""
        now_s = self._clock.now_s()
        if self._start_s is None:
            self._start_s = now_s
        late_s = now_s - self._start_s - self._frames / self._rate_hz
        if late_s > LATE_S:
            self.xruns += 1
            self._start_s += late_s
        self._frames += frames
        ahead_s = self._start_s + (self._frames - self.ahead_frames) / self._rate_hz - now_s
        if ahead_s > 0:
            self._clock.sleep(ahead_s)

    def queued_frames(self) -> int:
        """Return how many frames have not been heard yet."""
        if self._start_s is None:
            return 0
        heard = int((self._clock.now_s() - self._start_s) * self._rate_hz)
        return max(0, self._frames - heard)

    def drop(self) -> int:
        """Forget what has not been heard; return how much that was. The next frame is heard at once."""
        queued = self.queued_frames()
        self._start_s, self._frames = None, 0
        return queued
