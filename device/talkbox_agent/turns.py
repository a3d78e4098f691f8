"""Where a turn of the user's begins and ends, from voice activity. Pure: its clock is the microphone's samples."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .audio import RATE_HZ, Samples, level_dbfs

FRAME = RATE_HZ * 30 // 1000
"""Samples in one decision of a voice detector: 30 ms."""

FRAME_S = FRAME / RATE_HZ

VoiceDetector = Callable[[Samples], bool]
"""Says whether one frame holds a voice."""


def loud(frame: Samples, *, floor_dbfs: float = -45.0) -> bool:
    """Tell sound from silence by its level alone: the voice detector that needs nothing."""
    return level_dbfs(frame) > floor_dbfs


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSettings:
    """What makes a turn, in seconds of sound."""

    start_voice_s: float = 0.15
    """A turn begins with so much voice within half a second."""
    barge_in_voice_s: float = 0.25
    """So much voice within half a second interrupts an answer; a cough has less."""
    silence_s: float = 0.6
    """A turn ends with so much silence."""
    max_turn_s: float = 30.0
    """A longer turn (a radio, a fan) is cut."""


@dataclass(frozen=True, slots=True)
class VadScore:
    """How much of the last frames was voice, 0 to 1."""

    score: float


@dataclass(frozen=True, slots=True)
class TurnBegan:
    """Somebody speaks."""


@dataclass(frozen=True, slots=True)
class Voice:
    """Voice goes on; it has sounded for ``recent_s`` of the last half second."""

    recent_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnded:
    """The turn is over; ``samples`` is all of it, with a little silence before."""

    samples: Samples
    voice_s: float
    """How much of it was voice."""


TurnEvent = VadScore | TurnBegan | Voice | TurnEnded


class TurnDetector:
    """
    Find turns in a stream of samples, whatever its chunks.

    Args:
        is_voice: The voice detector, asked once a frame.
        settings: What makes a turn.
        score_every_s: How often a `VadScore` is given; 0 = never.
    """

    def __init__(self, is_voice: VoiceDetector, settings: TurnSettings, *, score_every_s: float = 0.3) -> None:
        self._is_voice = is_voice
        self._settings = settings
        self._score_frames = round(score_every_s / FRAME_S)
        self._scored: list[bool] = []
        self._rest = np.zeros(0, np.int16)
        self._recent: deque[bool] = deque(maxlen=round(0.5 / FRAME_S))
        self._before: deque[Samples] = deque(maxlen=round(0.6 / FRAME_S))  # what precedes the first certainty
        self._turn: list[Samples] = []
        self._voiced_frames = 0
        self._silent_frames = 0

    @property
    def in_turn(self) -> bool:
        """Whether somebody is speaking, as far as is known."""
        return bool(self._turn)

    def so_far(self) -> Samples:
        """Give the turn's samples until now; none outside a turn."""
        return np.concatenate(self._turn) if self._turn else np.zeros(0, np.int16)

    def feed(self, samples: Samples) -> Iterator[TurnEvent]:
        """Take ``samples``, any number, and give what they mean, oldest first."""
        stream = np.concatenate([self._rest, samples])
        whole = len(stream) - len(stream) % FRAME
        self._rest = stream[whole:]
        for begin in range(0, whole, FRAME):
            yield from self._frame(stream[begin : begin + FRAME])

    def stop(self) -> Iterator[TurnEnded]:
        """End a turn whose sound does not go on."""
        if self._turn:
            yield self._end()

    def _frame(self, frame: Samples) -> Iterator[TurnEvent]:
        voice = self._is_voice(frame)
        self._recent.append(voice)
        yield from self._score(voice)
        recent_s = sum(self._recent) * FRAME_S
        if not self._turn:
            self._before.append(frame)
            if recent_s < self._settings.start_voice_s - 1e-9:
                return
            self._turn = list(self._before)
            self._before.clear()
            self._voiced_frames, self._silent_frames = sum(self._recent), 0
            yield TurnBegan()
        else:
            self._turn.append(frame)
            self._voiced_frames += voice
        self._silent_frames = 0 if voice else self._silent_frames + 1
        if voice:
            yield Voice(recent_s)
        if self._over():
            yield self._end()

    def _over(self) -> bool:
        quiet = self._silent_frames * FRAME_S >= self._settings.silence_s - 1e-9
        return quiet or len(self._turn) * FRAME_S >= self._settings.max_turn_s

    def _end(self) -> TurnEnded:
        ended = TurnEnded(samples=self.so_far(), voice_s=self._voiced_frames * FRAME_S)
        self._turn = []
        self._recent.clear()
        return ended

    def _score(self, voice: bool) -> Iterator[VadScore]:
        if not self._score_frames:
            return
        self._scored.append(voice)
        if len(self._scored) >= self._score_frames:
            yield VadScore(round(sum(self._scored) / len(self._scored), 3))
            self._scored.clear()
