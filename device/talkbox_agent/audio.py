"""
The contract's audio formats, both ways, and the one resampler. Knows no message and no clock.

Inside the agent, sound is `Samples` at `RATE_HZ`; only this module knows what else a client may want.
"""

from __future__ import annotations

from enum import StrEnum
from math import ceil, gcd

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]

RATE_HZ = 16_000
"""The rate at which the agent hears and speaks."""

_TAPS = 64  # a phase, and as many times more as the rate goes down: more than 90 dB of stop band
_CUTOFF = 0.9  # of the lower Nyquist frequency
_BLOCK = 4096  # output samples computed at once: bounds the memory of a long answer


class AudioFormat(StrEnum):
    """What a session's audio may be encoded as: mono, 16-bit little-endian or µ-law."""

    PCM_8000 = "pcm_8000"
    PCM_16000 = "pcm_16000"
    PCM_22050 = "pcm_22050"
    PCM_24000 = "pcm_24000"
    PCM_44100 = "pcm_44100"
    PCM_48000 = "pcm_48000"
    ULAW_8000 = "ulaw_8000"

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return int(self.partition("_")[2])

    @property
    def sample_bytes(self) -> int:
        """Bytes of one sample: 1 for µ-law, else 2."""
        return 1 if self is AudioFormat.ULAW_8000 else 2


def _ulaw_decode_table() -> Samples:
    code = ~np.arange(256) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << (code >> 4 & 0x07)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _ulaw_encode_table() -> NDArray[np.uint8]:
    sample = np.arange(65536).astype(np.uint16).view(np.int16).astype(np.int32)
    # As in the ITU's own software (G.191): 14 bits, and the one's complement for what is negative.
    magnitude = np.minimum((np.where(sample < 0, ~sample, sample) >> 2) + 33, 0x1FFF)
    segment: NDArray[np.int64] = np.searchsorted(2 ** np.arange(6, 14), magnitude, side="right")
    code = (segment << 4) | (magnitude >> (segment + 1) & 0x0F)
    table: NDArray[np.uint8] = (~(code | np.where(sample < 0, 0x80, 0)) & 0xFF).astype(np.uint8)
    return table


_ULAW_DECODE = _ulaw_decode_table()
_ULAW_ENCODE = _ulaw_encode_table()


def encode(samples: Samples, audio_format: AudioFormat) -> bytes:
    """Encode ``samples``, which are at the format's own rate."""
    if audio_format is AudioFormat.ULAW_8000:
        return bytes(_ULAW_ENCODE[samples.view(np.uint16)])
    return samples.astype("<i2").tobytes()


def decode(payload: bytes, audio_format: AudioFormat) -> Samples:
    """Give the samples of ``payload``, a whole number of them, at the format's own rate."""
    if audio_format is AudioFormat.ULAW_8000:
        return _ULAW_DECODE[np.frombuffer(payload, np.uint8)]
    return np.frombuffer(payload, "<i2").astype(np.int16)


class Resampler:
    """
    Streaming polyphase resampler for any two rates; the cutting of the input changes nothing.

    Output sample ``n`` is the input at time ``n * from_hz / to_hz``; it comes out as soon as the
    `lookahead` input samples after that time are in: about 2 ms.
    """

    def __init__(self, *, from_hz: int, to_hz: int) -> None:
        common = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // common, from_hz // common
        self._taps = _filter_bank(self._up, self._down)
        self.lookahead = self._taps.shape[1] // 2
        self._pending = np.zeros(max(0, self.lookahead - 1))  # the input not yet done with
        self._phase = 0  # of the next output: its distance from the first window, in 1/up input samples

    def feed(self, samples: Samples) -> Samples:
        """Take ``samples``, any number, and give what can be computed by now."""
        self._pending = np.concatenate([self._pending, samples])
        width = self._taps.shape[1]
        windows = len(self._pending) - width + 1
        count = max(0, ceil((windows * self._up - self._phase) / self._down))
        out = np.empty(count)
        for begin in range(0, count, _BLOCK):
            times = self._phase + self._down * np.arange(begin, min(begin + _BLOCK, count))
            first, phase = np.divmod(times, self._up)
            around = np.lib.stride_tricks.sliding_window_view(self._pending, width)[first]
            out[begin : begin + len(times)] = np.einsum("nk,nk->n", around, self._taps[phase])
        done, self._phase = divmod(self._phase + count * self._down, self._up)
        # With more input than output, the next sample needed may be still to come.
        used = min(done, len(self._pending))
        self._phase += (done - used) * self._up
        self._pending = self._pending[used:]
        return np.clip(np.rint(out), -32768, 32767).astype(np.int16)


def resample(samples: Samples, *, from_hz: int, to_hz: int) -> Samples:
    """Resample a whole sound, without delay: ``ceil(n * to_hz / from_hz)`` samples."""
    resampler = Resampler(from_hz=from_hz, to_hz=to_hz)
    return resampler.feed(np.concatenate([samples, np.zeros(resampler.lookahead, np.int16)]))


class PayloadReader:
    """
    Turn a client's payloads into samples at `RATE_HZ`, wherever they were cut.

    A payload may end in the middle of a sample; the odd byte waits for its other half.
    """

    def __init__(self, audio_format: AudioFormat) -> None:
        self._format = audio_format
        self._half = b""
        self._resampler = Resampler(from_hz=audio_format.rate_hz, to_hz=RATE_HZ)

    def feed(self, payload: bytes) -> Samples:
        """Take one payload of any length."""
        payload = self._half + payload
        whole = len(payload) - len(payload) % self._format.sample_bytes
        self._half = payload[whole:]
        return self._resampler.feed(decode(payload[:whole], self._format))


def tone(frequency_hz: float, duration_s: float, *, level_db: float = -12.0) -> Samples:
    """Give a sine at `RATE_HZ`; its peak is ``level_db`` below full scale. It starts at zero."""
    time_s = np.arange(round(duration_s * RATE_HZ)) / RATE_HZ
    sine = 32767 * 10 ** (level_db / 20) * np.sin(2 * np.pi * frequency_hz * time_s)
    return np.rint(sine).astype(np.int16)


def level_dbfs(samples: Samples) -> float:
    """Root mean square, in dB below a full-scale square wave; minus infinity for silence or nothing."""
    power = float(np.mean(np.square(samples.astype(np.float64)))) if len(samples) else 0.0
    return 10 * float(np.log10(power / 32768**2)) if power else float("-inf")


def _filter_bank(up: int, down: int) -> NDArray[np.float64]:
    """Windowed-sinc taps, one row a phase: row ``p`` interpolates at ``p / up`` of a sample."""
    if up == down:
        return np.ones((1, 1))  # every sample as it is
    half = _TAPS // 2 * ceil(down / up)
    offset = np.arange(1 - half, half + 1) - np.arange(up)[:, None] / up
    window = np.i0(9.0 * np.sqrt(np.clip(1 - (offset / half) ** 2, 0, 1)))
    bank = np.sinc(_CUTOFF * min(1.0, up / down) * offset) * window
    normalized: NDArray[np.float64] = bank / bank.sum(axis=1, keepdims=True)
    return normalized
