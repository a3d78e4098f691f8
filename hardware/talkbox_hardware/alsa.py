"""
A sound card through ALSA, by way of pyalsaaudio 0.11. Every error is an `OSError` whose errno says what happened.

Each device belongs to one thread, which opens, uses and closes it. Importing this module does not import pyalsaaudio:
opening a device does, and raises `ImportError` where it is not installed.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import product
from types import ModuleType
from typing import Any

CAPTURE_PERIODS = 25
"""Capture may be read late by half a second of 20 ms periods: it costs no delay, and an overrun costs speech."""

PLAYBACK_PERIODS = 4
"""What is in the card cannot be taken back: the less, the sooner an interruption is heard."""

MOST_PLAYBACK_PERIODS = 8
"""What the card has room for: on a busy machine `AlsaSink.ahead_frames` can be raised to it."""

FORMATS = {"S16_LE": 2, "S32_LE": 4}
"""What a card is asked for, unless it is known what it has, and the bytes of one sample."""

CHANNELS = (2, 1)

_MOST_XRUNS = 25  # in a row, with the pauses between them about 2 s
_LONGEST_PAUSE_S = 0.1


def open_capture(
    device: str,
    *,
    rate_hz: int,
    period_frames: int,
    periods: int = CAPTURE_PERIODS,
    formats: Sequence[str] = tuple(FORMATS),
    channels: Sequence[int] = CHANNELS,
) -> AlsaSource:
    """
    Open a microphone.

    Args:
        device: As ``arecord -L`` names it; `cards.CardNames` has that of a board.
        rate_hz: Frames a second; refused where the card cannot.
        period_frames: Frames a reading delivers; the card may give another number.
        periods: Periods that the card keeps for a reader who is late; it may keep fewer.
        formats: What to ask the card for, best first; of `FORMATS`.
        channels: How many to ask the card for, best first.

    Raises:
        OSError: ``ENOENT`` or ``ENODEV``, there is no such card; ``EBUSY``, another program has it; ``EINVAL``, it
            cannot do what was asked.
        ImportError: If pyalsaaudio is not installed.
    """
    import alsaaudio  # noqa: PLC0415  an extra: only who has a card needs it

    return AlsaSource(
        _open(
            alsaaudio,
            alsaaudio.PCM_CAPTURE,
            device=device,
            rate_hz=rate_hz,
            period_frames=period_frames,
            periods=periods,
            formats=formats,
            channels=channels,
        )
    )


def open_playback(
    device: str,
    *,
    rate_hz: int,
    period_frames: int,
    periods: int = PLAYBACK_PERIODS,
    formats: Sequence[str] = tuple(FORMATS),
    channels: Sequence[int] = CHANNELS,
) -> AlsaSink:
    """
    Open a loudspeaker. It plays from the first write on, which had better fill it.

    Args:
        device: As ``aplay -L`` names it.
        rate_hz: Frames a second; refused where the card cannot.
        period_frames: Frames a writing should have; the card may give another number.
        periods: Periods that wait to be heard before `AlsaSink.write` waits.
        formats: As for `open_capture`.
        channels: As for `open_capture`.

    Raises:
        OSError, ImportError: As for `open_capture`.
    """
    import alsaaudio  # noqa: PLC0415  an extra: only who has a card needs it

    return AlsaSink(
        _open(
            alsaaudio,
            alsaaudio.PCM_PLAYBACK,
            device=device,
            rate_hz=rate_hz,
            period_frames=period_frames,
            periods=max(periods, MOST_PLAYBACK_PERIODS),
            formats=formats,
            channels=channels,
        ),
        periods=periods,
    )


class AlsaSource:
    """
    An open microphone.

    Attributes:
        rate_hz: Frames a second.
        channels: Samples a frame, 2 or 1.
        sample_bytes: 2 for S16_LE, 4 for S32_LE.
        period_frames: Frames that one `read` usually delivers.
        xruns: Overruns so far.
    """

    def __init__(self, card: _Pcm) -> None:
        self._card = card
        self.rate_hz, self.channels, self.sample_bytes = card.rate_hz, card.channels, card.sample_bytes
        self.period_frames = card.period_frames
        self.xruns = 0

    def read(self) -> bytes:
        """
        Wait for the next frames, interleaved; never empty.

        Raises:
            OSError: If the card is gone, or does nothing but overrun.
        """
        attempts = 0
        while True:
            try:
                frames, payload = self._card.pcm.read()
            except self._card.error as error:
                raise _os_error(error) from error
            if frames > 0:
                return bytes(payload)
            if frames == -errno.EPIPE:
                self.xruns += 1
            elif frames < 0:
                raise _os_error(-frames)
            attempts += 1
            _pause(attempts)

    def close(self) -> None:
        """Let go of the card. Idempotent."""
        self._card.close()


class AlsaSink:
    """
    An open loudspeaker.

    Attributes:
        rate_hz, channels, sample_bytes, period_frames: As for `AlsaSource`.
        xruns: Underruns so far.
    """

    def __init__(self, card: _Pcm, *, periods: int) -> None:
        self._card = card
        self.rate_hz, self.channels, self.sample_bytes = card.rate_hz, card.channels, card.sample_bytes
        self.period_frames = card.period_frames
        self.ahead_frames = periods * card.period_frames
        self.xruns = 0
        self._frame_bytes = card.channels * card.sample_bytes
        self._heard_s = float("inf")  # when all that was written is heard, if that was asked since

    @property
    def ahead_frames(self) -> int:
        """Frames the card holds before `write` waits. May be set; the card's buffer is the most."""
        return self._ahead_frames

    @ahead_frames.setter
    def ahead_frames(self, frames: int) -> None:
        self._ahead_frames = min(frames, self._card.buffer_frames)

    def write(self, payload: bytes) -> None:
        """
        Append whole frames, interleaved; wait while `ahead_frames` wait to be heard.

        After an underrun the card is filled with silence in front of ``payload``, or the next one would follow at once.

        Raises:
            OSError: If the card is gone, or does nothing but underrun.
        """
        self._wait_for_room(len(payload) // self._frame_bytes)
        self._heard_s = float("inf")
        rest, filled, attempts = payload, False, 0
        while rest:
            try:
                frames = self._card.pcm.write(rest)
            except self._card.error as error:
                raise _os_error(error) from error
            if frames > 0:
                rest = rest[frames * self._frame_bytes :]
                continue
            if frames == -errno.EPIPE:  # it wrote nothing
                self.xruns += 1
                if not filled:
                    rest, filled = rest.rjust(self.ahead_frames * self._frame_bytes, b"\0"), True
            elif frames < 0:
                raise _os_error(-frames)
            attempts += 1
            _pause(attempts)

    def queued_frames(self) -> int:
        """
        Return how many written frames have not been heard yet.

        Raises:
            OSError: If the card is gone.
        """
        try:
            available = self._card.pcm.avail()
        except self._card.error as error:
            raise _os_error(error) from error
        # Negative: an underrun, and everything was heard. The next `write` finds it and mends it.
        queued = max(0, self._card.buffer_frames - available) if available >= 0 else 0
        self._heard_s = time.monotonic() + queued / self.rate_hz
        return queued

    def drop(self) -> None:
        """
        Silence the card at once; what it holds is never heard.

        Raises:
            OSError: If the card is gone.
        """
        try:
            self._card.pcm.drop()
        except self._card.error as error:
            raise _os_error(error) from error

    def close(self) -> None:
        """Let go of the card; what it holds is never heard. Idempotent."""
        self._card.close()

    def _wait_for_room(self, frames: int) -> None:
        """Wait in front of a card whose buffer is larger than what it is to hold: it would let us run ahead."""
        spare = self._ahead_frames - frames
        if self._card.buffer_frames <= self._ahead_frames or time.monotonic() >= self._heard_s - spare / self.rate_hz:
            return  # whoever has asked has waited, too: the card, which takes its time to answer, is not asked again
        surplus = self.queued_frames() - spare
        if surplus > 0:
            time.sleep(surplus / self.rate_hz)


class _Pcm:
    """
    An open PCM and what the card made of our wishes.

    Attributes:
        pcm: pyalsaaudio's.
        error: What it raises.
    """

    def __init__(self, alsaaudio: ModuleType, pcm: Any, info: dict[str, Any], sample_bytes: int) -> None:
        self.pcm, self.error = pcm, alsaaudio.ALSAAudioError
        self.rate_hz, self.channels, self.sample_bytes = int(info["rate"]), int(info["channels"]), sample_bytes
        self.period_frames, self.buffer_frames = int(info["period_size"]), int(info["buffer_size"])
        self._closed = False

    def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        with suppress(self.error):  # it is gone; what remains is to let go of it
            self.pcm.drop()  # closing drains, that is waits, unless there is nothing left to play
        self.pcm.close()


def _pause(attempts: int) -> None:
    """Pause after so many ``attempts`` that failed at once, each time longer, and give up in the end."""
    if attempts > _MOST_XRUNS:
        raise OSError(errno.EPIPE, "the card does nothing but overrun or underrun")
    time.sleep(min(0.0005 * 2**attempts, _LONGEST_PAUSE_S))


def _open(
    alsaaudio: ModuleType,
    direction: int,
    *,
    device: str,
    rate_hz: int,
    period_frames: int,
    periods: int,
    formats: Sequence[str],
    channels: Sequence[int],
) -> _Pcm:
    """Open with the first wish that the card grants: pyalsaaudio ignores, without a word, what the card refuses."""
    granted = ""
    for name, count in product(formats, channels):
        sample_format = getattr(alsaaudio, f"PCM_FORMAT_{name}")
        try:
            pcm = alsaaudio.PCM(
                type=direction,
                mode=alsaaudio.PCM_NORMAL,
                device=device,
                rate=rate_hz,
                channels=count,
                format=sample_format,
                periodsize=period_frames,
                periods=periods,
            )
        except alsaaudio.ALSAAudioError as error:
            raise _os_error(error, device=device) from error
        info = pcm.info()
        if (info["rate"], info["channels"], info["format"]) == (rate_hz, count, sample_format):
            return _Pcm(alsaaudio, pcm, info, FORMATS[name])
        granted = f"{info['rate']} Hz, {info['channels']} channels, {info['format_name']}"
        pcm.close()
    wanted = f"{rate_hz} Hz, {' or '.join(map(str, channels))} channels, {' or '.join(formats)}"
    raise OSError(errno.EINVAL, f"the card was asked for {wanted}, and gives {granted}", device)


_ERRNO_OF_TEXT = {os.strerror(code): code for code in sorted(errno.errorcode)}


def _os_error(error: Exception | int, *, device: str | None = None) -> OSError:
    """Return the `OSError` that pyalsaaudio means; it has only a text, alsa-lib's, which is libc's."""
    if isinstance(error, int):
        return OSError(error, os.strerror(error))
    text = str(error)
    known = [name for name in _ERRNO_OF_TEXT if text.startswith(name)]
    code = _ERRNO_OF_TEXT[max(known, key=len)] if known else errno.EIO
    reason = max(known, key=len) if known else text
    return OSError(code, reason) if device is None else OSError(code, reason, device)
