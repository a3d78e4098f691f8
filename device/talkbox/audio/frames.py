"""A card's frames to mono samples and back. Pure."""

from __future__ import annotations

import numpy as np

from .formats import Samples


def to_mono(payload: bytes, *, channels: int, sample_bytes: int) -> Samples:
    """
    Return the average of the channels of interleaved frames.

    Args:
        payload: Whole frames, signed, little-endian.
        channels: Samples a frame.
        sample_bytes: 2, or 4, of which the upper 16 bits count.
    """
    flat = np.frombuffer(payload, "<i2" if sample_bytes == 2 else "<i4")
    if sample_bytes == 4:
        flat = flat >> 16
    if channels > 1:  # one after the other: much quicker than a sum along short rows
        total = flat[::channels].astype(np.int32)
        for channel in range(1, channels):
            total += flat[channel::channels]
        flat = total // channels
    mono: Samples = flat.astype(np.int16, copy=False)
    return mono


def from_mono(samples: Samples, *, channels: int, sample_bytes: int) -> bytes:
    """Return interleaved frames that say ``samples`` on every channel. Arguments as for `to_mono`."""
    wide = samples.astype("<i2", copy=False) if sample_bytes == 2 else samples.astype("<i4") << 16
    return np.repeat(wide, channels).tobytes()
