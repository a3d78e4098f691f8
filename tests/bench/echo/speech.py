"""Human speech for the scenes: prompts of Debian's asterisk packages, five speakers in five languages."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Signal = NDArray[np.float64]
"""Sound: mono, full scale 1."""

RATE_HZ = 16_000
LANGUAGES = ("en", "es", "fr", "it", "ru")
ROOT = Path("/usr/share/asterisk/sounds")
PACKAGES = "apt install libspandsp2 " + " ".join(f"asterisk-core-sounds-{name}-g722" for name in LANGUAGES)
LEAST_BYTES, MOST_BYTES = 12_000, 48_000  # 1.5 to 6 s
NO_SPEECH = ("tone", "beep", "silence", "noise", "music")


def why_not() -> str:
    """Return what is missing, in words; ``""`` if nothing is."""
    if ctypes.util.find_library("spandsp") is None or not all((ROOT / name).exists() for name in LANGUAGES):
        return f"the speech is not installed: {PACKAGES}"
    return ""


@lru_cache
def names(language: str) -> tuple[Path, ...]:
    """Return the language's prompts, of a useful length, in a fixed order."""
    found = (ROOT / language).resolve().rglob("*.g722")
    return tuple(
        sorted(
            path
            for path in found
            if LEAST_BYTES <= path.stat().st_size <= MOST_BYTES and not any(word in path.stem for word in NO_SPEECH)
        )
    )


def utterance(path: Path, *, level_db: float) -> Signal:
    """Return one prompt without the silence around it, its active part at ``level_db`` dBFS rms."""
    signal = _decoded(path.read_bytes()) / 32768.0
    active = np.flatnonzero(activity(signal))
    trimmed = signal[active[0] : active[-1] + 1]
    trimmed = trimmed - trimmed.mean()
    scaled: Signal = trimmed * 10 ** (level_db / 20) / active_rms(trimmed)
    return scaled


def activity(signal: Signal, *, below_db: float = 30.0) -> NDArray[np.bool_]:
    """Tell, for each sample, whether its 10 ms are within ``below_db`` of the loudest 5 percent."""
    block = RATE_HZ // 100
    padded = np.pad(signal, (0, -len(signal) % block))
    power = (padded.reshape(-1, block) ** 2).mean(axis=1)
    loud = float(np.percentile(power, 95))
    return np.repeat(power > loud * 10 ** (-below_db / 10), block)[: len(signal)]


def active_rms(signal: Signal) -> float:
    """Return the level of what is speech in ``signal``, pauses left out."""
    return float(np.sqrt((signal[activity(signal)] ** 2).mean()))


def _decoded(payload: bytes) -> NDArray[np.int16]:
    name = ctypes.util.find_library("spandsp")
    if name is None:
        raise OSError(why_not())
    library = ctypes.CDLL(name)
    library.g722_decode_init.restype = ctypes.c_void_p
    library.g722_decode_init.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_int]
    library.g722_decode.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
    library.g722_decode_free.argtypes = [ctypes.c_void_p]
    state = library.g722_decode_init(None, 64_000, 0)
    samples = np.zeros(2 * len(payload), np.int16)
    count = library.g722_decode(state, samples.ctypes.data, payload, len(payload))
    library.g722_decode_free(state)
    return samples[:count]
