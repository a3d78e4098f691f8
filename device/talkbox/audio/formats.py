"""The formats of the wire: samples to payload and back. Pure; knows no rate but the format's own."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Decoded sound: mono, shape ``(n,)``, full scale 32768."""

Signal = NDArray[np.float32]
"""The same, being reckoned with."""


class Encoding(StrEnum):
    """How one sample becomes bytes."""

    PCM = "pcm"
    """16 bits, little-endian."""

    ULAW = "ulaw"
    """8 bits, ITU-T G.711 µ-law."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioFormat:
    """One of the contract's formats. Mono, always."""

    encoding: Encoding
    rate_hz: int

    @classmethod
    def parse(cls, name: str) -> AudioFormat:
        """
        Return the format that the service calls ``name``, for example ``"pcm_16000"`` or ``"ulaw_8000"``.

        Raises:
            ValueError: If the contract has no such format.
        """
        try:
            return FORMATS[name]
        except KeyError:
            raise ValueError(f"audio format must be one of {', '.join(FORMATS)}, not {name!r}") from None

    @property
    def name(self) -> str:
        """The service's name for it."""
        return f"{self.encoding}_{self.rate_hz}"

    @property
    def sample_bytes(self) -> int:
        """Bytes a sample takes on the wire."""
        return 2 if self.encoding is Encoding.PCM else 1

    def encode(self, samples: Samples) -> bytes:
        """Return the payload of ``samples``."""
        if self.encoding is Encoding.PCM:
            return samples.astype("<i2", copy=False).tobytes()
        return _ulaw_codes()[samples.view(np.uint16)].tobytes()


FORMATS = {
    audio_format.name: audio_format
    for audio_format in (
        *(AudioFormat(encoding=Encoding.PCM, rate_hz=hz) for hz in (8_000, 16_000, 22_050, 24_000, 44_100, 48_000)),
        AudioFormat(encoding=Encoding.ULAW, rate_hz=8_000),
    )
}


class Decoder:
    """
    Payloads to samples, one stream. A sample that is cut in two by the end of a payload is completed by the next.

    Args:
        audio_format: What the payloads are encoded in.
    """

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._carried = b""

    def decode(self, payload: bytes) -> Samples:
        """Return the samples that ``payload`` completes; it may be empty. Costs a copy at most, whatever the length."""
        if self._format.encoding is Encoding.ULAW:
            return _ulaw_samples()[np.frombuffer(payload, np.uint8)]
        if self._carried:
            payload = self._carried + payload
        whole = len(payload) // 2
        self._carried = payload[2 * whole :]
        return np.frombuffer(payload, "<i2", whole).astype(np.int16, copy=False)

    def reset(self) -> None:
        """Forget half a sample: what comes next is another stream."""
        self._carried = b""


@cache
def _ulaw_samples() -> Samples:
    """The 256 values of G.711 table 2, scaled to 16 bits."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4 & 7).astype(np.int32), (code & 15).astype(np.int32)
    magnitude = ((2 * mantissa + 33) << (exponent + 2)) - 132
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


@cache
def _ulaw_codes() -> NDArray[np.uint8]:
    """The code of each sample, indexed by its 16 bits taken as unsigned."""
    sample = np.arange(65_536, dtype=np.uint16).view(np.int16)
    # One's complement for the negative half, as the ITU's own reference has it (G.191): a value on the border of two
    # steps is coded towards zero there. Shifting the negative number itself would code -1 as -8.
    magnitude = np.minimum((np.where(sample < 0, ~sample, sample) >> 2) + 33, 0x1FFF)
    segment = np.frexp((magnitude >> 5).astype(np.float64))[1]  # 1 for 33..63, 8 for 4096..8191
    code = (8 - segment) << 4 | 15 - (magnitude >> segment & 15)
    codes: NDArray[np.uint8] = np.where(sample < 0, code, code | 0x80).astype(np.uint8)
    return codes


def peak(sound: Samples | Signal | NDArray[np.int32]) -> int:
    """Return the highest absolute value in ``sound``, some at least: 0 to 32768, or beyond in a mix."""
    return max(int(np.maximum.reduce(sound)), -int(np.minimum.reduce(sound)))
