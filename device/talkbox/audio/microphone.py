"""The capture thread: reads the card, and hands payloads to the loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .bridge import ThreadBridge
from .capture import CapturePath
from .echo.path import EchoPath
from .echo.ports import RATE_HZ
from .echo.reference import Reference
from .echo.stage import Stage
from .formats import Samples
from .level import MicLevel
from .news import TooLoud, say_duplex, say_moved, say_without_canceller
from .ports import CaptureDevice
from .tally import Tally
from .worker import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """
    A chunk of speech, encoded.

    Attributes:
        captured_s: When the card gave the last sample of it (``time.monotonic``); of a pre-roll: when that was sent on.
    """

    payload: bytes
    captured_s: float


class Microphone:
    """
    What the capture thread does, one session long.

    Args:
        open_device: Opens the card; called on the thread.
        path: From samples to payloads.
        bridge: Where the chunks go.
        tally: Where overruns and losses are counted.
        echo: The canceller, and its reference; `None`: none.
        gain_db: Of the microphone, before the canceller.
        on_ceiling: Is told how high the loudspeaker's peaks may be, in dBFS, whenever that changes; on the thread.

    Attributes:
        periods: Periods read so far: a number that stands still tells of a card that does.
        stopping: Whether the thread should come to its end; set it from the loop.
    """

    def __init__(
        self,
        *,
        open_device: Callable[[], CaptureDevice],
        path: CapturePath,
        bridge: ThreadBridge[Chunk],
        tally: Tally,
        echo: tuple[EchoPath, Reference] | None = None,
        gain_db: float = 0.0,
        on_ceiling: Callable[[float], object] = lambda _db: None,
    ) -> None:
        self._open_device, self._path, self._bridge, self._tally = open_device, path, bridge, tally
        self._echo, self._gain_db, self._on_ceiling = echo, gain_db, on_ceiling
        self._stage: Stage | None = None
        self._too_loud = TooLoud()
        self._slips = 0
        self._moved = False  # whether it was said
        self.periods = 0
        self.stopping = False

    def run(self, worker: Worker) -> None:
        """Capture until `stopping`. The body of the thread."""
        device = self._open_device()
        try:
            if self._echo is not None:
                self._stage = Stage(*self._echo, rate_hz=device.rate_hz)
            level = MicLevel(
                rate_hz=device.rate_hz,
                channels=device.channels,
                sample_bytes=device.sample_bytes,
                gain_db=self._gain_db,
            )
            worker.opened()
            while not self.stopping:
                self._capture(device, level)
        finally:
            device.close()

    def _capture(self, device: CaptureDevice, level: MicLevel) -> None:
        overruns, dropped = device.xruns, self._bridge.dropped
        raw, captured_s = device.read(), time.monotonic()
        if self.stopping:  # perhaps long ago, and the canceller is another's by now
            return
        mono = level.process(raw)
        self._tally.overruns += device.xruns - overruns
        if level.overdriven is not None:
            self._tally.periods_clipped += 1
            self._too_loud.overdriven(level.overdriven)
        if self._stage is None:
            self._send(mono, rate_hz=device.rate_hz, captured_s=captured_s)
        else:  # before the mute gate, which is the path's first act
            clean = self._without_echo(self._stage, mono, now_s=captured_s)
            self._send(clean, rate_hz=RATE_HZ, captured_s=captured_s - self._stage.path.delay_s)
        self._tally.chunks_dropped += self._bridge.dropped - dropped
        self.periods += 1

    def _send(self, samples: Samples, *, rate_hz: int, captured_s: float) -> None:
        if not len(samples):
            return
        payloads, pre_roll = self._path.feed(samples, rate_hz=rate_hz)
        for payload in payloads:
            self._bridge.put(Chunk(payload=payload, captured_s=captured_s), keep=pre_roll)

    def _without_echo(self, stage: Stage, samples: Samples, *, now_s: float) -> Samples:
        slips = self._tally.overruns + self._tally.underruns
        if slips != self._slips:
            self._slips = slips
            stage.slipped()
        path = stage.path
        duplex, failure, ceiling_db = (path.half_duplex, path.again), path.failure, path.ceiling_db
        moves = path.moves
        clean = stage.process(samples, now_s=now_s)
        if path.failure is not None and path.failure is not failure:
            say_without_canceller(path.failure)
        elif (path.half_duplex, path.again) != duplex:
            say_duplex(half=path.half_duplex, again=path.again, loss_db=path.loss_db or 0.0)
        if path.moves != moves and not self._moved:
            self._moved = True
            say_moved()
        if path.ceiling_db != ceiling_db:
            self._on_ceiling(path.ceiling_db)
            self._too_loud.ceiling(path.ceiling_db, before_db=ceiling_db)
        return clean
