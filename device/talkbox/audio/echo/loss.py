"""How much of the echo is taken away, measured on the way, and only where it can be known. Pure."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from talkbox.audio.formats import Samples, Signal, peak

from .ports import BLOCK

STRETCH = 50
"""Blocks, 0.5 s, that are judged together."""

MOST_DB = 40.0
"""What is measured at most: beyond it lies the noise."""

_AUDIBLE = 10.0  # times the noise, 10 dB: a weaker echo says nothing
_SOUNDING = 32_768.0**2 * 10 ** (-60 / 10)  # of the reference; below it, a loudspeaker says nothing
_ENOUGH = STRETCH // 5  # blocks with an audible echo
_PLAIN_DB = 20.0  # a greater loss needs no further question
_COHERENT = 0.25  # five times what independent sounds have: it is echo
_WINDOW, _HOP = 512, 256  # samples, 32 and 16 ms: 30 windows a stretch
_BAND = slice(10, 128)  # 300 to 4000 Hz
_REMEMBERED = 16  # stretches, 8 s, in which speech pauses once, and the noise is heard
_PAUSE = 10  # blocks: the noise is the quietest tenth of a second, and not a lucky block


class LossMeter:
    """
    Compare what the microphone heard with what was left of it.

    A stretch says something if the agent sounds in it, its echo stands 10 dB above the microphone's noise, and the
    agent is alone. That last is asked of what is left: echo that got through resembles the reference, a user does not.

    Attributes:
        near_peak: The highest of the microphone in the last stretch, 0 to 32768.
        far_peak: The highest of the reference in it and in the one before, in which its echo began if it is that late.
    """

    def __init__(self) -> None:
        self.near_peak = self.far_peak = self._far_peak = 0
        self._blocks: list[tuple[Samples, Samples, Samples]] = []
        self._near_noise: deque[float] = deque(maxlen=_REMEMBERED)
        self._clean_noise: deque[float] = deque(maxlen=_REMEMBERED)

    def feed(self, near: Samples, clean: Samples, far: Samples) -> float | None:
        """
        Take the next `BLOCK` of each.

        Args:
            near: The microphone.
            clean: What was left of it.
            far: The reference, as late as its echo in ``clean`` is.

        Returns:
            The echo loss of the stretch that this block completes, 0 to `MOST_DB`; `None`: there is nothing to say.
        """
        self._blocks.append((near, clean, far))
        if len(self._blocks) < STRETCH:
            return None
        heard, left, said = (np.concatenate(part).astype(np.float32) for part in zip(*self._blocks, strict=True))
        self._blocks.clear()
        far_peak = peak(said)
        self.near_peak, self.far_peak, self._far_peak = peak(heard), max(far_peak, self._far_peak), far_peak
        return self._judged(heard, left, said)

    def _judged(self, heard: Signal, left: Signal, said: Signal) -> float | None:
        before, after, far = _powers(heard), _powers(left), _powers(said)
        self._near_noise.append(_quietest(before))
        self._clean_noise.append(_quietest(after))
        noise, rest = min(self._near_noise), min(self._clean_noise)
        audible = (far > _SOUNDING) & (before > _AUDIBLE * noise)
        if audible.sum() < _ENOUGH:
            return None
        echo = float(before[audible].mean()) - noise
        through = max(float(after[audible].mean()) - rest, echo / 10 ** (MOST_DB / 10))
        loss_db = max(0.0, 10 * float(np.log10(echo / through)))
        return loss_db if loss_db > _PLAIN_DB or _coherence(left, said) > _COHERENT else None


def _powers(signal: Signal) -> NDArray[np.float32]:
    """Return each block's power; never quite 0."""
    blocks = signal.reshape(-1, BLOCK)
    powers: NDArray[np.float32] = np.einsum("ij,ij->i", blocks, blocks) / BLOCK + 1e-3
    return powers


def _quietest(powers: NDArray[np.float32]) -> float:
    return float(powers.reshape(-1, _PAUSE).mean(axis=1).min())


def _coherence(left: Signal, said: Signal) -> float:
    """Return which part of ``left``, 0 to 1, a filter could make of ``said``; independent sounds have about 0.05."""
    spectra_left, spectra_said = _spectra(left), _spectra(said)
    cross = (spectra_left * np.conj(spectra_said)).sum(axis=0)
    power_left, power_said = ((np.abs(spectra) ** 2).sum(axis=0) + 1e-3 for spectra in (spectra_left, spectra_said))
    explained = np.abs(cross) ** 2 / power_said
    return float(explained.sum() / power_left.sum())


def _spectra(signal: Signal) -> NDArray[np.complex64]:
    windows = sliding_window_view(signal, _WINDOW)[::_HOP] * np.hanning(_WINDOW).astype(np.float32)
    return np.fft.rfft(windows)[:, _BAND].astype(np.complex64)
