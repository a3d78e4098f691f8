"""A client of a session without a socket, on virtual time: what it gets, it keeps with the time."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import numpy as np

from talkbox_agent.audio import RATE_HZ, Samples, tone
from talkbox_agent.hearing import Recognizer
from talkbox_agent.outbox import Close, Frame, Outbox, Stall
from talkbox_agent.script import Script
from talkbox_agent.session import Abilities, Session
from talkbox_agent.turns import loud
from talkbox_agent.voice import Speaker

Message = dict[str, Any]
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@dataclass
class WrittenSpeaker:
    """Takes a tenth of a second for every character."""

    by_sentence: bool = True
    asked: list[tuple[str, str, float]] = field(default_factory=list)

    async def speak(self, text: str, *, greeting: bool, voice_id: str, speed: float) -> Samples:  # noqa: ARG002  a fake
        self.asked.append((text, voice_id, speed))
        return tone(300, 0.1 * len(text))


@dataclass
class ScriptedRecognizer:
    """Understands what it was told to, one turn after the other, whatever is said."""

    sentences: list[str]
    deaf: bool = False
    thinking_s: float = 0.0

    async def recognize(self, samples: Samples) -> str:  # noqa: ARG002  a fake
        await asyncio.sleep(self.thinking_s)
        return self.sentences[0] if len(self.sentences) == 1 else self.sentences.pop(0)


@dataclass
class Client:
    """The other end."""

    frames: asyncio.Queue[str | bytes | None]
    got: list[tuple[float, Message]] = field(default_factory=list)
    raw: list[str | bytes] = field(default_factory=list)
    closed: Close | None = None

    def send(self, message: Message) -> None:
        self.frames.put_nowait(json.dumps(message))

    def begin(self, **initiation: Any) -> None:
        self.send({"type": "conversation_initiation_client_data", **initiation})

    async def speak(self, duration_s: float) -> None:
        await self._microphone(tone(500, duration_s))

    async def be_silent(self, duration_s: float) -> None:
        await self._microphone(np.zeros(round(duration_s * RATE_HZ), np.int16))

    async def say(self) -> None:
        """A sentence and the pause after it."""
        await self.speak(1.2)
        await self.be_silent(0.7)

    def of(self, kind: str) -> list[Message]:
        """The bodies of all messages of a kind."""
        return [next(body for key, body in m.items() if key != "type") for _, m in self.got if m["type"] == kind]

    def kinds(self) -> list[str]:
        """The order of what was got, but for what comes all the time."""
        return [m["type"] for _, m in self.got if m["type"] not in ("ping", "vad_score", "audio")]

    def texts(self, kind: str = "agent_response") -> list[str]:
        key = "user_transcript" if "transcript" in kind else kind
        return [str(body[key]) for body in self.of(kind)]

    def when(self, kind: str) -> list[float]:
        return [at_s for at_s, m in self.got if m["type"] == kind]

    def sound_s(self) -> float:
        """Seconds of PCM at 16 kHz that were got."""
        return sum(len(base64.b64decode(body["audio_base_64"])) for body in self.of("audio")) / 2 / RATE_HZ

    async def _microphone(self, samples: Samples) -> None:
        for begin in range(0, len(samples), 960):
            payload = samples[begin : begin + 960].tobytes()
            self.send({"user_audio_chunk": base64.b64encode(payload).decode()})
            await asyncio.sleep(len(payload) / 2 / RATE_HZ)

    async def incoming(self) -> AsyncIterator[str | bytes]:
        while (frame := await self.frames.get()) is not None:
            yield frame

    async def collect(self, outbox: Outbox) -> None:
        loop = asyncio.get_running_loop()
        while self.closed is None:
            match await outbox.get():
                case Frame(content):
                    self.raw.append(content)
                    try:
                        self.got.append((loop.time(), json.loads(content)))
                    except ValueError:
                        continue
                case Stall(duration_s):
                    await asyncio.sleep(duration_s)
                case Close() as close:
                    self.closed = close
                    self.frames.put_nowait(None)


async def converse(
    talk: Callable[[Client], Awaitable[None]],
    *,
    script: Script | None = None,
    speaker: Speaker | None = None,
    recognizer: Recognizer | None = None,
) -> Client:
    """Hold one conversation: `talk` is the client's side; when it returns, the client goes."""
    outbox, client = Outbox(), Client(asyncio.Queue())
    session = Session(
        conversation_id="conv_1",
        script=script or Script(),
        abilities=Abilities(
            speaker=speaker or WrittenSpeaker(),
            recognizer=recognizer or ScriptedRecognizer(["hello"]),
            new_voice_detector=lambda: loud,
            now=lambda: NOON,
        ),
        outbox=outbox,
    )
    async with asyncio.TaskGroup() as group:
        collecting = group.create_task(client.collect(outbox))
        serving = group.create_task(session.run(client.incoming()))
        await talk(client)
        client.frames.put_nowait(None)
        await serving
        collecting.cancel()
    return client
