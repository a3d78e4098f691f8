"""
Short sounds that say what the device does: synthesized, so that they need no file and no network. Pure.

One instrument, a soft mallet on wood, and one key, so that they are heard as one voice. What begins or opens rises,
what ends or closes falls, each of a pair being the other one backwards; trouble is low and minor; a remark is one tick.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from functools import lru_cache
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from .formats import Samples

_PEAK = 32768 * 10 ** (-18 / 20)  # -18 dBFS
_ATTACK_S = 0.006
_PARTIALS = ((1, 1.0, 4.0), (2, 0.22, 6.0), (4, 0.1, 14.0))
"""Multiple of the tone, loudness, and how often it falls to a third while it rings: the highest are only the knock."""


class Cue(StrEnum):
    """What a sound says."""

    READY = auto()
    """The device is up: press the button."""

    START = auto()
    """A session begins: speak. For boards that cancel their own echo: elsewhere the open microphone would hear it."""

    END = auto()
    """The session is over."""

    MUTE = auto()
    """The microphone is off."""

    UNMUTE = auto()
    """The microphone is on again."""

    LIMIT = auto()
    """The knob is at its end: there is no more."""

    ERROR = auto()
    """Something went wrong; the log knows what."""

    OFFLINE = auto()
    """There is no way to the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One stroke of the mallet: its tone, and when it comes after the stroke before it."""

    hz: float
    after_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chime:
    """Notes that ring into each other, each for ``ring_ms``."""

    notes: tuple[Note, ...]
    ring_ms: int


def _chime(*tones: float, apart_ms: int = 0, ring_ms: int) -> Chime:
    notes = (Note(hz=hz, after_ms=apart_ms if place else 0) for place, hz in enumerate(tones))
    return Chime(notes=tuple(notes), ring_ms=ring_ms)


_G4, _C5, _E_FLAT5, _E5, _G5, _C6 = 392.0, 523.25, 622.25, 659.25, 783.99, 1046.5

CHIMES: dict[Cue, Chime] = {
    Cue.READY: _chime(_C5, _E5, _G5, apart_ms=110, ring_ms=340),
    Cue.START: _chime(_G5, _C6, apart_ms=90, ring_ms=240),
    Cue.END: _chime(_C6, _G5, apart_ms=90, ring_ms=300),
    Cue.MUTE: _chime(_G5, _C5, apart_ms=70, ring_ms=160),
    Cue.UNMUTE: _chime(_C5, _G5, apart_ms=70, ring_ms=160),
    Cue.LIMIT: _chime(_G5, ring_ms=90),
    Cue.ERROR: _chime(_E_FLAT5, _C5, _G4, apart_ms=140, ring_ms=380),
    Cue.OFFLINE: _chime(_G4, _G4, _G4, apart_ms=190, ring_ms=220),
}


@lru_cache(maxsize=2 * len(Cue))
def render(cue: Cue, rate_hz: int) -> Samples:
    """Return ``cue`` as samples at ``rate_hz``; they begin and end in silence, and must not be changed."""
    chime = CHIMES[cue]
    onsets = [rate_hz * at_ms // 1000 for at_ms in accumulate(note.after_ms for note in chime.notes)]
    strokes = [_stroke(note.hz, ring_s=chime.ring_ms / 1000, rate_hz=rate_hz) for note in chime.notes]
    mix = np.zeros(onsets[-1] + len(strokes[-1]))
    for onset, stroke in zip(onsets, strokes, strict=True):
        mix[onset : onset + len(stroke)] += stroke
    samples: Samples = np.rint(_PEAK / np.abs(mix).max() * mix).astype(np.int16)
    samples.flags.writeable = False
    return samples


def _stroke(hz: float, *, ring_s: float, rate_hz: int) -> NDArray[np.float64]:
    time_s = np.arange(int(rate_hz * ring_s)) / rate_hz
    rung = time_s / time_s[-1]  # 0 to 1
    wave = np.zeros_like(time_s)
    for multiple, loudness, falls in _PARTIALS:
        wave += loudness * np.exp(-falls * rung) * np.sin(2 * np.pi * multiple * hz * time_s)
    rise = np.sin(np.pi / 2 * np.clip(time_s / _ATTACK_S, 0, 1)) ** 2
    end = np.sin(np.pi / 2 * np.clip(4 * (1 - rung), 0, 1)) ** 2  # the last quarter dies away to nothing
    return np.asarray(rise * end * wave, dtype=np.float64)
