"""The agent's mouth: answers become `audio` messages, and it knows what of them has been heard."""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Callable
from math import ceil

import numpy as np

from .audio import RATE_HZ, Resampler, Samples, encode, resample
from .errors import VoiceError
from .heard import Playout, alignment, sentences, spread
from .outbox import Outbox
from .script import Manner
from .voice import Speaker

log = logging.getLogger(__name__)


class Mouth:
    """
    Say one answer at a time. Everything here runs on the loop.

    Args:
        outbox: Where the messages go.
        manner: Format, size and pace of the audio.
        speaker: The voice.
        on_first_sound: Called when the first audio of an answer was sent.

    Attributes:
        text_only: Answers are written, not spoken.
        voice_id, speed: What the client asked for.
    """

    def __init__(
        self, *, outbox: Outbox, manner: Manner, speaker: Speaker, on_first_sound: Callable[[str], None]
    ) -> None:
        self._outbox = outbox
        self._manner = manner
        self._speaker = speaker
        self._on_first_sound = on_first_sound
        self._playout = Playout("")
        self.text_only = False
        self.voice_id = ""
        self.speed = 1.0

    @property
    def sounding(self) -> bool:
        """Whether an answer is being heard, by our own clock."""
        return asyncio.get_running_loop().time() < self._playout.end_s

    async def say(self, text: str, *, sound: Samples | None = None, greeting: bool = False) -> None:
        """
        Announce ``text`` and send its sound, no further ahead of the listener than the manner's `lead_s`.

        Returns when all of it is sent. Cancelling it leaves the rest unsent.

        Args:
            text: The answer.
            sound: Its sound, if that is not for the voice to make.
            greeting: Whether it opens the conversation.
        """
        if self.text_only:
            self._write(text)
            return
        self._playout = Playout(text)
        self._outbox.send("agent_response", {"agent_response": text})
        if not self._outbox.wants("audio"):
            return
        first = True
        async for part, samples in self._parts(text, sound, greeting=greeting):
            async for characters, payload, duration_s in self._chunks(part, samples):
                self._send_chunk(characters, payload, duration_s)
                if first:
                    self._on_first_sound(text)
                    first = False

    async def until_heard(self) -> None:
        """Wait until the answer has been heard to its end."""
        loop = asyncio.get_running_loop()
        while (rest_s := self._playout.end_s - loop.time()) > 0:  # noqa: ASYNC110  the end may move meanwhile
            await asyncio.sleep(rest_s)

    def interrupt(self) -> tuple[int, str]:
        """Tell the client to be silent, and what of the answer counts as said; give the event id, and that."""
        heard = self._playout.heard_text(asyncio.get_running_loop().time())
        event_id = self._outbox.send("interruption", {})
        correction = {"original_agent_response": self._playout.text, "corrected_agent_response": heard}
        self._outbox.send("agent_response_correction", correction)
        self._playout = Playout("")
        return event_id, heard

    def send_again(self, samples: Samples, *, event_id: int) -> None:
        """Send audio under an old id: a fault, for whoever tests clients."""
        output = self._manner.output_format
        payload = encode(resample(samples, from_hz=RATE_HZ, to_hz=output.rate_hz), output)
        self._outbox.send("audio", {"audio_base_64": base64.b64encode(payload).decode()}, event_id=event_id)

    def _write(self, text: str) -> None:
        parts = [("start", ""), *(("delta", part) for part in sentences(text)), ("stop", "")]
        for kind, part in parts:
            self._outbox.send("agent_chat_response_part", {"type": kind, "text": part})
        self._outbox.send("agent_response", {"agent_response": text})

    async def _parts(self, text: str, sound: Samples | None, *, greeting: bool) -> AsyncIterator[tuple[str, Samples]]:
        """Give the answer part by part, so that the first sound need not wait for the last sentence."""
        if sound is not None:
            yield text, sound
            return
        for part in sentences(text) if self._speaker.by_sentence else [text]:
            try:
                samples = await self._speaker.speak(part, greeting=greeting, voice_id=self.voice_id, speed=self.speed)
            except VoiceError as error:
                log.warning("not said: %s: %r", error, part)
                continue
            yield part, samples

    async def _chunks(self, text: str, samples: Samples) -> AsyncIterator[tuple[str, bytes, float]]:
        """Cut one part into messages: the characters, the payload and the seconds of each, when it is time for it."""
        output = self._manner.output_format
        resampler = Resampler(from_hz=RATE_HZ, to_hz=output.rate_hz)
        size = RATE_HZ * self._manner.chunk_ms // 1000
        count = max(1, ceil(len(samples) / size))
        loop = asyncio.get_running_loop()
        for n, characters in enumerate(spread(text, count)):
            piece = samples[n * size : (n + 1) * size]
            if n == count - 1:
                piece = np.concatenate([piece, np.zeros(resampler.lookahead, np.int16)])
            ready = resampler.feed(piece)
            await asyncio.sleep(max(0.0, self._playout.end_s - loop.time() - self._manner.lead_s))
            yield characters, encode(ready, output), len(ready) / output.rate_hz

    def _send_chunk(self, characters: str, payload: bytes, duration_s: float) -> None:
        body: dict[str, object] = {"audio_base_64": base64.b64encode(payload).decode()}
        if self._manner.alignment:
            body["alignment"] = alignment(characters, duration_s=duration_s)
        self._outbox.send("audio", body)
        now_s = asyncio.get_running_loop().time()
        self._playout.sent(len(characters), duration_s=duration_s, at_s=now_s)
