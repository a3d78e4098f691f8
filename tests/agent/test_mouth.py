from __future__ import annotations

import asyncio
import base64
import json
import logging
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from talkbox_agent.audio import AudioFormat, Samples, decode, tone
from talkbox_agent.errors import VoiceError
from talkbox_agent.mouth import Mouth
from talkbox_agent.outbox import Frame, Outbox
from talkbox_agent.script import Manner
from tests.agent.client import Message, WrittenSpeaker
from tests.support.virtual_time import run

TEXT = "A first sentence. And a second one."


async def drain(outbox: Outbox) -> list[Message]:
    outbox.send("ping", {})  # a mark: everything before it is there
    messages: list[Message] = []
    while not messages or messages[-1]["type"] != "ping":
        frame = await outbox.get()
        assert isinstance(frame, Frame)
        messages.append(json.loads(frame.content))
    return messages[:-1]


def with_a_mouth(
    use: Callable[[Mouth, Outbox], Awaitable[None]], *, manner: Manner | None = None, speaker: object = None
) -> list[str]:
    first_sounds: list[str] = []

    async def main() -> None:
        outbox = Outbox()
        given = speaker or WrittenSpeaker()
        await use(
            Mouth(outbox=outbox, manner=manner or Manner(), speaker=given, on_first_sound=first_sounds.append),  # type: ignore[arg-type]
            outbox,
        )

    run(main())
    return first_sounds


@pytest.mark.parametrize("output", list(AudioFormat))
def test_an_answer_is_sent_whole_in_every_format(output: AudioFormat) -> None:
    async def use(mouth: Mouth, outbox: Outbox) -> None:
        await mouth.say(TEXT)
        announced, *audio = await drain(outbox)
        assert announced["agent_response_event"]["agent_response"] == TEXT
        bodies = [message["audio_event"] for message in audio]
        payload = b"".join(base64.b64decode(body["audio_base_64"]) for body in bodies)
        assert len(decode(payload, output)) == pytest.approx(output.rate_hz * 0.1 * len(TEXT), abs=2)
        assert "".join(char for body in bodies for char in body["alignment"]["chars"]) == TEXT

    assert with_a_mouth(use, manner=Manner(output_format=output)) == [TEXT]


def test_chunks_have_the_length_asked_for_and_no_alignment_if_it_is_not() -> None:
    async def use(mouth: Mouth, outbox: Outbox) -> None:
        await mouth.say("x", sound=tone(440, 1.1))
        bodies = [message["audio_event"] for message in (await drain(outbox))[1:]]
        assert "alignment" not in bodies[0]
        assert [len(base64.b64decode(body["audio_base_64"])) // 32 for body in bodies] == [500, 500, 100]

    with_a_mouth(use, manner=Manner(chunk_ms=500, alignment=False))


def test_audio_is_sent_only_so_far_ahead() -> None:
    async def use(mouth: Mouth, _outbox: Outbox) -> None:
        loop = asyncio.get_running_loop()
        await mouth.say("x", sound=tone(440, 10))
        assert loop.time() == pytest.approx(10 - 3, abs=0.3)
        assert mouth.sounding
        await mouth.until_heard()
        assert loop.time() == pytest.approx(10)
        assert not mouth.sounding

    with_a_mouth(use, manner=Manner(lead_s=3))


def test_an_interruption_corrects_what_was_said() -> None:
    async def use(mouth: Mouth, outbox: Outbox) -> None:
        await mouth.say(TEXT)
        await asyncio.sleep(1.0)
        event_id, heard = mouth.interrupt()
        assert heard == "A first"
        assert not mouth.sounding
        *_, interruption, correction = await drain(outbox)
        assert interruption["interruption_event"] == {"event_id": event_id}
        assert correction["agent_response_correction_event"] == {
            "original_agent_response": TEXT,
            "corrected_agent_response": "A first",
            "event_id": event_id + 1,
        }
        mouth.send_again(np.zeros(160, np.int16), event_id=event_id)
        assert (await drain(outbox))[0]["audio_event"]["event_id"] == event_id

    with_a_mouth(use)


def test_a_sentence_that_cannot_be_said_is_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    class Hoarse(WrittenSpeaker):
        async def speak(self, text: str, *, greeting: bool, voice_id: str, speed: float) -> Samples:
            if "first" in text:
                raise VoiceError("flite ended with 1")
            return await super().speak(text, greeting=greeting, voice_id=voice_id, speed=speed)

    async def use(mouth: Mouth, outbox: Outbox) -> None:
        await mouth.say(TEXT)
        assert len(await drain(outbox)) > 1

    with caplog.at_level(logging.WARNING):
        with_a_mouth(use, speaker=Hoarse())
    assert caplog.messages == ["not said: flite ended with 1: 'A first sentence. '"]


def test_a_client_that_wants_no_audio_gets_the_text() -> None:
    async def use(mouth: Mouth, outbox: Outbox) -> None:
        outbox.client_events = frozenset({"agent_response", "ping"})
        await mouth.say(TEXT)
        assert [message["type"] for message in await drain(outbox)] == ["agent_response"]
        assert not mouth.sounding

    assert with_a_mouth(use) == []
