"""The container of a WAV file: what its chunks say. Pure but for the file that is handed in."""

from __future__ import annotations

import errno
import os
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

HEADER_BYTES = 44
MOST_DATA_BYTES = 0xFFFF_FFFF - HEADER_BYTES
_PCM, _EXTENSIBLE = 1, 0xFFFE
_PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")
_UNKNOWN_SIZES = {0, 0xFFFF_FFFF}
_RATES_HZ = range(4_000, 384_001)
_CHANNELS = range(1, 65)


@dataclass(frozen=True, slots=True, kw_only=True)
class WavLayout:
    """
    Where the samples of a PCM16 file are.

    Attributes:
        rate_hz: Frames a second.
        channels: Samples a frame.
        data_start: First byte of the samples.
        data_bytes: How many bytes of samples there are, or `None` where the header does not know (yet).
        canonical: Whether the header is `mono_header`'s: 44 bytes that count these samples and nothing else.
    """

    rate_hz: int
    channels: int
    data_start: int
    data_bytes: int | None
    canonical: bool

    @property
    def frame_bytes(self) -> int:
        """Bytes a frame takes."""
        return 2 * self.channels


def read_layout(file: BinaryIO, path: Path) -> WavLayout:
    """
    Find the samples of ``file``.

    Args:
        file: At any position; moves it.
        path: For the error.

    Raises:
        OSError: ``EINVAL``, if it is not a WAV file with 16-bit PCM, saying what it is instead.
    """
    file.seek(0)
    riff, riff_bytes, wave = _unpack("<4sI4s", file.read(12), path)
    if (riff, wave) != (b"RIFF", b"WAVE"):
        raise _refused(path, "not a WAV file")
    layout: tuple[int, int] | None = None
    while head := file.read(8):
        name, size = _unpack("<4sI", head, path)
        start = file.tell()
        if name == b"fmt ":
            layout = _read_format(file.read(min(size, 40)), path)
        elif name == b"data":
            if layout is None:
                raise _refused(path, "a WAV file whose samples come before their format")
            rate_hz, channels = layout
            known = size not in _UNKNOWN_SIZES and start + size <= os.fstat(file.fileno()).st_size
            return WavLayout(
                rate_hz=rate_hz,
                channels=channels,
                data_start=start,
                data_bytes=size if known else None,
                canonical=start == HEADER_BYTES and riff_bytes == HEADER_BYTES - 8 + size,
            )
        file.seek(start + size + size % 2)  # chunks are padded to even lengths
    raise _refused(path, "a WAV file without samples")


def mono_header(*, rate_hz: int, data_bytes: int) -> bytes:
    """Return the `HEADER_BYTES` before ``data_bytes`` of mono PCM16."""
    riff = struct.pack("<4sI4s", b"RIFF", HEADER_BYTES - 8 + data_bytes, b"WAVE")
    fmt = struct.pack("<4sIHHIIHH", b"fmt ", 16, _PCM, 1, rate_hz, 2 * rate_hz, 2, 16)
    return riff + fmt + struct.pack("<4sI", b"data", data_bytes)


def _read_format(body: bytes, path: Path) -> tuple[int, int]:
    """Return rate and channels."""
    tag, channels, rate_hz, _byte_rate, _align, bits = _unpack("<HHIIHH", body[:16], path)
    if tag == _EXTENSIBLE:
        tag = _PCM if body[24:40] == _PCM_GUID else tag
    if tag != _PCM or bits != 16:
        raise _refused(path, f"a WAV file with {bits} bits of format {tag:#x}, not with 16 bits of PCM")
    if channels not in _CHANNELS or rate_hz not in _RATES_HZ:
        raise _refused(path, f"a WAV file with {channels} channels at {rate_hz} Hz")
    return rate_hz, channels


def _unpack(layout: str, raw: bytes, path: Path) -> tuple[Any, ...]:
    try:
        return struct.unpack(layout, raw)
    except struct.error:
        raise _refused(path, "not a WAV file, or cut off within its header") from None


def _refused(path: Path, what: str) -> OSError:
    return OSError(errno.EINVAL, what, str(path))
