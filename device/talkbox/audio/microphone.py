"""The capture thread: reads the card, and hands payloads to the loop."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from .bridge import ThreadBridge
from .capture import CapturePath
from .frames import to_mono
from .ports import CaptureDevice
from .tally import Tally
from .worker import Worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A chunk of speech, encoded, and when the card gave the last sample of it (``time.monotonic``)."""

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
    ) -> None:
        self._open_device, self._path, self._bridge, self._tally = open_device, path, bridge, tally
        self.periods = 0
        self.stopping = False

    def run(self, worker: Worker) -> None:
        """Capture until `stopping`. The body of the thread."""
        device = self._open_device()
        try:
            worker.opened()
            while not self.stopping:
                self._capture(device)
        finally:
            device.close()

    def _capture(self, device: CaptureDevice) -> None:
        overruns, dropped = device.xruns, self._bridge.dropped
        raw, captured_s = device.read(), time.monotonic()
        mono = to_mono(raw, channels=device.channels, sample_bytes=device.sample_bytes)
        # The echo canceller's place is here: before the mute gate, which is the path's first act.
        captured = self._path.feed(mono, rate_hz=device.rate_hz)
        for payload in captured.payloads:
            self._bridge.put(Chunk(payload=payload, captured_s=captured_s), keep=captured.pre_roll)
        self._tally.overruns += device.xruns - overruns
        self._tally.chunks_dropped += self._bridge.dropped - dropped
        self.periods += 1
