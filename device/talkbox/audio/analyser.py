"""Frequency data of a stream, with the meaning the Web Audio API gives it."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray


class Analyser:
    """
    Port of the Web Audio ``AnalyserNode`` (W3C, "FFT Windowing and Smoothing over Time").

    Feed it from one thread; read it from one other. Reading does not consume, but smooths: what a reading gives depends
    on the readings before it, as in a browser.

    Args:
        fft_size: Window, in samples. A power of two, 32 to 32768.
        smoothing: Weight of the previous spectrum, 0 (none) to below 1.
        floor_db, ceiling_db: Magnitudes, in dBFS, shown as 0 and as 255.

    Raises:
        ValueError: If an argument is out of range.
    """

    def __init__(
        self,
        *,
        fft_size: int = 2048,
        smoothing: float = 0.8,
        floor_db: float = -100.0,
        ceiling_db: float = -30.0,
    ) -> None:
        if fft_size.bit_count() != 1 or not 32 <= fft_size <= 32768:
            raise ValueError(f"fft_size must be a power of two in 32..32768, not {fft_size}")
        if not 0.0 <= smoothing < 1.0:
            raise ValueError(f"smoothing must be in [0, 1), not {smoothing}")
        if floor_db >= ceiling_db:
            raise ValueError(f"floor_db {floor_db} is not below ceiling_db {ceiling_db}")
        self._size = fft_size
        n = np.arange(fft_size) / fft_size
        # Blackman, periodic: `np.blackman` is the symmetric one, which Web Audio does not mean.
        self._window = 0.42 - 0.5 * np.cos(2 * np.pi * n) + 0.08 * np.cos(4 * np.pi * n)
        self._window /= 32768.0  # the samples' full scale: a power of two, so nothing is rounded
        self._held = deque([np.zeros(fft_size, np.int16)])  # the window, in pieces
        self._surplus = 0  # samples held beyond the window
        self._fresh = True  # whether anything came since the last reading
        self._smoothed = np.zeros(fft_size // 2)
        self._smoothing = smoothing
        self._floor_db, self._ceiling_db = floor_db, ceiling_db

    def feed(self, samples: NDArray[np.int16]) -> None:
        """Append ``samples``: mono, shape ``(n,)``, any ``n``; full scale is 32768. They must not change afterwards."""
        count = len(samples)
        if not count:
            return
        self._held.append(samples)
        self._surplus += count
        while self._surplus >= (oldest := len(self._held[0])):
            self._held.popleft()
            self._surplus -= oldest
        self._fresh = True

    def byte_frequency_data(self) -> NDArray[np.uint8]:
        """
        Spectrum of the most recent window. Without new samples since the last reading, the same again.

        Returns:
            Shape ``(fft_size // 2,)``. Bin ``k`` is centered on
            ``k * sample_rate / fft_size`` Hz.
        """
        if self._fresh:
            self._fresh = False  # before looking: what comes meanwhile is looked at again
            size = self._size
            # A copy of a deque is made in one step; a piece that leaves it meanwhile is the oldest, and not missed.
            window = np.concatenate(list(self._held))[-size:] * self._window
            magnitude = np.abs(np.fft.rfft(window))[: size // 2] / size
            self._smoothed = self._smoothing * self._smoothed + (1 - self._smoothing) * magnitude
        with np.errstate(divide="ignore"):
            level_db = 20 * np.log10(self._smoothed)
        scaled = 255 * (level_db - self._floor_db) / (self._ceiling_db - self._floor_db)
        return np.clip(np.floor(scaled), 0, 255).astype(np.uint8)

    def volume(self) -> float:
        """Return the mean of `byte_frequency_data`, 0 (-100 dB in every bin) to 1 (-30 dB)."""
        return float(self.byte_frequency_data().mean()) / 255.0
