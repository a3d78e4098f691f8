"""A card's frames to mono samples and back. Pure."""

from __future__ import annotations

import numpy as np

from .formats import Samples


def interleaved(payload: bytes, *, sample_bytes: int) -> Samples:
    """
    Return the samples of all channels as they come, one frame after the other.

    Args:
        payload: Whole frames, signed, little-endian.
        sample_bytes: 2, or 4, of which the upper 16 bits count.
    """
    if sample_bytes == 2:
        return np.frombuffer(payload, "<i2")
    return (np.frombuffer(payload, "<i4") >> 16).astype(np.int16)


def averaged(samples: Samples, *, channels: int) -> Samples:
    """Return one sample for each frame of the interleaved ``samples``: the channels' average."""
    if channels == 1:
        return samples
    total = samples[::channels].astype(np.int32)  # one after the other: much quicker than a sum along short rows
    for channel in range(1, channels):
        total += samples[channel::channels]
    mono: Samples = (total // channels).astype(np.int16)
    return mono


def from_mono(samples: Samples, *, channels: int, sample_bytes: int) -> bytes:
    """Return interleaved frames that say ``samples`` on every channel; ``sample_bytes`` as for `interleaved`."""
    wide = samples.astype("<i2", copy=False) if sample_bytes == 2 else samples.astype("<i4") << 16
    return wide.repeat(channels).tobytes()
