"""From the microphone's samples to the payloads that are sent. Pure: no thread, no card, no clock."""

from __future__ import annotations

from collections import deque

import numpy as np

from .analyser import Analyser
from .chunker import Chunker
from .formats import AudioFormat, Samples
from .gate import Gate
from .meter import Meter
from .resample import Resampler

_PRE_ROLL_S = 60.0
_SLICE_S = 0.25  # of the pre-roll that is worked off with each period, so that the card is still read in time


class CapturePath:
    """
    Mute gate, pre-roll, resampler, analyser, chunks, one session long.

    `feed` belongs to the capture thread. Everything else may be called from the loop at any time.

    Args:
        chunk_ms: Length of a chunk.
        pre_roll_s: How much is kept until `negotiate`; then the oldest goes.

    Attributes:
        muted: Whether zeros take the place of what is fed from now on; there is a fade of 3 ms.
        analyser: Hears what is sent.
        meter: Hears it too, and also the pre-roll while it is being captured.
    """

    def __init__(self, *, chunk_ms: int, pre_roll_s: float = _PRE_ROLL_S) -> None:
        self.muted, self._gate = False, Gate()
        self.analyser, self.meter = Analyser(), Meter()
        self._chunk_ms, self._pre_roll_s = chunk_ms, pre_roll_s
        self._held: deque[Samples] = deque()
        self._held_samples = 0
        self._format: AudioFormat | None = None
        self._line: tuple[Resampler, Chunker] | None = None

    def negotiate(self, audio_format: AudioFormat) -> None:
        """Fix the format of the payloads; `feed` delivers from its next call on."""
        self._format = audio_format

    def feed(self, samples: Samples, *, rate_hz: int) -> tuple[list[bytes], bool]:
        """
        Take the next ``samples`` of the microphone.

        Args:
            samples: As captured (or, with a canceller, as it left them).
            rate_hz: Their rate; the same on every call.

        Returns:
            The payloads that are now complete, oldest first; and whether they are, in part, from before the format was
            known.
        """
        samples = self._gate.process(samples, shut=self.muted, rate_hz=rate_hz)
        self.meter.feed(samples, rate_hz=rate_hz)
        audio_format = self._format
        if audio_format is None:
            self._hold(samples)
            self._forget(more_than=int(self._pre_roll_s * rate_hz))
            return [], True
        pre_roll = bool(self._held)
        if pre_roll:
            self._hold(samples)
            samples = self._take(len(samples) + int(_SLICE_S * rate_hz))
        if self._line is None:
            chunk_samples = audio_format.rate_hz * self._chunk_ms // 1000
            self._line = Resampler(from_hz=rate_hz, to_hz=audio_format.rate_hz), Chunker(chunk_samples)
        resampler, chunker = self._line
        converted = resampler.process(samples)
        self.analyser.feed(converted)
        return list(map(audio_format.encode, chunker.push(converted))), pre_roll

    def _hold(self, samples: Samples) -> None:
        self._held.append(samples)
        self._held_samples += len(samples)

    def _forget(self, *, more_than: int) -> None:
        while self._held_samples > more_than:
            self._held_samples -= len(self._held.popleft())

    def _take(self, at_most: int) -> Samples:
        """Take whole periods, the oldest first: one at least, and about ``at_most`` samples."""
        taken = [self._held.popleft()]
        count = len(taken[0])
        while self._held and count + len(self._held[0]) <= at_most:
            count += len(self._held[0])
            taken.append(self._held.popleft())
        self._held_samples -= count
        return np.concatenate(taken) if len(taken) > 1 else taken[0]
