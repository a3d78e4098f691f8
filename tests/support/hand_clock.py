"""A clock that a test moves by hand; whoever sleeps on it moves it too."""

from __future__ import annotations

from talkbox.audio.pace import Clock


class HandClock:
    """
    Time at a standstill.

    Attributes:
        now_s: What the time is; set it.
        slept: How long each sleep was.
        clock: What to hand to the code under test.
    """

    def __init__(self) -> None:
        self.now_s = 0.0
        self.slept: list[float] = []
        self.clock = Clock(now_s=lambda: self.now_s, sleep=self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now_s += seconds
