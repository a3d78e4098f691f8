"""Sounds that survive an echo canceller, and finding them in what arrived. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

PIECE_S = 0.1
_LEVEL = 6000.0
_ALIKE = 0.6  # a piece was found if what arrived is so much like it
_EDGE_S = 0.01
_DYING_S = 0.04


def voiced(seed: int, *, seconds: float, rate_hz: int) -> Samples:
    """
    Return a gliding, voice-like sound; the same at every rate.

    Clicks and noise are what noise suppression takes away; harmonics that glide pass for a vowel, and nothing in them
    repeats, so that their place can be found.
    """
    rng = np.random.default_rng(seed)
    at_s = np.arange(round(seconds * rate_hz)) / rate_hz
    pitch_hz, glide_hz, sway_hz = rng.uniform(100, 180), rng.uniform(150, 400), rng.uniform(2, 4)
    cycles = pitch_hz * at_s + glide_hz * at_s**2 / 2 / seconds + 4 * np.sin(2 * np.pi * sway_hz * at_s) / sway_hz
    harmonics = range(1, 12)  # up to 6 kHz
    sound = sum(np.cos(2 * np.pi * (h * cycles + rng.random())) / h**0.5 for h in harmonics)
    edge = np.clip(np.minimum(at_s, at_s[-1] - at_s) / _EDGE_S, 0, 1)
    rounded: Samples = np.rint(_LEVEL * sound / np.sqrt(len(harmonics)) * edge).clip(-32_000, 32_000).astype(np.int16)
    return rounded


def place(piece: Samples, heard: Samples) -> int | None:
    """Return where in `heard` `piece` begins, to the sample; `None`: it is not there."""
    if len(heard) < len(piece):
        return None
    wanted, there = piece.astype(float), heard.astype(float)
    size = 1 << (len(wanted) + len(there)).bit_length()
    products = np.fft.irfft(np.fft.rfft(there, size) * np.fft.rfft(wanted, size).conj(), size)
    products = products[: len(there) - len(wanted) + 1]
    energy = np.cumsum(np.concatenate([[0.0], there**2]))
    energy = energy[len(wanted) :] - energy[: -len(wanted)]
    alike = products / np.sqrt((wanted @ wanted) * np.maximum(energy, 1.0))
    best = int(alike.argmax())
    return best if alike[best] >= _ALIKE else None


def tone(*, seconds: float, rate_hz: int, hz: float = 200.0, level: float = 8000.0) -> Samples:
    """
    Return a sine: whatever is steeper in what is heard of it is a click.

    It begins at zero, and dies away at its end as speech does: what breaks off is held for a network that is late.
    """
    count = round(seconds * rate_hz)
    at = np.arange(count)
    dying = np.clip((count - at) / rate_hz / _DYING_S - 0.5, 0, 1)
    rounded: Samples = np.rint(level * np.sin(2 * np.pi * hz * at / rate_hz) * dying).astype(np.int16)
    return rounded


def steepest(samples: Samples) -> int:
    """Return the largest step from one sample to the next."""
    return int(np.abs(np.diff(samples.astype(int))).max(initial=0))
