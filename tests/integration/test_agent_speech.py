"""The agent's whole spoken path: flite speaks to it over a socket, and pocketsphinx understands what it says."""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from websockets.asyncio.client import ClientConnection, connect

from talkbox_agent.abilities import find_abilities
from talkbox_agent.audio import RATE_HZ, AudioFormat, Samples, decode, encode, level_dbfs, resample
from talkbox_agent.hearing import SphinxRecognizer
from talkbox_agent.script import Manner, Script
from talkbox_agent.server import AgentServer
from talkbox_agent.voice import read_wav

pytest.importorskip("pocketsphinx", reason="needs the extra `agent`")
pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(not shutil.which("flite"), reason="needs flite: sudo apt install flite"),
]

Message = dict[str, Any]


def flite(text: str, voice: str = "slt") -> Samples:
    """Say `text` to the agent."""
    command = ["flite", "-voice", voice, "-t", text, "-o", "/dev/stdout"]
    return read_wav(subprocess.run(command, check=True, capture_output=True).stdout)


class Caller:
    """A client with a microphone that never stops, and a memory."""

    def __init__(self, connection: ClientConnection, manner: Manner) -> None:
        self._connection = connection
        self._manner = manner
        self._speech: list[bytes] = []
        self.messages: list[Message] = []
        self._news = asyncio.Event()

    def say(self, samples: Samples) -> None:
        """Have the microphone pick this up now, 20 ms by 20 ms."""
        rate_hz = self._manner.input_format.rate_hz
        payload = encode(resample(samples, from_hz=RATE_HZ, to_hz=rate_hz), self._manner.input_format)
        size = rate_hz // 50 * self._manner.input_format.sample_bytes
        self._speech += [payload[begin : begin + size] for begin in range(0, len(payload), size)]

    async def microphone(self) -> None:
        silence = encode(np.zeros(self._manner.input_format.rate_hz // 50, np.int16), self._manner.input_format)
        due_s = asyncio.get_running_loop().time()
        while True:
            payload = self._speech.pop(0) if self._speech else silence
            await self.send({"user_audio_chunk": base64.b64encode(payload).decode()})
            due_s += 0.02
            await asyncio.sleep(max(0.0, due_s - asyncio.get_running_loop().time()))

    async def send(self, message: Message) -> None:
        await self._connection.send(json.dumps(message))

    async def listen(self) -> None:
        async for text in self._connection:
            message = json.loads(text)
            if message["type"] == "ping":
                await self.send({"type": "pong", "event_id": message["ping_event"]["event_id"]})
            self.messages.append(message)
            self._news.set()

    async def until(self, wanted: Callable[[Message], bool], *, within_s: float = 20.0) -> Message:
        """Wait for a message after the last one waited for, and forget all before it."""
        async with asyncio.timeout(within_s):
            while True:
                for index, message in enumerate(self.messages):
                    if wanted(message):
                        del self.messages[: index + 1]
                        return message
                self._news.clear()
                await self._news.wait()

    async def until_kind(self, kind: str) -> Message:
        return await self.until(lambda message: message["type"] == kind)

    async def transcript(self) -> str:
        message = await self.until_kind("user_transcript")
        return str(message["user_transcription_event"]["user_transcript"])

    async def answer(self) -> tuple[str, Samples]:
        """Wait for the next answer: its text, and its sound, whole when all characters have come with it."""
        text = str((await self.until_kind("agent_response"))["agent_response_event"]["agent_response"])
        output, said, payload = self._manner.output_format, "", b""
        while said != text:
            audio = (await self.until_kind("audio"))["audio_event"]
            said += "".join(audio["alignment"]["chars"])
            payload += base64.b64decode(audio["audio_base_64"])
        return text, resample(decode(payload, output), from_hz=output.rate_hz, to_hz=RATE_HZ)


@asynccontextmanager
async def a_call(manner: Manner | None = None, **initiation: Any) -> AsyncIterator[Caller]:
    """A conversation with a real agent, its metadata already there."""
    manner = manner or Manner()
    abilities = find_abilities(tones=False, voice="rms", now=lambda: datetime(2026, 11, 22, 15, 20, tzinfo=UTC))
    server = AgentServer(
        script=Script(manner=manner), abilities=abilities, api_key="", private=False, now_s=lambda: 0.0
    )
    async with (
        server.listening(host="127.0.0.1", port=0) as url,
        asyncio.TaskGroup() as group,
        connect(f"{url}/v1/convai/conversation?agent_id=home", proxy=None) as connection,
    ):
        caller = Caller(connection, manner)
        await caller.send({"type": "conversation_initiation_client_data", **initiation})
        listening = group.create_task(caller.listen())
        await caller.until_kind("conversation_initiation_metadata")
        microphone = group.create_task(caller.microphone())
        try:
            yield caller
        finally:
            microphone.cancel()
            listening.cancel()


QUIET_START: dict[str, Any] = {"conversation_config_override": {"agent": {"first_message": ""}}}


async def understood(samples: Samples) -> str:
    return await SphinxRecognizer().recognize(samples)


@pytest.mark.parametrize("voice", ["slt", "rms", "awb", "kal16"])
def test_a_spoken_question_gets_a_spoken_answer(voice: str) -> None:
    async def conversation() -> None:
        async with a_call(**QUIET_START) as caller:
            caller.say(flite("what time is it", voice))
            assert await caller.transcript() == "what time is it"
            text, sound = await caller.answer()
            assert text == "It is three twenty in the afternoon."
            assert 1.5 < len(sound) / RATE_HZ < 6
            assert level_dbfs(sound) > -35

    asyncio.run(conversation())


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        (AudioFormat.ULAW_8000, AudioFormat.PCM_24000),
        (AudioFormat.PCM_8000, AudioFormat.ULAW_8000),
        (AudioFormat.PCM_44100, AudioFormat.PCM_22050),
        (AudioFormat.PCM_48000, AudioFormat.PCM_44100),
    ],
)
def test_speech_is_understood_and_given_in_every_format(given: AudioFormat, taken: AudioFormat) -> None:
    async def conversation() -> None:
        async with a_call(Manner(input_format=given, output_format=taken), **QUIET_START) as caller:
            caller.say(flite("tell me the date"))
            assert await caller.transcript() == "tell me the date"
            text, sound = await caller.answer()
            assert text == "Today is Sunday, November 22."
            assert level_dbfs(sound) > -35

    asyncio.run(conversation())


def test_a_recognizer_understands_what_the_agent_says() -> None:
    async def conversation() -> None:
        greeting: dict[str, Any] = {"conversation_config_override": {"agent": {"first_message": "what can you do"}}}
        async with a_call(**greeting) as caller:
            assert await understood((await caller.answer())[1]) == "what can you do"

    asyncio.run(conversation())


def test_the_users_own_words_come_back() -> None:
    async def conversation() -> None:
        async with a_call(**QUIET_START) as caller:
            caller.say(flite("repeat after me"))
            assert (await caller.answer())[0] == "Go ahead."
            caller.say(flite("set the volume to forty percent", "kal16"))
            text, sound = await caller.answer()
            assert text == "set the volume to forty percent"
            assert await understood(sound) == "set the volume to forty percent"

    asyncio.run(conversation())


def test_the_volume_is_set_through_a_tool_of_the_client() -> None:
    async def conversation() -> None:
        async with a_call(**QUIET_START) as caller:
            caller.say(flite("set the volume to forty percent"))
            call = (await caller.until_kind("client_tool_call"))["client_tool_call"]
            assert (call["tool_name"], call["parameters"]) == ("set_volume", {"volume": 0.4})
            result = {"tool_call_id": call["tool_call_id"], "result": "0.4", "is_error": False}
            await caller.send({"type": "client_tool_result", **result})
            assert (await caller.answer())[0] == "The volume is now forty percent."

    asyncio.run(conversation())


def test_a_long_story_is_interrupted_by_a_voice() -> None:
    async def conversation() -> None:
        async with a_call(**QUIET_START) as caller:
            caller.say(flite("tell me a long story"))
            story = (await caller.until_kind("agent_response"))["agent_response_event"]["agent_response"]
            await caller.until_kind("audio")
            caller.say(np.concatenate([np.zeros(2 * RATE_HZ, np.int16), flite("stop talking")]))
            interruption = await caller.until_kind("interruption")
            correction = (await caller.until_kind("agent_response_correction"))["agent_response_correction_event"]
            assert story.startswith(correction["corrected_agent_response"])
            assert 10 < len(correction["corrected_agent_response"]) < 200
            assert await caller.transcript() == "stop talking"
            old = interruption["interruption_event"]["event_id"]
            assert all(m["audio_event"]["event_id"] > old for m in caller.messages if m["type"] == "audio")
            assert (await caller.answer())[0] == "Okay."

    asyncio.run(conversation())


def test_other_speech_is_not_understood_and_answered_all_the_same() -> None:
    async def conversation() -> None:
        async with a_call(**QUIET_START) as caller:
            caller.say(flite("my cat is sitting under the kitchen table"))
            assert await caller.transcript() == "..."
            assert "not understand" in (await caller.answer())[0]

    asyncio.run(conversation())


def test_goodbye_ends_the_call() -> None:
    async def conversation() -> None:
        async with a_call(**QUIET_START) as caller:
            caller.say(flite("goodbye"))
            response = (await caller.until_kind("agent_tool_response"))["agent_tool_response"]
            assert response["tool_name"] == "end_call"

    asyncio.run(conversation())
