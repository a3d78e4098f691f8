"""What a conversation needs of the outside: ears and a mouth, and a line. Knows no card and no socket."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol


class Audio(Protocol):
    """
    A microphone and a loudspeaker, as one conversation uses them.

    All methods are called on the event loop's thread and none blocks it. One object may serve one session after the
    other: `open` and `close` bracket each. Formats are the service's names, ``"pcm_16000"`` or ``"ulaw_8000"``.
    """

    async def open(self) -> None:
        """
        Open both devices. Capture starts now, into a pre-roll that nothing is lost from.

        Raises:
            AudioError: If a device is missing, busy, or refuses; then nothing is left open.
        """
        ...

    def negotiate(self, *, input_format: str, output_format: str) -> None:
        """
        Fix the formats of the session. From here on `read` delivers, the pre-roll first.

        Raises:
            ValueError: If a format is not one of the contract's.
        """
        ...

    async def read(self) -> bytes:
        """
        Return the next chunk of the microphone, encoded in the input format. Canceling it loses nothing.

        Raises:
            AudioError: If a device is lost for good, the loudspeaker included.
        """
        ...

    def play(self, payload: bytes) -> None:
        """Append ``payload``, in the output format, to what the loudspeaker will play. Odd ends are carried over."""
        ...

    def interrupt(self) -> None:
        """Fade out within 5 ms and forget everything that was still to be played."""
        ...

    async def drained(self) -> None:
        """Wait until everything that was given to `play` so far has left the loudspeaker, or was interrupted."""
        ...

    def set_volume(self, volume: float) -> None:
        """Set the loudspeaker's gain, 0 (silent) to 1. Heard at once."""
        ...

    def set_mic_muted(self, muted: bool) -> None:
        """Send zeros (or sound again) from the next chunk on. The stream never stops."""
        ...

    def input_volume(self) -> float:
        """Return the microphone's level after mute, 0 (-100 dB) to 1 (-30 dB)."""
        ...

    def output_volume(self) -> float:
        """Return the loudspeaker's level after the volume, 0 (-100 dB) to 1 (-30 dB)."""
        ...

    def input_byte_frequency_data(self) -> Any:
        """Return the microphone's spectrum: uint8, shape ``(1024,)``, as the Web Audio ``AnalyserNode`` gives it."""
        ...

    def output_byte_frequency_data(self) -> Any:
        """Return the loudspeaker's spectrum: uint8, shape ``(1024,)``, as the Web Audio ``AnalyserNode`` gives it."""
        ...

    async def close(self) -> None:
        """Close both devices; what was not played yet is dropped. Idempotent."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """The connection is over. `code` is the peer's close code, `None` where it broke without one."""

    code: int | None
    reason: str


class Link(Protocol):
    """An open WebSocket, as a session uses it."""

    async def receive(self) -> bytes | Closed:
        """Return the next frame, `Closed` for ever after the last."""
        ...

    async def send(self, frame: bytes) -> None:
        """Send one text frame, in UTF-8, waiting while the line is full. Does nothing once closed: `receive` tells."""
        ...

    async def close(self) -> None:
        """Close with 1000, in about two seconds at most. Idempotent."""
        ...


class Connect(Protocol):
    """Opens a `Link`; `connection.open_link`, or a test's."""

    async def __call__(self, url: str, *, timeout_s: float) -> Link:
        """Open a line to `url`; raises `SessionError`."""
        ...
