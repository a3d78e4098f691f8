"""Bring patterns to the LEDs, in time. Knows no state: it shows what it is told to."""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

from .patterns import DARK, Frame, Moment, Pattern, clip, dim, solid
from .ports import Leds

log = logging.getLogger(__name__)

FRAMES_PER_S = 30
RETRY_S = 1.0
"""How soon a frame that a dead bus refused is tried again, when nothing else moves."""


def _silence() -> float:
    return 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    pattern: Pattern
    level: Callable[[], float]
    began_s: float
    until_s: float = math.inf


class Animator:
    """
    One row of LEDs: a pattern, and for a moment another one over it.

    Create and use it on the event loop. A pattern that stands still takes neither task nor timer. A dead bus is logged
    once, with its remedy, and stops nothing. What moves has 30 frames a second, or as many as the LEDs allow.

    Args:
        leds: The board's.
        brightness: Upper limit for every color, 0 (dark) to 1.
    """

    def __init__(self, leds: Leds, *, brightness: float = 1.0) -> None:
        self._leds = leds
        # By a channel's value, what the LED is told for it: reckoned once, not for every LED of every frame.
        self._dimmed = [dim((channel, 0, 0), brightness)[0] for channel in range(256)]
        self._frame_s = max(1.0 / FRAMES_PER_S, leds.frame_s)
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._base = _Layer(pattern=solid(DARK), level=_silence, began_s=self._loop.time())
        self._overlay: _Layer | None = None
        self._frame: Frame | None = None  # as last latched; unknown before the first
        self._written_s = -math.inf  # when the LEDs were last written to
        self._complained = False
        self._closed = False

    @property
    def frame(self) -> Frame:
        """What is shown now, one color per LED, after the brightness."""
        return self._frame if self._frame is not None else (DARK,) * self._leds.count

    def show(self, pattern: Pattern, *, level: Callable[[], float] = _silence) -> None:
        """
        Show ``pattern`` from now on, and nothing over it. Its first frame is latched when this returns.

        Args:
            pattern: Its time starts now.
            level: Gives the live level, 0..1, for every frame.
        """
        self._base = _Layer(pattern=pattern, level=level, began_s=self._loop.time())
        self._overlay = None
        self._stop_timer()
        self._render()

    def overlay(self, pattern: Pattern, *, for_s: float, level: float = 0.0) -> None:
        """
        Show ``pattern`` for ``for_s`` over what is shown now, which goes on underneath. `show` ends it early.

        Its first frame waits for LEDs that were written to just now, and that one cannot write to all the time.

        Args:
            pattern: Its time starts now.
            for_s: Seconds.
            level: What it is to show, 0..1.
        """
        now_s = self._loop.time()
        self._overlay = _Layer(pattern=pattern, level=lambda: level, began_s=now_s, until_s=now_s + for_s)
        free_s = self._written_s + self._leds.frame_s
        self._stop_timer()
        if now_s < free_s and not self._closed:
            self._timer = self._loop.call_at(free_s, self._render)
        else:
            self._render()

    def close(self) -> None:
        """Put the LEDs out and let go of them. Idempotent; nothing is shown afterwards."""
        if self._closed:
            return
        self._closed = True
        self._stop_timer()
        try:
            self._leds.close()
        except OSError as error:
            self._complain(error)
        self._frame = None

    def _render(self) -> None:
        """Latch the frame that belongs to this moment, and set the timer for the next if there will be another."""
        if self._closed:
            return
        now_s = self._loop.time()
        if self._overlay is not None and now_s >= self._overlay.until_s:
            self._overlay = None
        layer = self._overlay or self._base
        moment = Moment(seconds=now_s - layer.began_s, leds=self._leds.count, level=clip(layer.level()))
        dimmed = self._dimmed
        frame = tuple([(dimmed[red], dimmed[green], dimmed[blue]) for red, green, blue in layer.pattern.frame(moment)])
        latched = self._latch(frame, now_s=now_s)
        if self._leds.count and (next_s := self._next_frame_s(layer, now_s=now_s, latched=latched)) < math.inf:
            self._timer = self._loop.call_at(next_s, self._render)

    def _latch(self, frame: Frame, *, now_s: float) -> bool:
        if frame == self._frame:
            return True
        self._written_s = now_s
        try:
            self._leds.show(frame)
        except OSError as error:
            self._complain(error)
            return False
        self._frame = frame
        return True

    def _next_frame_s(self, layer: _Layer, *, now_s: float, latched: bool) -> float:
        since_s = now_s - layer.began_s
        if since_s < layer.pattern.moves_for_s:
            changes_s = layer.began_s + layer.pattern.holds_until_s(since_s) if latched else now_s
            return min(layer.until_s, max(changes_s, now_s + self._frame_s))
        return layer.until_s if latched else min(layer.until_s, now_s + RETRY_S)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            hint = "check that the board is seated and SPI enabled; the device works without its lights"
            log.warning("the LEDs do not answer: %s", error, extra={"event": "lights_failed", "hint": hint})

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
