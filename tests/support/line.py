"""The outside of a session, for tests on virtual time: a line without a socket, ears and a mouth without a card."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from talkbox.conversation.ports import Closed
from tests.support.messages import METADATA


class FakeLink:
    """Implements `talkbox.conversation.ports.Link`. The test plays the service."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.closed_by_us = False
        self.held = asyncio.Event()  # cleared: the line is full
        self.held.set()
        self._frames: asyncio.Queue[bytes | Closed] = asyncio.Queue()
        self._closed: Closed | None = None

    def say(self, message: object) -> None:
        """Have the service say something: a whole message, or raw bytes."""
        self._frames.put_nowait(message if isinstance(message, bytes) else json.dumps(message).encode())

    def drop(self, code: int | None, reason: str = "") -> None:
        self._frames.put_nowait(Closed(code=code, reason=reason))

    def kinds(self) -> list[str]:
        """What was sent, by type."""
        return [str(message.get("type", "user_audio_chunk")) for message in self.sent]

    async def receive(self) -> bytes | Closed:
        if self._closed is None:
            frame = await self._frames.get()
            if isinstance(frame, bytes):
                return frame
            self._closed = frame
        return self._closed

    async def send(self, frame: bytes) -> None:
        await self.held.wait()
        if self._closed is None:
            self.sent.append(json.loads(frame))

    async def close(self) -> None:
        self.closed_by_us = True


class FakeAudio:
    """Implements `talkbox.conversation.ports.Audio`: 16 kHz PCM, played in the time it takes."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.played: list[bytes] = []
        self.volume = 0.8
        self.muted = False
        self.failure: Exception | None = None
        self._chunks: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self._silent_at = 0.0
        self._interrupted = asyncio.Event()

    def hear(self, chunk: bytes | Exception) -> None:
        """Let the microphone hear `chunk`, or break."""
        self._chunks.put_nowait(chunk)

    async def open(self) -> None:
        self.calls.append("open")
        if self.failure is not None:
            raise self.failure

    def negotiate(self, *, input_format: str, output_format: str) -> None:
        if "opus" in output_format:
            raise ValueError(f"no such format: {output_format}")
        self.calls.append(f"negotiate {input_format} {output_format}")

    async def read(self) -> bytes:
        chunk = await self._chunks.get()
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    def play(self, payload: bytes) -> None:
        now = asyncio.get_running_loop().time()
        self._silent_at = max(self._silent_at, now) + len(payload) / 32_000
        self.played.append(payload)

    def interrupt(self) -> None:
        self.calls.append("interrupt")
        self._silent_at = 0.0
        self._interrupted.set()
        self._interrupted = asyncio.Event()

    async def drained(self) -> None:
        until, interrupted = self._silent_at, self._interrupted
        waiting = until - asyncio.get_running_loop().time()
        if waiting > 0:
            try:
                async with asyncio.timeout(waiting):
                    await interrupted.wait()
            except TimeoutError:
                return

    def set_volume(self, volume: float) -> None:
        self.volume = volume

    def set_mic_muted(self, muted: bool) -> None:
        self.muted = muted

    def input_volume(self) -> float:
        return 0.25

    def output_volume(self) -> float:
        return 0.5

    def input_byte_frequency_data(self) -> Any:
        return b"in"

    def output_byte_frequency_data(self) -> Any:
        return b"out"

    async def close(self) -> None:
        self.calls.append("close")


class FakeService:
    """What `Session` connects to: one line, introduced at once unless told otherwise."""

    def __init__(self, *, greets: bool = True, failure: Exception | None = None, delay_s: float = 0.0) -> None:
        self.link = FakeLink()
        self.urls: list[str] = []
        self._failure, self._delay_s = failure, delay_s
        if greets:
            self.link.say(METADATA)

    async def connect(self, url: str, *, timeout_s: float) -> FakeLink:
        del timeout_s
        self.urls.append(url)
        await asyncio.sleep(self._delay_s)
        if self._failure is not None:
            raise self._failure
        return self.link
