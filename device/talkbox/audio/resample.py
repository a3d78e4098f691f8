"""The one resampler: any rate to any rate, a stream at a time. Pure."""

from __future__ import annotations

from functools import lru_cache
from math import ceil, gcd

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from .formats import Samples

_TAPS = 64
_LONGEST_DELAY_S = 0.0029  # of the 3 ms that are allowed
_ATTENUATION_DB = 84.0  # from the lower Nyquist frequency on; below 0.8 of it the gain is within 0.1 dB
_FEW_PHASES = 8  # up to so many, a few calls for each phase cost less than copies of all windows
_GATHERED = 12_288  # numbers copied at once: beyond 128 KiB malloc maps, and the kernel clears, new pages every time


class Resampler:
    """
    Windowed sinc (Kaiser) as a polyphase filter: 64 taps of the lower rate a phase, fewer where that delays over 3 ms.

    Images and aliases are 80 dB down, the ripple below 0.8 of the lower Nyquist frequency is under 0.2 dB. How a stream
    is cut makes no difference. Equal rates pass untouched and undelayed: the very same samples.

    Args:
        from_hz, to_hz: Samples a second, above zero.

    Attributes:
        delay_s: How much later a sound comes out than it went in; there is no further holding.

    Raises:
        ValueError: If a rate is not above zero.
    """

    def __init__(self, *, from_hz: int, to_hz: int) -> None:
        if from_hz <= 0 or to_hz <= 0:
            raise ValueError(f"rates must be above 0 Hz, not {from_hz} and {to_hz}")
        common = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._phases = _filter(from_hz, to_hz)
        self._taps: int = self._phases.shape[1]
        self.delay_s = (self._taps // 2) / from_hz
        self._untouched = from_hz == to_hz
        # Whatever the next output may still need. 64-bit floats: with 32 a sample could round otherwise when the same
        # sound is cut otherwise.
        self._inputs = np.zeros(self._taps - 1)
        self._windows = 0  # how many windows of inputs are complete
        self._next = 0  # where the next output lies, in 1/up input samples from the newest tap of the first window

    def needed(self, count: int) -> int:
        """Return how many samples more `process` takes to give ``count``."""
        if count == 0 or self._untouched:
            return count
        last_window = (self._next + self._down * (count - 1)) // self._up
        return max(0, last_window + 1 - self._windows)

    def process(self, samples: Samples, *, count: int | None = None) -> Samples:
        """
        Append ``samples``, and take what can be had: a constant number over any constant time.

        Args:
            samples: At the first rate.
            count: To take no more than so many; ``samples`` are then as many as are `needed` for it.

        Returns:
            At the second rate; where that is the first, ``samples`` themselves.

        Raises:
            ValueError: If fewer than ``count`` can be had.
        """
        if self._untouched:
            return samples
        self._inputs = np.concatenate([self._inputs, samples])
        self._windows += len(samples)
        available = max(0, -(-(self._windows * self._up - self._next) // self._down))
        if count is None:
            count = available
        if count > available:
            raise ValueError(f"{count} samples asked for, {available} at hand")
        if not count:
            return np.zeros(0, np.int16)
        filtered = self._filtered(count)
        self._forget(self._next + self._down * count)
        return filtered

    def _filtered(self, count: int) -> Samples:
        out = np.empty(count)
        if self._up <= _FEW_PHASES:
            self._fill_by_phase(out)
        else:
            self._fill_by_gathering(out)
        np.rint(out, out=out)
        np.minimum(np.maximum(out, -32768, out=out), 32767, out=out)
        return out.astype(np.int16)

    def _fill_by_phase(self, out: NDArray[np.float64]) -> None:
        """Compute the outputs of one phase after the other: hardly a copy, but calls for each phase."""
        for first in range(min(self._up, len(out))):
            window, phase = divmod(self._next + self._down * first, self._up)
            mine = out[first :: self._up]
            mine[:] = self._correlated(self._phases[phase], first=window, count=len(mine))

    def _correlated(self, taps: NDArray[np.float64], *, first: int, count: int) -> NDArray[np.float64]:
        """
        Apply ``taps`` to ``count`` windows, from the ``first`` on, each `_down` inputs after the one before.

        Every `_down`-th input meets the same taps in each window. `correlate` adds each output's products in one order,
        wherever it lies: a matrix product would be quicker still, and would not.
        """
        total = np.zeros(count)
        for offset in range(self._down):
            some = taps[offset :: self._down]
            inputs = self._inputs[first + offset :: self._down][: count - 1 + len(some)]
            total += np.correlate(inputs, some, "valid")
        return total

    def _fill_by_gathering(self, out: NDArray[np.float64]) -> None:
        """Compute the outputs in order, from copies of windows and phases that are small enough for the allocator."""
        windows = sliding_window_view(self._inputs, self._taps)
        size = max(1, _GATHERED // self._taps)
        for first in range(0, len(out), size):
            block = out[first : first + size]
            at = self._next + self._down * np.arange(first, first + len(block))
            block[:] = np.einsum("ij,ij->i", windows[at // self._up], self._phases[at % self._up])

    def _forget(self, position: int) -> None:
        """Move on to the output at ``position``, which may lie beyond the inputs at hand."""
        used = min(position // self._up, self._windows)
        self._inputs = self._inputs[used:]
        self._windows -= used
        self._next = position - used * self._up


@lru_cache(maxsize=8)
def _filter(from_hz: int, to_hz: int) -> NDArray[np.float64]:
    """Return the taps, one row a phase, oldest input first. A row sums to 1, so silence and DC are exact."""
    if from_hz == to_hz:
        return np.ones((1, 1))
    lower_hz = min(from_hz, to_hz)
    phases = to_hz // gcd(from_hz, to_hz)
    taps_at_lower = max(32, min(_TAPS, 2 * int(_LONGEST_DELAY_S * lower_hz)))
    taps = 2 * ceil(taps_at_lower * from_hz / lower_hz / 2)
    age = np.arange(taps) + np.arange(phases)[:, np.newaxis] / phases  # of each tap's input, in input samples
    window = np.i0(_beta(_ATTENUATION_DB) * np.sqrt(np.maximum(0.0, 1 - (2 * age / taps - 1) ** 2)))
    # The cutoff is half a transition below the Nyquist frequency, by Kaiser's estimate of its width.
    cutoff = 1 - (_ATTENUATION_DB - 8) / (2.285 * 2 * np.pi * taps * lower_hz / from_hz)
    rows = window * np.sinc(cutoff * lower_hz / from_hz * (age - taps / 2))
    ordered: NDArray[np.float64] = np.ascontiguousarray((rows / rows.sum(axis=1, keepdims=True))[:, ::-1])
    return ordered


def _beta(attenuation_db: float) -> float:
    """Kaiser's own formula for more than 50 dB."""
    return 0.1102 * (attenuation_db - 8.7)
