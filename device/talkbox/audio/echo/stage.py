"""The canceller's place in one session: the card's samples in, 16 kHz without the echo out. Of one thread."""

from __future__ import annotations

import numpy as np

from talkbox.audio.formats import Samples
from talkbox.audio.resample import Resampler

from .path import EchoPath
from .ports import BLOCK, RATE_HZ
from .reference import Reference


class Stage:
    """
    Rate, blocks and reference for the canceller.

    Args:
        path: The canceller; it outlives the session, and what it has learned of the room.
        reference: What the loudspeaker says.
        rate_hz: The microphone's.

    Attributes:
        path: The canceller.
    """

    def __init__(self, path: EchoPath, reference: Reference, *, rate_hz: int) -> None:
        self.path, self._reference = path, reference
        self._resampler = Resampler(from_hz=rate_hz, to_hz=RATE_HZ)
        self._near: Samples = np.zeros(0, np.int16)
        self._far: Samples = np.zeros(0, np.int16)
        path.begin()  # and the card's two directions did not start as they did the last time
        reference.lose()  # a loudspeaker that played on, for a cue, is further on than the last session was

    def process(self, samples: Samples, *, now_s: float) -> Samples:
        """Return what may be sent, at `RATE_HZ`, of the microphone's next ``samples``: whole blocks."""
        near = self._resampler.process(samples)
        far, follows = self._reference.take(len(near), now_s=now_s)
        if not follows:
            self.path.slipped()
        if len(self._near):
            near, far = np.concatenate([self._near, near]), np.concatenate([self._far, far])
        whole = len(near) // BLOCK * BLOCK
        clean = [self.path.process(near[at : at + BLOCK], far[at : at + BLOCK]) for at in range(0, whole, BLOCK)]
        self._near, self._far = near[whole:], far[whole:]
        return np.concatenate(clean) if clean else np.zeros(0, np.int16)

    def slipped(self) -> None:
        """Take note that the card ran dry or over."""
        self._reference.lose()
