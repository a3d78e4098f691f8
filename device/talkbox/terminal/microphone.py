"""A WAV file that is still being written: what is said into it, a device that records from it hears at that moment."""

from __future__ import annotations

import struct
from array import array
from pathlib import Path

UNKNOWN_SIZE = 0xFFFF_FFFF
"""In a WAV header: "as much as there is", as programs that write to a pipe leave it."""


class Microphone:
    """
    Say things to a device whose ``[audio] capture`` is ``wav:PATH``.

    Args:
        path: The file; made anew, mono PCM16.
        rate_hz: Its sample rate.
    """

    def __init__(self, path: Path, *, rate_hz: int) -> None:
        self.path, self.rate_hz = path, rate_hz
        header = struct.pack(
            "<4sI4s4sIHHIIHH", b"RIFF", UNKNOWN_SIZE, b"WAVE", b"fmt ", 16, 1, 1, rate_hz, rate_hz * 2, 2, 16
        )
        path.write_bytes(header + struct.pack("<4sI", b"data", UNKNOWN_SIZE))

    def say(self, samples: array[int]) -> None:
        """Append int16 ``samples``; whoever records hears them from now on, at their own pace."""
        with self.path.open("ab") as file:
            file.write(samples.tobytes())
