"""Short sounds that say what the device does: synthesised, so that they need no file and no network. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto
from functools import lru_cache

import numpy as np

from .formats import Samples

_PEAK = 32768 * 10 ** (-18 / 20)  # -18 dBFS
_ATTACK_S, _RELEASE_S = 0.008, 0.03
_OVERTONE = 0.2  # of the octave above: a bare sine is hard to place in a room


class Cue(StrEnum):
    """What a sound says."""

    READY = auto()
    """The device is up: press the button."""

    START = auto()
    """A session begins: speak."""

    END = auto()
    """The session is over."""

    MUTE = auto()
    """The microphone is off."""

    UNMUTE = auto()
    """The microphone is on again."""

    LIMIT = auto()
    """There is no more: the knob is at its end, or the session's time is up."""

    ERROR = auto()
    """Something went wrong; the log knows what."""

    OFFLINE = auto()
    """There is no way to the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """One tone, or a pause where ``hz`` is 0."""

    hz: float
    ms: int


def _notes(*pairs: tuple[float, int]) -> tuple[Note, ...]:
    return tuple(Note(hz=hz, ms=ms) for hz, ms in pairs)


_G4, _C5, _E5, _G5, _C6 = 392.0, 523.25, 659.25, 783.99, 1046.5

NOTES: dict[Cue, tuple[Note, ...]] = {
    Cue.READY: _notes((_C5, 90), (_E5, 90), (_G5, 160)),
    Cue.START: _notes((_E5, 70), (_C6, 120)),
    Cue.END: _notes((_C6, 70), (_E5, 140)),
    Cue.MUTE: _notes((_G5, 60), (_G4, 90)),
    Cue.UNMUTE: _notes((_G4, 60), (_G5, 90)),
    Cue.LIMIT: _notes((_G5, 60)),
    Cue.ERROR: _notes((_E5, 120), (0, 40), (_C5, 120), (0, 40), (_G4, 240)),
    Cue.OFFLINE: _notes((_G4, 110), (0, 70), (_G4, 110), (0, 70), (_G4, 110)),
}
"""Rising is good, falling is over; low is bad."""


@lru_cache(maxsize=2 * len(Cue))
def render(cue: Cue, rate_hz: int) -> Samples:
    """Return ``cue`` as samples at ``rate_hz``; they begin and end in silence, and must not be changed."""
    samples = np.concatenate([_tone(note, rate_hz) for note in NOTES[cue]])
    samples.flags.writeable = False
    return samples


def _tone(note: Note, rate_hz: int) -> Samples:
    count = rate_hz * note.ms // 1000
    time_s = np.arange(count) / rate_hz
    angle = 2 * np.pi * note.hz * time_s
    wave = (np.sin(angle) + _OVERTONE * np.sin(2 * angle)) / (1 + _OVERTONE)
    rise = np.clip(time_s / _ATTACK_S, 0, 1)
    fall = np.clip((count - 1) / rate_hz - time_s, 0, _RELEASE_S) / _RELEASE_S
    soft = np.sin(np.pi / 2 * rise) ** 2 * np.sin(np.pi / 2 * fall) ** 2
    samples: Samples = np.rint(_PEAK * soft * wave).astype(np.int16)
    return samples
