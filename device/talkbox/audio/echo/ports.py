"""What one echo canceller is. The back ends implement it; the rest of the folder is built on it."""

from __future__ import annotations

from typing import Final, Protocol

from talkbox.audio.formats import Samples

RATE_HZ: Final = 16_000
FULL_SCALE: Final = 32_768
BLOCK: Final = 160
"""Samples in one step, that is 10 ms. 16-bit, as everything else in the audio path is: both libraries take them so."""


class Canceller(Protocol):
    """
    One back end. Not thread-safe: one thread owns it.

    Attributes:
        described: What it is, for the log and for a person: ``"speexdsp, then AEC3"``.
        delay_s: How much later a sound comes out than it went in.
        moved: Whether the last block has shown that the echo comes sooner or later than before, or from another room,
            and nobody has told of it.
    """

    described: str
    delay_s: float
    moved: bool

    def process(self, near: Samples, far: Samples) -> Samples:
        """
        Return the microphone's sound without the loudspeaker's.

        Args:
            near: `BLOCK` samples of the microphone, at `RATE_HZ`.
            far: As many that were written to the card. Each is in ``near`` at most 500 ms later, all equally late.
        """
        ...

    def slipped(self) -> None:
        """Take note that from now on an echo may come sooner or later than before: the card ran dry, or over."""
        ...
