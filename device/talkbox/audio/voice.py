"""The agent's voice in one session: from payloads to the card's samples. Knows no thread and no card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import ceil
from threading import Lock

import numpy as np

from .analyser import Analyser
from .formats import AudioFormat, Decoder, Samples
from .meter import Meter
from .playback import PlaybackBuffer
from .resample import Resampler
from .volume import Ramp


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What exists once the formats are known."""

    rate_hz: int
    decoder: Decoder
    buffer: PlaybackBuffer
    resampler: Resampler
    tail_frames: int  # what the resampler adds to the end of a sound, in the card's frames


@dataclass(eq=False, slots=True, kw_only=True)
class _Waiter:
    """Somebody who wants to know when a sample has been heard."""

    position: int  # in samples of the buffer
    notify: Callable[[], None]
    frame: int | None = None  # of the card, once the sample has been rendered


class Voice:
    """
    Buffer, volume, analyser and resampler of one session.

    `negotiate`, `play`, `interrupt` and `when_drained` belong to the loop, `render` and `heard` to the playback thread.
    The lock between them is held for a copy, never across a write to the card.

    Args:
        gain: Factor at the beginning, 0 to 1.

    Attributes:
        ramp: The volume; set its target.
        analyser: Hears what is played, at the agent's rate, after the volume.
        meter: Hears the same.
        starved: How often the voice broke off because the network was late.
    """

    def __init__(self, *, gain: float) -> None:
        self.ramp = Ramp(gain)
        self.analyser, self.meter = Analyser(), Meter()
        self.starved = 0
        self._lock = Lock()
        self._line: _Line | None = None
        self._waiters: list[_Waiter] = []
        self._given_up = False
        self._last_frame = 0  # of the card, in which the last sample rendered so far is heard

    def negotiate(self, audio_format: AudioFormat, *, rate_hz: int) -> None:
        """Fix the payloads' format and the card's rate."""
        resampler = Resampler(from_hz=audio_format.rate_hz, to_hz=rate_hz)
        self._line = _Line(
            rate_hz=audio_format.rate_hz,
            decoder=Decoder(audio_format),
            buffer=PlaybackBuffer(rate_hz=audio_format.rate_hz),
            resampler=resampler,
            tail_frames=ceil(2 * resampler.delay_s * rate_hz) + 1,  # its filter rings as long after as before
        )

    def play(self, payload: bytes) -> float:
        """Append ``payload``; return for how many seconds the oldest had to give way."""
        line = self._line
        if line is None:
            return 0.0
        samples = line.decoder.decode(payload)
        with self._lock:
            return line.buffer.write(samples) / line.rate_hz

    def interrupt(self) -> int:
        """Fade out, and forget what was still to be played; return how many samples that were."""
        line = self._line
        if line is None:
            return 0
        line.decoder.reset()
        with self._lock:
            return line.buffer.interrupt()

    def when_drained(self, notify: Callable[[], None]) -> None:
        """
        Call ``notify`` when all that was given to `play` so far was heard or interrupted.

        On the playback thread; or here and now, when nothing is played any more.
        """
        with self._lock:
            if not self._given_up:
                position = self._line.buffer.written if self._line is not None else 0
                self._waiters.append(_Waiter(position=position, notify=notify))
                return
        notify()

    def render(self, count: int, *, first_frame: int) -> Samples:
        """
        Return the next ``count`` samples at the card's rate, silence where there is nothing to play.

        Args:
            count: Samples.
            first_frame: Where on the card's count of frames the first of them will be.
        """
        line = self._line
        if line is None:
            return np.zeros(count, np.int16)
        with self._lock:
            samples = line.buffer.read(line.resampler.needed(count))
            sounds, self.starved = line.buffer.sounds, line.buffer.starved
        if sounds:
            self._last_frame = first_frame + count + line.tail_frames
        samples = self.ramp.apply(samples)
        self.analyser.feed(samples)
        self.meter.feed(samples, rate_hz=line.rate_hz)
        if first_frame >= self._last_frame:  # nothing sounds, and the resampler has rung out: most of a session
            return np.zeros(count, np.int16)
        return line.resampler.process(samples, count=count)

    def heard(self, frame: int) -> bool:
        """
        Take note that the loudspeaker has played everything before ``frame``, and notify who waited for that.

        Returns:
            Whether it is silent: nothing waits in the buffer, and what was rendered is over.
        """
        over = self._last_frame <= frame
        if not over and not self._waiters:
            return False
        due = []
        with self._lock:
            buffer = self._line.buffer if self._line is not None else None
            position, written = (buffer.position, buffer.written) if buffer is not None else (0, 0)
            for waiter in self._waiters:
                if waiter.frame is None and waiter.position <= position:
                    waiter.frame = self._last_frame
                if waiter.frame is not None and waiter.frame <= frame:
                    due.append(waiter)
            for waiter in due:
                self._waiters.remove(waiter)
        for waiter in due:
            waiter.notify()
        return over and position == written

    def give_up(self) -> None:
        """Notify everybody who waits: nothing will be heard any more."""
        with self._lock:
            self._given_up = True
            waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            waiter.notify()
