"""A loudspeaker that distorts, a room, a microphone, and clocks that disagree. Pure functions of signals."""

from __future__ import annotations

import numpy as np

from .speech import RATE_HZ, Signal

CARD_HZ = 48_000


def loudspeaker(signal: Signal, *, drive: float) -> Signal:
    """
    Return what a small loudspeaker makes of ``signal``, at `CARD_HZ`.

    No bass (a second-order high-pass at 220 Hz), and an amplifier that bends: ``drive`` 0 is linear; with speech at
    -20 dBFS 3 leaves the distortion 23 dB below the sound, 4 20 dB, 6 15 dB.
    """
    wide = upsampled(signal)
    if drive:
        bent = np.tanh(0.7 * drive * wide)
        wide = (bent + 0.1 * bent**2) / (0.7 * drive)
    return _shaped(wide, low_hz=220.0, high_hz=7_500.0)


def upsampled(signal: Signal) -> Signal:
    """Return ``signal`` at `CARD_HZ`."""
    factor = CARD_HZ // RATE_HZ
    spectrum = np.fft.rfft(signal)
    wide = np.zeros(len(signal) * factor // 2 + 1, complex)
    wide[: len(spectrum)] = spectrum
    wide[len(spectrum) - 1] = 0
    return np.fft.irfft(wide, len(signal) * factor) * factor


def downsampled(signal: Signal) -> Signal:
    """Return ``signal``, which is at `CARD_HZ`, at `RATE_HZ`."""
    factor = CARD_HZ // RATE_HZ
    short = len(signal) // factor
    spectrum = np.fft.rfft(signal)[: short // 2 + 1].copy()
    spectrum[-1] = 0
    return np.fft.irfft(spectrum, short) / factor


def response(rng: np.random.Generator, *, rt60_s: float, length_s: float, tail_db: float, enclosure: bool) -> Signal:
    """
    Return an impulse response at `CARD_HZ`: the direct sound after 0.25 ms, the box around it, and the room.

    Args:
        rng: Decides the reflections.
        rt60_s: In which the room's tail falls by 60 dB.
        length_s: Of the whole.
        tail_db: Energy of the tail, relative to the direct sound.
        enclosure: Whether the loudspeaker's own box reflects, within milliseconds.
    """
    taps = np.zeros(int(length_s * CARD_HZ))
    at_s = np.arange(len(taps)) / CARD_HZ
    direct = int(0.00025 * CARD_HZ)
    tail = rng.standard_normal(len(taps)) * 10 ** (-3 * at_s / rt60_s) * (at_s > 0.003)
    taps += tail * np.sqrt(10 ** (tail_db / 10) / (tail**2).sum())
    if enclosure:
        near = rng.standard_normal(len(taps)) * np.exp(-at_s / 0.0015) * (at_s > 0.00025)
        taps += near * np.sqrt(0.25 / (near**2).sum())
    taps[direct] += 1.0
    return taps


def convolved(signal: Signal, taps: Signal) -> Signal:
    """Return ``signal`` through ``taps``, as long as it was."""
    size = len(signal) + len(taps)
    return np.fft.irfft(np.fft.rfft(signal, size) * np.fft.rfft(taps, size), size)[: len(signal)]


def drifted(signal: Signal, *, ppm: float) -> Signal:
    """Return what a clock that runs ``ppm`` fast takes for ``signal``."""
    if not ppm:
        return signal
    half = 16
    at = np.arange(len(signal)) * (1 - ppm * 1e-6)
    whole = np.floor(at).astype(int)
    padded = np.pad(signal, half + 1)
    out = np.zeros(len(signal))
    for tap in range(1 - half, half + 1):
        away = at - (whole + tap)
        window = np.cos(np.pi * away / (2 * half + 2)) ** 2
        out += padded[np.minimum(whole + tap + half + 1, len(padded) - 1)] * np.sinc(away) * window
    return out


def noise(rng: np.random.Generator, count: int, *, level_db: float) -> Signal:
    """Return a room's noise at `RATE_HZ`: pink from 20 Hz on, and a mains hum 6 dB below it."""
    frequencies = np.fft.rfftfreq(count, 1 / RATE_HZ)
    spectrum = np.fft.rfft(rng.standard_normal(count)) / np.sqrt(np.maximum(frequencies, 20.0))
    pink = np.fft.irfft(spectrum, count)
    at_s = np.arange(count) / RATE_HZ
    hum = sum(np.sin(2 * np.pi * 50 * n * at_s + n) / n for n in (1, 2, 3))
    mixed = pink / pink.std() + 0.5 * hum / np.std(hum)
    level: Signal = mixed * 10 ** (level_db / 20) / mixed.std()
    return level


def _shaped(signal: Signal, *, low_hz: float, high_hz: float) -> Signal:
    frequencies = np.fft.rfftfreq(len(signal), 1 / CARD_HZ)
    ratio = np.divide(low_hz, frequencies, out=np.full(len(frequencies), 1e6), where=frequencies > 0)
    high_pass = 1 / (1 - ratio**2 - 1j * np.sqrt(2) * ratio)
    low_pass = 1 / np.sqrt(1 + (frequencies / high_hz) ** 16)
    return np.fft.irfft(np.fft.rfft(signal) * high_pass * low_pass, len(signal))
