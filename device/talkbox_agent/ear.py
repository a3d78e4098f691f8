"""The agent's ear: payloads of the microphone in, turns of the user's out, and guesses while one goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from .audio import PayloadReader, Samples
from .hearing import Recognizer
from .outbox import Outbox
from .script import Script
from .turns import FRAME_S, TurnBegan, TurnDetector, TurnEnded, TurnEvent, VadScore, Voice, VoiceDetector

_SOUND_STOPPED_S = 2.5  # a microphone that sends nothing for so long has ended its turn
_GUESS_EVERY_S = 0.6  # of voice, between two tentative transcripts


class Ear:
    """
    Listen to one client. Everything here runs on the loop.

    Args:
        script: Input format, and what makes a turn.
        outbox: Where VAD scores and tentative transcripts go.
        recognizer: Who guesses.
        is_voice: A voice detector of this session's own.
        start: Starts a task of the session's.
        on_voice: Called for every 30 ms of voice in a turn, with the voice of the last half second, in seconds.
        on_turn: Called when a turn is over.
    """

    def __init__(
        self,
        *,
        script: Script,
        outbox: Outbox,
        recognizer: Recognizer,
        is_voice: VoiceDetector,
        start: Callable[[Coroutine[Any, Any, None]], object],
        on_voice: Callable[[float], None],
        on_turn: Callable[[TurnEnded], None],
    ) -> None:
        self._reader = PayloadReader(script.manner.input_format)
        self._detector = TurnDetector(is_voice, script.turns, score_every_s=script.manner.vad_every_s)
        self._outbox = outbox
        self._recognizer = recognizer
        self._start = start
        self._on_voice = on_voice
        self._on_turn = on_turn
        self._turns_begun = 0
        self._voice_since_guess_s = 0.0
        self._guessing = False
        self._watch: asyncio.TimerHandle | None = None

    @property
    def in_turn(self) -> bool:
        """Whether the user is speaking."""
        return self._detector.in_turn

    def hear(self, payload: bytes) -> None:
        """Take one payload, of any length."""
        for event in self._detector.feed(self._reader.feed(payload)):
            self._take(event)
        self.close()
        if self.in_turn:
            self._watch = asyncio.get_running_loop().call_later(_SOUND_STOPPED_S, self._sound_stopped)

    def close(self) -> None:
        """Wait for no more sound."""
        if self._watch:
            self._watch.cancel()

    def _sound_stopped(self) -> None:
        for event in self._detector.stop():
            self._take(event)

    def _take(self, event: TurnEvent) -> None:
        match event:
            case VadScore(score):
                self._outbox.send("vad_score", {"vad_score": score})
            case TurnBegan():
                self._turns_begun += 1
                self._voice_since_guess_s = 0.0
            case Voice(recent_s):
                self._on_voice(recent_s)
                self._voice_since_guess_s += FRAME_S
                if self._voice_since_guess_s >= _GUESS_EVERY_S and not self._guessing:
                    self._voice_since_guess_s, self._guessing = 0.0, True
                    self._start(self._guess(self._turns_begun, self._detector.so_far()))
            case TurnEnded():
                self._on_turn(event)

    async def _guess(self, turn: int, samples: Samples) -> None:
        """Send a tentative transcript of the turn, if it still goes on when that is known."""
        text = await self._recognizer.recognize(samples)
        self._guessing = False
        if text and turn == self._turns_begun and self.in_turn:
            self._outbox.send("tentative_user_transcript", {"user_transcript": text})
