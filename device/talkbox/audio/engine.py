"""The audio engine: one microphone and one loudspeaker, opened for a session and let go of after it."""

from __future__ import annotations

import asyncio
import errno
import logging
import math
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from numpy.typing import NDArray

from talkbox.errors import AudioDeviceLost, AudioError

from .absence import Absence, Back, Gone
from .bridge import ThreadBridge, tell
from .capture import CapturePath
from .cues import Cue
from .echo.path import EchoPath
from .echo.reference import Reference
from .faults import reason
from .formats import AudioFormat
from .limiter import Limiter
from .microphone import Chunk, Microphone
from .news import say
from .parts import Parts
from .ports import CaptureDevice, PlaybackDevice
from .realtime import Realtime
from .returning import ReturningSink, ReturningSource
from .speaker import Speaker
from .stall import StallWatch
from .tally import Counters, Progress, Tally
from .timing import Timing
from .voice import Voice
from .volume import gain_of
from .worker import Worker

_logger = logging.getLogger(__name__)
_BINS = 1024
_OPEN_LIMIT_S = 10.0
_JOIN_LIMIT_S = 2.0
_LATE_MS = 5_000  # of speech waits for a network that is late, before the oldest is dropped
_CATCH_UP_MS = 120_000  # while the pre-roll is being sent


class AudioEngine:
    """
    The ears and the mouth of the conversation: implements its ``Audio`` port on a sound card.

    All methods are called on the event loop's thread, and none blocks it. Two threads, one a direction, live from
    `open` to `close`; the microphone is closed when `close` returns. Volume and mute outlive a session.

    A card that is lost in a session is opened again; meanwhile silence is heard and sent, and what the agent says is
    heard by nobody.

    Args:
        open_capture, open_playback: Open the card; called on the threads, once a session, and again for a card that was
            lost. What they raise as `OSError` becomes an `AudioError`; anything else passes as it is.
        chunk_ms: Length of the chunks that `read` gives.
        volume: The loudspeaker's volume to begin with, 0 to 1.
        mic_gain_db: By how much the microphone is made louder, 0 or more.
        stall_s: A card that moves no sound for so long in a session is lost.
        patience_s: How long a card that is lost in a session is waited for, and tried again and again.
        echo: The echo canceller; what it learns of the room outlives a session. `None`: none.
        echo_canceled: Whether an open microphone does not hear the loudspeaker: then no cue is cut short for it.

    Attributes:
        limiter: The last thing before the card; its ceiling may be set at any time, and outlives a session.
    """

    def __init__(
        self,
        *,
        open_capture: Callable[[], CaptureDevice],
        open_playback: Callable[[], PlaybackDevice],
        chunk_ms: int = 20,
        volume: float = 0.8,
        mic_gain_db: float = 0.0,
        stall_s: float = 5.0,
        patience_s: float = 10.0,
        echo: EchoPath | None = None,
        echo_canceled: bool = False,
    ) -> None:
        self._open_capture, self._open_playback = open_capture, open_playback
        self._chunk_ms, self._stall_s, self._echo_canceled = chunk_ms, stall_s, echo_canceled
        self._volume, self._muted, self._mic_gain_db = volume, False, mic_gain_db
        self._tally, self._realtime = Tally(), Realtime()
        self._timing = Timing()
        self.limiter = Limiter()
        self._echo = None if echo is None else (echo, Reference())
        self._absence = Absence(patience_s=patience_s)
        self._card_changed: Callable[[bool], object] = lambda _here: None
        self._session: Parts | None = None
        # The last threads, of this session or the one before: a stalled card may keep them.
        self._listening: Worker | None = None
        self._speaker: Speaker | None = None
        self._speaking: Worker | None = None

    # -- the session -------------------------------------------------------------------------------------------------

    async def open(self) -> None:
        """
        Open both devices. Capture starts now, into a pre-roll that nothing is lost from. Canceling it closes them.

        Raises:
            AudioError: If a device is missing, busy, or refuses, or the engine is closed meanwhile; then nothing is
                left open.
        """
        if self._session is not None:
            raise RuntimeError("the audio engine is already open")
        self._session = session = self._start()
        try:
            await self._wait_open()
        except BaseException:
            if self._session is session:  # and not the next one, which is none of our business
                await self.close()
            raise
        if self._session is not session:
            raise AudioError("the sound card was closed while it was being opened")
        session.open = True
        self._watch_for_stall(session)

    def negotiate(self, *, input_format: str, output_format: str) -> None:
        """
        Fix the formats of the session. From here on `read` delivers, the pre-roll first.

        Raises:
            ValueError: If a format is not one of the contract's.
        """
        heard, said = AudioFormat.parse(input_format), AudioFormat.parse(output_format)
        session = self._session
        if session is None:
            raise RuntimeError("the audio engine is not open")
        session.negotiate(heard=heard, said=said)

    async def read(self) -> bytes:
        """
        Return the next chunk of the microphone, encoded in the input format. Canceling it loses nothing.

        Raises:
            AudioError: If a device is lost or stands still, the loudspeaker included, and was waited for in vain, or
                the engine is closed.
        """
        session = self._session
        if session is None:
            raise AudioError("the microphone is closed")
        self._timing.asked(time.monotonic())
        chunk = await session.bridge.get()
        self._timing.took(None if session.bridge.catching_up else chunk.captured_s)
        return chunk.payload

    def play(self, payload: bytes) -> None:
        """Append ``payload``, in the output format, to what the loudspeaker will play. Odd ends are carried over."""
        if self._session is not None:
            self._session.play(payload)

    def interrupt(self) -> None:
        """Fade out within 3 ms and forget everything that was still to be played."""
        session, timing, now_s = self._session, self._timing, time.monotonic()
        if session is not None and session.voice.interrupt():
            session.voice.when_drained(lambda: timing.silenced(now_s, time.monotonic()))

    async def drained(self) -> None:
        """Wait until everything that was given to `play` so far has left the loudspeaker, or was interrupted."""
        session = self._session
        if session is None:
            return
        loop, silent = asyncio.get_running_loop(), asyncio.Event()
        session.voice.when_drained(lambda: tell(loop, silent.set))
        await silent.wait()

    async def close(self) -> None:
        """
        Close both devices; what was not played yet is dropped. Idempotent.

        The microphone goes first. A cue that plays is played to its end, and the loudspeaker let go of after it. A card
        that stands still is left to its thread after 2 s: the device goes on without it.
        """
        session, self._session = self._session, None
        if session is not None:
            self._absence.end()
            session.microphone.stopping = True
            session.bridge.fail(AudioError("the microphone is closed"))
            session.speaker.release()
        speaker, speaking = self._speaker, self._speaking
        await self._join(self._listening)
        if speaker is not None and not speaker.wanted:
            await self._join(speaking, unless=lambda: speaker.wanted)  # a session that has opened meanwhile has it
            if not speaker.wanted:
                speaker.retire()
        if session is not None:
            session.voice.give_up()

    async def shutdown(self) -> None:
        """Close everything for good; a cue that plays has 2 s to end."""
        await self.close()
        if self._speaker is not None and self._speaking is not None and not self._speaking.left_behind:
            await self._speaking.wait_over(_JOIN_LIMIT_S)
            self._speaker.retire()
            await self._join(self._speaking)

    # -- what may be done at any time --------------------------------------------------------------------------------

    @property
    def volume(self) -> float:
        """The loudspeaker's volume, 0 to 1."""
        return self._volume

    def set_volume(self, volume: float) -> None:
        """Set the loudspeaker's volume, 0 (silent) to 1, clamped. Heard at once, and kept for later sessions."""
        self._volume = min(max(volume, 0.0), 1.0) if math.isfinite(volume) else 1.0
        if self._session is not None:
            self._session.voice.ramp.target = gain_of(self._volume)

    @property
    def muted(self) -> bool:
        """Whether the microphone is muted."""
        return self._muted

    def set_mic_muted(self, muted: bool) -> None:
        """Send zeros (or sound again), after a fade of 3 ms, for what is captured from now on; outlives a session."""
        self._muted = muted
        if self._session is not None:
            if not muted:
                self._session.speaker.hush()
            self._session.capture.muted = muted

    def watch_card(self, changed: Callable[[bool], object]) -> None:
        """Call ``changed`` on the loop, with `False` when a session's card is lost, and `True` when it works again."""
        self._card_changed = changed

    def play_cue(self, cue: Cue) -> None:
        """
        Play ``cue`` over whatever is heard. Without a session the card is opened for it, and let go of after it.

        A cue that cannot be played is logged. It never delays a session: `open` takes its thread over. Nor is it heard
        by the agent: what opens the microphone, `open` or `set_mic_muted`, cuts it short.
        """
        if self._speaker is None or not self._speaker.add_cue(cue):
            self._start_speaker(lambda speaker: speaker.add_cue(cue))

    @property
    def counters(self) -> Counters:
        """What went wrong with the sound since the engine was made, in numbers."""
        return self._tally.counters()

    @property
    def echo(self) -> dict[str, object]:
        """What ``talkbox status`` says of the echo canceller."""
        return {"canceller": "none"} if self._echo is None else self._echo[0].summary

    @property
    def progress(self) -> Progress | None:
        """How far the session's sound is; `None` without a session whose devices are open."""
        session = self._session
        return session.progress if session is not None and session.open else None

    @property
    def timing(self) -> Timing:
        """How quick the sound of the session was that is open, or was last."""
        return self._timing

    @property
    def input_level(self) -> float:
        """The microphone's level for a person's eye: 0 (-60 dBFS or less) to 1; 0 without a session."""
        return self._session.capture.meter.level if self._session is not None else 0.0

    @property
    def output_level(self) -> float:
        """The agent's level for a person's eye: 0 (-60 dBFS or less) to 1; 0 without a session."""
        return self._session.voice.meter.level if self._session is not None else 0.0

    def input_volume(self) -> float:
        """Return the microphone's level after mute, 0 (-100 dB) to 1 (-30 dB); 0 without a session."""
        return self._session.capture.analyser.volume() if self._session is not None else 0.0

    def output_volume(self) -> float:
        """Return the loudspeaker's level after the volume, 0 (-100 dB) to 1 (-30 dB); 0 without a session."""
        return self._session.voice.analyser.volume() if self._session is not None else 0.0

    def input_byte_frequency_data(self) -> NDArray[np.uint8]:
        """Return the microphone's spectrum, shape ``(1024,)``, as the Web Audio ``AnalyserNode`` gives it."""
        if self._session is None:
            return np.zeros(_BINS, np.uint8)
        return self._session.capture.analyser.byte_frequency_data()

    def output_byte_frequency_data(self) -> NDArray[np.uint8]:
        """Return the loudspeaker's spectrum, shape ``(1024,)``, as the Web Audio ``AnalyserNode`` gives it."""
        if self._session is None:
            return np.zeros(_BINS, np.uint8)
        return self._session.voice.analyser.byte_frequency_data()

    # -- threads -----------------------------------------------------------------------------------------------------

    def _start(self) -> Parts:
        loop = asyncio.get_running_loop()
        self._timing = Timing()
        if self._echo is not None:
            self._echo[1].audible = True
        self._absence.begin(lambda news: tell(loop, partial(self._tell_card, news)))
        bridge: ThreadBridge[Chunk] = ThreadBridge(
            max(1, _LATE_MS // self._chunk_ms), most=max(1, _CATCH_UP_MS // self._chunk_ms)
        )
        capture = CapturePath(chunk_ms=self._chunk_ms)
        capture.muted = self._muted
        microphone = Microphone(
            open_device=lambda: ReturningSource(self._open_capture, absence=self._absence),
            path=capture,
            bridge=bridge,
            tally=self._tally,
            echo=self._echo,
            gain_db=self._mic_gain_db,
            on_ceiling=partial(setattr, self.limiter, "ceiling_db"),
        )
        self._listening = Worker(
            "microphone",
            microphone.run,
            on_failure=bridge.fail,
            on_start=self._realtime.claim,
            after=self._listening,
        )
        self._listening.start()
        voice = Voice(gain=gain_of(self._volume))
        speaker = self._speaker
        if speaker is None or not speaker.claim(voice, on_failure=bridge.fail):
            speaker = self._start_speaker(lambda speaker: speaker.claim(voice, on_failure=bridge.fail))
        stall = StallWatch(limit_s=self._stall_s)
        return Parts(bridge=bridge, capture=capture, voice=voice, microphone=microphone, speaker=speaker, stall=stall)

    async def _wait_open(self) -> None:
        try:
            async with asyncio.timeout(_OPEN_LIMIT_S):
                for worker in (self._listening, self._speaking):
                    if worker is not None:
                        await worker.wait_open()
        except TimeoutError:
            raise AudioError(f"the sound card did not open within {_OPEN_LIMIT_S:.0f} s") from None

    def _start_speaker(self, prepare: Callable[[Speaker], bool]) -> Speaker:
        """Start a playback thread that has something to do from the beginning."""
        speaker = Speaker(
            open_device=lambda: ReturningSink(self._open_playback, absence=self._absence, stall_s=self._stall_s),
            tally=self._tally,
            volume=lambda: self._volume,
            limiter=self.limiter,
            reference=self._echo and self._echo[1],
            hushes=not self._echo_canceled,
        )
        prepare(speaker)
        self._speaker = speaker
        self._speaking = Worker(
            "loudspeaker",
            speaker.run,
            on_failure=speaker.failed,
            on_start=self._realtime.claim,
            after=self._speaking,
        )
        self._speaking.start()
        return speaker

    def _watch_for_stall(self, session: Parts) -> None:
        """Look now, and again ten times in the time that a card may stand still, while the session lasts."""
        loop = asyncio.get_running_loop()
        if self._session is not session:
            return
        if not session.stands_still(now_s=loop.time()):
            self._absence.found(session.stall)
        else:
            why = OSError(errno.EIO, f"the sound card stands still: no sound moved for {self._stall_s:g} s")
            try:
                self._absence.lost(session.stall, why)
            except OSError as error:
                session.bridge.fail(AudioDeviceLost(reason(error)))
                return
        loop.call_later(self._stall_s / 10, self._watch_for_stall, session)

    def _tell_card(self, news: Gone | Back) -> None:
        """Say once, to the log and to who watches, that the card is gone or back."""
        if self._session is None:
            return  # its end is said elsewhere
        say(news)
        here = isinstance(news, Back)
        if self._echo is not None:
            self._echo[1].audible = here
        self._card_changed(here)

    async def _join(self, worker: Worker | None, *, unless: Callable[[], bool] = lambda: False) -> None:
        if worker is None or worker.left_behind or await worker.wait_over(_JOIN_LIMIT_S) or unless():
            return
        worker.left_behind = True
        _logger.warning(
            "%s: the card does not answer; its thread is left behind",
            worker.device,
            extra={"event": "card_stuck", "hint": "if no session opens any more: restart the device"},
        )
