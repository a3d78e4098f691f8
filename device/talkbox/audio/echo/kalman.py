"""The linear filter in numpy, where libspeexdsp is missing: a Kalman filter in the frequency domain, in parts. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from talkbox.audio.formats import Samples

from .ports import BLOCK, RATE_HZ

_KEPT = 0.9998  # of the path from one block to the next: what the filter believes of the room's calm
_NOISE_KEPT = 0.9  # of the old estimate of all that is not echo
_START = 1.0  # how uncertain the path is at first, in squared gain
_LEAST = 1e-10  # keeps silence from being divided by; -100 dBFS


class Kalman:
    """
    Learn the echo path where the reference excites it; the user's speech and the noise slow that down by themselves.

    Args:
        tail_s: How long the echo of one sample may last, from the reference on.
    """

    described = "Kalman filter"

    def __init__(self, *, tail_s: float = 0.16) -> None:
        shape = (max(1, round(tail_s * RATE_HZ / BLOCK)), BLOCK + 1)
        self._inputs = np.zeros(shape, np.complex64)  # spectra of the reference, the newest first
        self._path = np.zeros(shape, np.complex64)
        self._doubt = np.full(shape, _START, np.float32)
        self._noise = np.full(BLOCK + 1, _LEAST, np.float32)
        self._last = np.zeros(BLOCK, np.float32)

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return ``near`` without the linear part of the echo of ``far``. Blocks as in `Canceller`."""
        said = (far / 32768).astype(np.float32)
        self._inputs[1:] = self._inputs[:-1]
        self._inputs[0] = np.fft.rfft(np.concatenate([self._last, said]))
        self._last = said
        echo = np.fft.irfft((self._inputs * self._path).sum(axis=0), 2 * BLOCK)[BLOCK:]
        clean = (near / 32768 - echo).astype(np.float32)
        self._learn(clean)
        samples: Samples = np.clip(np.rint(clean * 32768), -32768, 32767).astype(np.int16)
        return samples

    def _learn(self, clean: NDArray[np.float32]) -> None:
        """Correct the path by what is left, as far as that may be echo."""
        left = np.fft.rfft(clean, 2 * BLOCK)
        left[1::2] *= -1  # moves the block to the window's second half, where the reference's last block is too
        self._noise *= _NOISE_KEPT
        self._noise += (1 - _NOISE_KEPT) * (left.real**2 + left.imag**2)
        power = self._inputs.real**2 + self._inputs.imag**2
        spread = self._doubt * power
        pace = self._doubt / (spread.sum(axis=0) + 2 * self._noise + _LEAST)
        step = np.fft.irfft(np.conj(self._inputs) * pace * left, 2 * BLOCK, axis=1)
        step[:, BLOCK:] = 0  # a partition is no longer than a block; what is beyond it is the circle's
        self._path += np.fft.rfft(step, axis=1)
        self._path *= _KEPT
        moved = self._path.real**2 + self._path.imag**2
        self._doubt *= _KEPT**2 * (1 - 0.5 * pace * power)
        self._doubt += (1 - _KEPT**2) * moved
