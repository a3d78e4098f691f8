"""No canceller, where one is expected: for a board that cancels by itself, and for who wants none."""

from __future__ import annotations

from talkbox.audio.formats import Samples


class Nothing:
    """Let everything through, the echo too."""

    delay_s = 0.0
    moved = False

    def __init__(self, *, described: str = "none") -> None:
        self.described = described

    def process(self, near: Samples, far: Samples) -> Samples:  # noqa: ARG002  the interface's name
        """See `Canceller`."""
        return near

    def slipped(self) -> None:
        """See `Canceller`."""
