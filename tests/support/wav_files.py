"""WAV files for tests, made chunk by chunk, so that they may be as odd as the world's are."""

from __future__ import annotations

import struct

from talkbox.terminal.director import recording

PCM_GUID = bytes.fromhex("0100000000001000800000aa00389b71")


def chunk(name: bytes, body: bytes, *, size: int | None = None) -> bytes:
    """Return one RIFF chunk, padded; its header may lie about the size."""
    return struct.pack("<4sI", name, len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def fmt(*, tag: int = 1, channels: int = 1, rate_hz: int = 16_000, bits: int = 16, extra: bytes = b"") -> bytes:
    """Return a format chunk."""
    align = channels * bits // 8
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate_hz, rate_hz * align, align, bits) + extra)


def extensible(guid: bytes = PCM_GUID, *, channels: int = 1, rate_hz: int = 16_000) -> bytes:
    """Return a WAVE_FORMAT_EXTENSIBLE format chunk."""
    return fmt(tag=0xFFFE, channels=channels, rate_hz=rate_hz, extra=struct.pack("<HHI", 22, 16, 4) + guid)


def wav(*chunks: bytes) -> bytes:
    """Return a whole file."""
    body = b"WAVE" + b"".join(chunks)
    return struct.pack("<4sI", b"RIFF", len(body)) + body


def speech(*said: str | float) -> bytes:
    """Return a file in which is said what the demonstration has recordings of, and nothing for so many seconds."""
    parts = [
        bytes(int(part * 16_000) * 2) if isinstance(part, float) else recording(part).samples.tobytes() for part in said
    ]
    return wav(fmt(), chunk(b"data", b"".join(parts)))
