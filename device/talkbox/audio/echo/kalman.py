"""The linear filter in numpy, where libspeexdsp is missing: a Kalman filter in the frequency domain. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkbox.audio.formats import Samples

from .ports import BLOCK, RATE_HZ

_KEPT = 0.9998  # of the path from one block to the next: what the filter believes of the room's calm
_NOISE_KEPT = np.float32(0.9)  # of the old estimate of all that is not echo
_START = 1.0  # how uncertain the path is at first, in squared gain
_LEAST = np.float32(1e-10)  # keeps silence from being divided by; -100 dBFS
_FULL_SCALE = np.float32(32768)
_TURNED = 2  # partitions that are put right in a block
_ROOM = 4  # times as many spectra as are looked at: the newest is put in front of the others, which seldom move


class Kalman:
    """
    Learn the echo path where the reference excites it; the user's speech and the noise slow that down by themselves.

    A partition of the path is no longer than a block. What the correction puts beyond that is the circle's, and is
    taken out of two partitions a block, each in its turn: after 8 blocks all 16 are right again (as in the MDF filter
    of Soo and Pang, 1990, in its alternately constrained form): 8 transforms a block instead of 35.

    Args:
        tail_s: How long the echo of one sample may last, from the reference on.
    """

    described = "Kalman filter"

    def __init__(self, *, tail_s: float = 0.16) -> None:
        self._parts = parts = max(1, round(tail_s * RATE_HZ / BLOCK))
        bins = BLOCK + 1
        self._inputs = _Newest(parts, np.zeros((_ROOM * parts, bins), np.complex64))  # spectra of the reference
        self._powers = _Newest(parts, np.zeros((_ROOM * parts, bins), np.float32))  # and their squares
        self._path = np.zeros((parts, bins), np.complex64)
        self._doubt = np.full((parts, bins), _START, np.float32)
        self._noise = np.full(bins, _LEAST, np.float32)
        self._said = np.zeros(2 * BLOCK, np.float32)
        self._turn = np.arange(_TURNED) % parts  # the partitions that are put right next
        self._kept = np.float32(_KEPT ** (parts / _TURNED))  # from one turn to the next
        # Places for what is computed anew in each block.
        self._spectra = np.zeros((1 + _TURNED, bins), np.complex64)
        self._signals = np.zeros((1 + _TURNED, 2 * BLOCK), np.float32)
        self._step, self._pace = np.zeros_like(self._path), np.zeros_like(self._doubt)

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return ``near`` without the linear part of the echo of ``far``. Blocks as in `Canceller`."""
        said = self._said
        said[:BLOCK] = said[BLOCK:]
        np.divide(far, _FULL_SCALE, out=said[BLOCK:])
        spectrum = np.fft.rfft(said)
        inputs, powers = self._inputs.put(spectrum), self._powers.put(_power(spectrum))
        np.multiply(inputs, self._path, out=self._step)
        np.add.reduce(self._step, axis=0, out=self._spectra[0])
        self._spectra[1:] = self._path[self._turn]
        taps = np.fft.irfft(self._spectra, 2 * BLOCK)
        # Each row's other half stays empty: the block is the window's second half, a partition the first.
        clean, parts = self._signals[0, BLOCK:], self._signals[1:, :BLOCK]
        np.divide(near, _FULL_SCALE, out=clean)
        clean -= taps[0, BLOCK:]
        np.multiply(taps[1:, :BLOCK], self._kept, out=parts)
        turned = np.fft.rfft(self._signals)
        self._put_right(turned[1:])
        self._learn(turned[0], inputs, powers)
        rounded = np.rint(clean * _FULL_SCALE)
        samples: Samples = np.minimum(np.maximum(rounded, -32768, out=rounded), 32767, out=rounded).astype(np.int16)
        return samples

    def _put_right(self, turned: NDArray[np.complexfloating]) -> None:
        """Replace the partitions whose turn it is, and let them age by the blocks since their last turn."""
        self._path[self._turn] = turned
        self._doubt[self._turn] = self._kept**2 * self._doubt[self._turn] + (1 - self._kept**2) * _power(turned)
        self._turn = (self._turn + _TURNED) % self._parts

    def _learn(
        self, left: NDArray[np.complexfloating], inputs: NDArray[np.complex64], powers: NDArray[np.float32]
    ) -> None:
        """Correct the path by what is ``left``, as far as that may be echo."""
        self._noise *= _NOISE_KEPT
        self._noise += (1 - _NOISE_KEPT) * _power(left)
        step, pace = self._step, self._pace
        np.multiply(self._doubt, powers, out=pace)
        scale = 1 / (np.add.reduce(pace, axis=0) + 2 * self._noise + _LEAST)
        np.conjugate(inputs, out=step)
        step *= self._doubt
        step *= left * scale
        self._path += step
        pace *= -0.5 * scale
        pace += 1
        self._doubt *= pace


class _Newest:
    """The newest of many rows, the newest first, and without moving the others for each."""

    def __init__(self, count: int, rows: NDArray[Any]) -> None:
        self._count, self._rows = count, rows
        self._first = len(rows) - count

    def put(self, row: NDArray[Any]) -> NDArray[Any]:
        """Put ``row`` in front, and return as many as are looked at."""
        if self._first == 0:
            self._first = len(self._rows) - self._count
            self._rows[self._first + 1 :] = self._rows[: self._count - 1]
        else:
            self._first -= 1
        self._rows[self._first] = row
        return self._rows[self._first : self._first + self._count]


def _power(spectrum: NDArray[np.complexfloating]) -> NDArray[np.float32]:
    power: NDArray[np.float32] = spectrum.real**2 + spectrum.imag**2
    return power
