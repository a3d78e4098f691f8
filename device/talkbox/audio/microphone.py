"""The capture thread: reads the card, and hands payloads to the loop."""

from __future__ import annotations

from collections.abc import Callable

from .bridge import ThreadBridge
from .capture import CapturePath
from .frames import to_mono
from .ports import CaptureDevice
from .tally import Tally
from .worker import Worker


class Microphone:
    """
    What the capture thread does, one session long.

    Args:
        open_device: Opens the card; called on the thread.
        path: From samples to payloads.
        bridge: Where the payloads go.
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
        bridge: ThreadBridge[bytes],
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
        mono = to_mono(device.read(), channels=device.channels, sample_bytes=device.sample_bytes)
        # The echo canceller's place is here: before the mute gate, which is the path's first act.
        captured = self._path.feed(mono, rate_hz=device.rate_hz)
        for payload in captured.payloads:
            self._bridge.put(payload, keep=captured.pre_roll)
        self._tally.overruns += device.xruns - overruns
        self._tally.chunks_dropped += self._bridge.dropped - dropped
        self.periods += 1
