"""The echo before and after, as spectrograms: one SVG, no library."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .scenes import END_S, NEAR_ONLY_S, TALK_S

WIDTH, HEIGHT, LEFT, TOP, GAP = 1040, 150, 60, 40, 34
WINDOW, HOP = 512, 400
FLOOR_DB, RANGE_DB = -110.0, 70.0
BEGIN_S = 0.0
PARTS = ((0.0, "the agent alone"), (TALK_S, "both"), (NEAR_ONLY_S, "the user alone"), (42.0, "the agent alone"))


def spectrograms(signals: Mapping[str, NDArray[np.int16]]) -> str:
    """Return an SVG with one row a signal: 0 to 8 kHz upwards, the whole scene from left to right."""
    rows = [_row(name, samples, TOP + n * (HEIGHT + GAP)) for n, (name, samples) in enumerate(signals.items())]
    marks = [
        f'<line x1="{_x(at_s):.0f}" x2="{_x(at_s):.0f}" y1="{TOP - 22}" y2="{TOP + len(rows) * (HEIGHT + GAP)}" '
        f'stroke="#888" stroke-dasharray="3 3"/><text x="{_x(at_s) + 4:.0f}" y="{TOP - 24}">{what}</text>'
        for at_s, what in PARTS
    ]
    height = TOP + len(rows) * (HEIGHT + GAP) + 10
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 10} {height}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        + "".join(rows + marks)
        + "</svg>\n"
    )


def _row(name: str, samples: NDArray[np.int16], top: int) -> str:
    data = base64.b64encode(_png(_colors(_levels(samples)))).decode("ascii")
    return (
        f'<text x="{LEFT}" y="{top - 5}">{name}</text>'
        f'<text x="{LEFT - 6}" y="{top + 10}" text-anchor="end">8 kHz</text>'
        f'<text x="{LEFT - 6}" y="{top + HEIGHT}" text-anchor="end">0</text>'
        f'<image x="{LEFT}" y="{top}" width="{WIDTH}" height="{HEIGHT}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/>'
    )


def _x(at_s: float) -> float:
    return LEFT + WIDTH * (at_s - BEGIN_S) / (END_S - BEGIN_S)


def _levels(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return 0 to 1 for each frequency (the highest first) and time; two neighbors together, which halves the file."""
    windows = np.lib.stride_tricks.sliding_window_view(samples / 32768.0, WINDOW)[::HOP] * np.hanning(WINDOW)
    power = (np.abs(np.fft.rfft(windows)[:, : WINDOW // 2]) / WINDOW) ** 2
    halved = power.reshape(len(power), -1, 2).mean(axis=2).T[::-1]
    levels: NDArray[np.float64] = np.clip((10 * np.log10(halved + 1e-14) - FLOOR_DB) / RANGE_DB, 0, 1)
    return levels


def _colors(levels: NDArray[np.float64]) -> NDArray[np.uint8]:
    """From black over violet and orange to white, in 32 steps: that many compress well."""
    stops = np.array([[0, 0, 8], [70, 15, 110], [190, 55, 80], [250, 150, 40], [255, 255, 220]], float)
    at = np.rint(levels * 31) / 31 * (len(stops) - 1)
    mixed = [np.interp(at, np.arange(len(stops)), stops[:, channel]) for channel in range(3)]
    return np.stack(mixed, axis=2).astype(np.uint8)


def _png(pixels: NDArray[np.uint8]) -> bytes:
    """Return the picture, shape ``(height, width, 3)``, as a PNG file."""
    height, width, _ = pixels.shape
    lines = np.concatenate([np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)], axis=1)

    def part(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packed = zlib.compress(lines.tobytes(), 9)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", packed) + part(b"IEND", b"")
