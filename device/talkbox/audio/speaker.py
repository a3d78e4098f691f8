"""The playback thread: feeds the card with the agent's voice and with cues, and lets go of it when there is neither."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from talkbox.errors import AudioError

from .ahead import PeriodsAhead
from .cues import Cue, render
from .echo.reference import Reference
from .formats import Samples
from .frames import from_mono
from .limiter import Limiter
from .pace import Clock
from .ports import PlaybackDevice
from .tally import Tally
from .voice import Voice
from .volume import gain_of
from .worker import Worker

_logger = logging.getLogger(__name__)
_MOST_CUES = 3
AT_ONCE = 2
"""Periods of 10 ms: half the wakings, and the card, which is kept four periods ahead, still has two when one is due."""

_LEAST_CUE_VOLUME = 0.3  # an error must be heard with the volume at 0, too
_HUSH_S = 0.005


class Speaker:
    """
    What the playback thread does between one opening of the card and its closing.

    A session claims it and releases it; cues come and go. While there is a session it writes without a pause. All
    methods but `run` and `failed` belong to the loop.

    Args:
        open_device: Opens the card; called on the thread.
        tally: Where underruns and frames are counted.
        volume: Gives the loudspeaker's volume, for each cue.
        limiter: What the card is spared; it outlives this speaker. `None`: one of its own.
        reference: Is told what was written, and how far it was heard, for the echo canceller.
        hushes: Whether a cue is cut short where a microphone would hear it.
        at_once: Periods that are rendered and written together.
        clock: Where the time comes from.

    Attributes:
        rate_hz: The card's rate; 0 until it is open.
        periods: Periods written so far: a number that stands still tells of a card that does.
    """

    def __init__(
        self,
        *,
        open_device: Callable[[], PlaybackDevice],
        tally: Tally,
        volume: Callable[[], float],
        limiter: Limiter | None = None,
        reference: Reference | None = None,
        hushes: bool = True,
        at_once: int = AT_ONCE,
        clock: Clock | None = None,
    ) -> None:
        self._open_device, self._tally, self._volume = open_device, tally, volume
        self._limiter = Limiter() if limiter is None else limiter
        self._hushes, self._at_once, self._clock = hushes, at_once, Clock() if clock is None else clock
        self._reference = reference
        self._lock = Lock()  # held to change what follows; who reads without it may find it as it just was
        self._over = False
        self._claimed = False
        self._voice: Voice | None = None
        self._on_failure: Callable[[BaseException], None] = self._log_failure
        self._cues: deque[Cue] = deque()
        self._cue_rest: Samples = np.zeros(0, np.int16)
        self._cue_until = 0  # the frame in which the last cue is over
        self._written = self._queued = 0  # frames, since the opening; the thread's own, as what follows
        self._ahead, self._told_busy = PeriodsAhead(), False
        self.rate_hz = 0
        self.periods = 0

    @property
    def has_cue(self) -> bool:
        """Whether a cue is playing or waits."""
        with self._lock:
            return bool(self._cues) or len(self._cue_rest) > 0

    @property
    def wanted(self) -> bool:
        """Whether a session has claimed it, or a cue is playing or waits."""
        with self._lock:
            return self._claimed or bool(self._cues) or len(self._cue_rest) > 0

    def add_cue(self, cue: Cue) -> bool:
        """
        Play ``cue`` after those that wait; there is no use in more than three.

        Returns:
            `False` if it is too late: the thread is on its way out.
        """
        with self._lock:
            if not self._over and len(self._cues) < _MOST_CUES:
                self._cues.append(cue)
            return not self._over

    def claim(self, voice: Voice, *, on_failure: Callable[[BaseException], None]) -> bool:
        """
        Play ``voice`` from now on, until `release`. A cue is hushed: the microphone opens now, and would hear it.

        Returns:
            `False` if it is too late: the thread is on its way out.
        """
        self.hush()
        with self._lock:
            if not self._over:
                self._claimed, self._voice, self._on_failure = True, voice, on_failure
            return not self._over

    def hush(self) -> None:
        """Fade out, within 5 ms, the cue that is playing, and forget those that wait, for a microphone that opens."""
        if not self._hushes:
            return
        with self._lock:
            self._cues.clear()
            rest = self._cue_rest[: int(_HUSH_S * self.rate_hz)]
            self._cue_rest = np.rint(rest * np.linspace(1.0, 0.0, len(rest))).astype(np.int16)

    def release(self) -> None:
        """Fade the voice out; the thread ends when that, and any cue, has been heard."""
        with self._lock:
            self._claimed, self._on_failure = False, self._log_failure
            voice = self._voice
        if voice is not None:
            voice.interrupt()

    def retire(self) -> None:
        """End the thread after its next write, whatever there is to play."""
        with self._lock:
            self._over = True

    def run(self, worker: Worker) -> None:
        """Play until there is nothing more to play. The body of the thread."""
        try:
            device = self._open_device()
            try:
                self.rate_hz = device.rate_hz
                if self._reference is not None:
                    self._reference.opened(rate_hz=device.rate_hz)
                # Playback starts with the first write: fill the card to where it will be kept.
                self._write(device, np.zeros(device.ahead_frames, np.int16))
                worker.opened()
                while not self._is_over(device):
                    self._wait_for_room(device)
                    self._write(device, self._render(device))
            finally:
                _drop_and_close(device)
        finally:
            self.retire()
            if self._voice is not None:
                self._voice.give_up()

    def failed(self, error: BaseException) -> None:
        """Tell the session, or where there is none the log, what the thread died of."""
        self._on_failure(error)

    def _log_failure(self, error: BaseException) -> None:
        if not isinstance(error, AudioError):
            _logger.error("the loudspeaker's thread died: %s", error, exc_info=error, extra={"event": "speaker_died"})
        elif self.has_cue:
            _logger.warning("cue not played: %s", error, extra={"event": "cue_failed", "hint": error.hint})
        else:  # the session that lost it is over, and its end was told
            _logger.debug("= let go of: %s", error)

    def _write(self, device: PlaybackDevice, samples: Samples) -> None:
        before = device.xruns
        device.write(from_mono(samples, channels=device.channels, sample_bytes=device.sample_bytes))
        count = len(samples)
        self._written += count
        self.periods += 1
        self._tally.frames_written += count
        underruns = device.xruns - before
        self._tally.underruns += underruns
        if self._reference is not None:
            self._reference.write(samples)
        more = self._ahead.wrote(count / device.rate_hz, underruns=underruns)
        if more:
            device.ahead_frames = self._ahead.periods * device.period_frames
            self._tell_ahead(more)

    def _wait_for_room(self, device: PlaybackDevice) -> None:
        """Wait until there is a place in the card for what comes next: rendered now, it would be older when heard."""
        surplus = self._queued + self._count(device) - device.ahead_frames
        if surplus > 0:
            self._clock.sleep(surplus / device.rate_hz)

    def _tell_ahead(self, more: int) -> None:
        """Say how many periods the card is kept ahead now: to an operator once, when there are more."""
        if more > 0 and not self._told_busy:
            self._told_busy = True
            _logger.warning(
                "the loudspeaker ran dry: the card is kept %d periods ahead now",
                self._ahead.periods,
                extra={"event": "periods_ahead", "hint": "the machine is too busy: `top` shows with what"},
            )
        else:
            _logger.debug("= %d periods ahead", self._ahead.periods)

    def _count(self, device: PlaybackDevice) -> int:
        """Return how many frames are written together: a card that holds two periods only would run dry for two."""
        period = device.period_frames
        return max(period, min(self._at_once * period, device.ahead_frames - period))

    def _render(self, device: PlaybackDevice) -> Samples:
        count = self._count(device)
        voice = self._voice
        mix: Samples | NDArray[np.int32]
        if voice is None:
            mix = np.zeros(count, np.int16)
        else:
            starved = voice.starved
            mix = voice.render(count, first_frame=self._written)
            self._tally.starved += voice.starved - starved
        if self._cues or len(self._cue_rest):  # one that comes only now is for the next time
            cue = self._next_of_cue(count, device.rate_hz)
            mix = mix.astype(np.int32)
            mix[: len(cue)] += cue
        return self._limiter.process(mix, rate_hz=device.rate_hz)

    def _next_of_cue(self, count: int, rate_hz: int) -> Samples:
        with self._lock:
            if self._cues and not len(self._cue_rest):
                gain = gain_of(max(self._volume(), _LEAST_CUE_VOLUME))
                self._cue_rest = np.rint(render(self._cues.popleft(), rate_hz) * gain).astype(np.int16)
            taken, self._cue_rest = self._cue_rest[:count], self._cue_rest[count:]
            self._cue_until = self._written + count
            return taken

    def _is_over(self, device: PlaybackDevice) -> bool:
        """Tell the voice what was heard; decide whether the thread ends. From then on nobody can claim it."""
        self._queued = device.queued_frames()
        heard = self._written - self._queued
        if self._reference is not None:
            self._reference.heard(heard, now_s=self._clock.now_s())
        voice = self._voice
        silent = voice is None or voice.heard(heard)
        if self._claimed or not silent:  # nearly always, and without the lock
            return self._over
        with self._lock:
            wanted = self._cues or len(self._cue_rest) or self._cue_until > heard
            # A voice that has come only now, and claimed it, has not been asked.
            self._over = self._over or (not wanted and voice is self._voice)
            return self._over


def _drop_and_close(device: PlaybackDevice) -> None:
    try:
        device.drop()
    except OSError as error:  # it is gone: there is nothing left to silence
        _logger.debug("= drop: %s", error)
    finally:
        device.close()
