"""
A sound to measure a room with, and what a recording says of the way it took. Pure.

For the doctor: whether the loudspeaker is heard by the microphone, how loudly, and how much later; and whether a
microphone is dead, deafened or overdriven.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .formats import Samples

CHIRP_S = 0.6
PEAK = 8000
"""A quarter of full scale: heard across a room, and kind to a small loudspeaker."""

FLOOR_DB = -120.0
_LOW_HZ, _HIGH_HZ = 300.0, 6000.0
_FADE_S = 0.01
_ECHO_S = 0.1  # around the chirp, a room's own echoes are no noise
_CLEAR = 8.0  # noise alone hardly reaches 5 times its own rms in a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """
    A chirp in a recording.

    Attributes:
        frame: Where it begins.
        level_db: How loud it is there, in dBFS (rms).
        loss_db: How much quieter than it was played; below 0 where a gain is in between.
        clarity: How far it stands out of everything else; `_CLEAR` is enough to be sure.
    """

    frame: int
    level_db: float
    loss_db: float
    clarity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Loudness:
    """
    What a microphone delivered.

    Attributes:
        rms_db, peak_db: In dBFS, without the constant part; `FLOOR_DB` for nothing at all.
        clipped: The part of its frames that are at full scale, 0 to 1.
        constant: Whether it was the same number all the time.
    """

    rms_db: float
    peak_db: float
    clipped: float
    constant: bool


def chirp(rate_hz: int) -> Samples:
    """Return a tone that rises from 300 Hz to 6 kHz, or to what the rate allows; it begins and ends in silence."""
    high_hz = min(_HIGH_HZ, 0.4 * rate_hz)
    time_s = np.arange(int(CHIRP_S * rate_hz)) / rate_hz
    octaves = math.log(high_hz / _LOW_HZ)
    phase = 2 * np.pi * _LOW_HZ * CHIRP_S / octaves * (np.exp(time_s / CHIRP_S * octaves) - 1)
    edge_s = np.minimum(time_s, time_s[::-1])
    wave = np.sin(phase) * np.sin(np.pi / 2 * np.clip(edge_s / _FADE_S, 0, 1)) ** 2
    samples: Samples = np.rint(PEAK * wave).astype(np.int16)
    return samples


def find(recording: Samples, *, rate_hz: int) -> Found | None:
    """
    Look for the `chirp` in ``recording``, which had better be a second longer; `None`: it is not in it.

    Correlates with it: noise, a hum and a voice do not look like it.
    """
    reference = chirp(rate_hz).astype(np.float64)
    if len(recording) < len(reference):
        return None
    heard = recording.astype(np.float64) - recording.mean()
    likeness = np.abs(_correlated(heard, reference))
    frame = int(np.argmax(likeness))
    near = int(_ECHO_S * rate_hz)
    rest = np.concatenate([likeness[: max(0, frame - near)], likeness[frame + near :]])
    noise = float(np.sqrt(np.mean(rest**2))) if len(rest) else 0.0
    gain = float(likeness[frame]) / float(reference @ reference)
    if gain == 0 or likeness[frame] < _CLEAR * noise:
        return None
    played_db = decibels(float(np.sqrt(np.mean(reference**2))) / 32768)
    loss_db = -decibels(gain)
    clarity = float(likeness[frame]) / noise if noise else math.inf
    return Found(frame=frame, level_db=played_db - loss_db, loss_db=loss_db, clarity=clarity)


def loudness(samples: Samples, *, full: NDArray[np.bool_]) -> Loudness:
    """Return how loud ``samples`` are, of which those were at full scale that are ``full``; none are silence."""
    if not len(samples):
        return Loudness(rms_db=FLOOR_DB, peak_db=FLOOR_DB, clipped=0.0, constant=True)
    heard = samples.astype(np.float64)
    heard -= heard.mean()
    return Loudness(
        rms_db=decibels(float(np.sqrt(np.mean(heard**2))) / 32768),
        peak_db=decibels(float(np.abs(heard).max()) / 32768),
        clipped=float(full.mean()),
        constant=bool((samples == samples[0]).all()),
    )


def decibels(ratio: float) -> float:
    """Return a ratio of amplitudes in dB, `FLOOR_DB` at least."""
    return max(FLOOR_DB, 20 * math.log10(ratio)) if ratio > 0 else FLOOR_DB


def _correlated(heard: NDArray[np.float64], reference: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how much `heard` is like `reference` from each of its frames on, as far as the whole of it fits."""
    size = 1 << (len(heard) + len(reference)).bit_length()
    spectrum = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(reference, size))
    return np.asarray(np.fft.irfft(spectrum, size)[: len(heard) - len(reference) + 1])
