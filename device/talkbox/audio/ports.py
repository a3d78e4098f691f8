"""
What the audio engine needs of a sound card. Whoever implements these knows the card; the engine knows only this.

Devices raise `OSError`, with the errno that says what happened: ``ENOENT``, ``ENODEV`` (no such card, or it has gone),
``EBUSY`` (another program has it), ``EINVAL`` (it cannot do what was asked). The engine translates.
"""

from __future__ import annotations

from typing import Protocol


class CaptureDevice(Protocol):
    """
    An open microphone. One thread reads it, and the same thread closes it.

    Attributes:
        rate_hz: Frames a second.
        channels: Samples a frame.
        sample_bytes: 2 for S16_LE, 4 for S32_LE.
        period_frames: Frames that one `read` usually delivers.
        xruns: Overruns so far: sound was lost because nobody read in time.
    """

    rate_hz: int
    channels: int
    sample_bytes: int
    period_frames: int
    xruns: int

    def read(self) -> bytes:
        """
        Wait for the next frames, interleaved; never empty. Overruns are counted, and reading goes on.

        Raises:
            OSError: If the card is gone.
        """
        ...

    def close(self) -> None:
        """Let go of the card. Idempotent."""
        ...


class PlaybackDevice(Protocol):
    """
    An open loudspeaker. One thread writes it, and the same thread closes it.

    Attributes:
        rate_hz, channels, sample_bytes, period_frames: As for `CaptureDevice`.
        ahead_frames: Frames the card holds before `write` blocks: four periods of a card that was just opened. May be
            set, to eight periods at most, by the thread that writes; a card that cannot hold so much holds less.
        xruns: Underruns so far: the card had nothing to play.
    """

    rate_hz: int
    channels: int
    sample_bytes: int
    period_frames: int
    ahead_frames: int
    xruns: int

    def write(self, payload: bytes) -> None:
        """
        Append whole frames, interleaved; wait while the card is full. Underruns are counted and mended.

        Raises:
            OSError: If the card is gone.
        """
        ...

    def queued_frames(self) -> int:
        """Return how many written frames have not been heard yet."""
        ...

    def drop(self) -> None:
        """Silence the card at once; what it holds is never heard."""
        ...

    def close(self) -> None:
        """Let go of the card, after `drop`. Idempotent."""
        ...
