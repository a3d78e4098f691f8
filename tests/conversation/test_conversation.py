"""The API on virtual time; over a real socket in tests/integration/test_conversation.py."""

import asyncio
import importlib.metadata
import math
from collections.abc import Callable
from typing import Any

import pytest

from talkbox.conversation import conversation as module
from talkbox.conversation import outgoing
from talkbox.conversation.conversation import Conversation
from talkbox.conversation.session import Session
from talkbox.conversation.tools import ToolRunner
from talkbox.conversation.values import Disconnected, Reason, Status
from talkbox.errors import SessionEnded, SessionError, SessionUnreachable
from tests.support.line import FakeAudio, FakeService
from tests.support.messages import SAMPLES
from tests.support.virtual_time import run


async def opened(
    service: FakeService, *, audio: FakeAudio | None = None, callbacks: dict[str, object] | None = None
) -> Conversation:
    async def find_url() -> str:
        return "wss://service"

    session = Session(
        initiation=outgoing.initiation(),
        audio=audio,
        find_url=find_url,
        connect=service.connect,
        tools=ToolRunner({}, timeout_s=5),
        callbacks=callbacks or {},
        connect_timeout_s=10,
        metadata_timeout_s=10,
    )
    await session.start()
    return Conversation(session)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, "exactly one of agent_id and signed_url"),
        ({"agent_id": "a", "signed_url": "wss://h"}, "exactly one of agent_id and signed_url"),
        ({"agent_id": ""}, "agent_id must not be empty"),
        ({"agent_id": "a", "server": "ws://example.com"}, "server must be wss://"),
        ({"signed_url": "https://example.com/?token=hush"}, "signed_url must be wss://"),
        ({"agent_id": "a", "text_only": True, "audio": FakeAudio}, "text-only session takes no audio"),
        (
            {"agent_id": "a", "overrides": {"conversation": {"text_only": True}}, "audio": FakeAudio},
            "text-only session takes no audio",
        ),
        ({"agent_id": "a", "connect_timeout_s": 0}, "connect_timeout_s must be"),
        ({"agent_id": "a", "metadata_timeout_s": math.nan}, "metadata_timeout_s must be"),
        ({"agent_id": "a", "tool_timeout_s": math.inf}, "tool_timeout_s must be"),
        ({"agent_id": "a", "dynamic_variables": {"x": object()}}, "cannot be sent as JSON"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_opened(wrong: dict[str, Any], said: str) -> None:
    if "audio" in wrong:
        wrong = {**wrong, "audio": FakeAudio.__new__(FakeAudio)}
    with pytest.raises(ValueError, match=said) as caught:
        run(Conversation.start_session(**wrong))
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"on_conect": print}, "start_session has no argument 'on_conect'"),
        ({"on_connect": "print"}, "on_connect must be callable, not str"),
        (
            {"on_connect": print, "on_error": None, "client_tools": {"ok": print, "x": 3}},
            "client tool 'x' must be callable, not int",
        ),
    ],
)
def test_what_cannot_be_called_is_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=said):
        run(Conversation.start_session(agent_id="a", **wrong))


def test_a_url_may_be_fetched_and_what_goes_wrong_then_is_an_error() -> None:
    async def story(answer: object) -> str:
        async def fetch() -> str:
            if isinstance(answer, Exception):
                raise answer
            return str(answer)

        find = module._url_finder(agent_id=None, signed_url=fetch, server="", source_info={"source": "s"})
        return await find()

    assert run(story("wss://h/c?conversation_signature=x")) == "wss://h/c?conversation_signature=x&source=s"
    with pytest.raises(SessionError, match=r"no signed URL: ValueError: signed_url must be wss://"):
        run(story("http://h/?conversation_signature=x"))
    with pytest.raises(SessionError, match=r"no signed URL: KeyError: 'x'"):
        run(story(KeyError("x")))
    with pytest.raises(SessionUnreachable, match="no way"):
        run(story(SessionUnreachable("no way")))


def test_the_version_is_known_or_else_zero(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> str:
        raise importlib.metadata.PackageNotFoundError

    module._own_source.cache_clear()
    monkeypatch.setattr("importlib.metadata.version", missing)
    assert module._own_source() == {"source": "talkbox", "version": "0"}
    module._own_source.cache_clear()
    monkeypatch.setattr("importlib.metadata.version", lambda _name: "1.2")
    assert module._own_source() == {"source": "talkbox", "version": "1.2"}
    module._own_source.cache_clear()


def test_everything_can_be_said_and_nothing_after_the_end() -> None:
    async def story() -> None:
        service = FakeService()
        conversation = await opened(service)
        says: list[Callable[[], None]] = [
            lambda: conversation.send_feedback(True),
            lambda: conversation.send_feedback(None, event_id=7),
            lambda: conversation.send_contextual_update("x", context_id="c"),
            lambda: conversation.send_user_message("hi", rich_content_id="r"),
            conversation.send_user_activity,
            lambda: conversation.send_multimodal_message(text="look", file_id="f"),
            lambda: conversation.send_mcp_tool_approval_result("m", True),
        ]
        for say in says:
            say()
        await asyncio.sleep(1)
        assert service.link.kinds()[1:] == [
            "feedback",
            "feedback",
            "contextual_update",
            "user_message",
            "user_activity",
            "multimodal_message",
            "mcp_tool_approval_result",
        ]
        assert [one["event_id"] for one in service.link.sent[1:3]] == [1, 7]
        await conversation.end_session()
        for say in says:
            with pytest.raises(SessionEnded, match="the session is over"):
                say()

    run(story())


def test_the_getters_answer_and_are_zero_after_the_end() -> None:
    async def story() -> None:
        audio = FakeAudio()
        conversation = await opened(FakeService(), audio=audio)
        assert conversation.is_open()
        assert conversation.get_id() == "conv_1"
        assert (conversation.status, conversation.mode) == ("connected", "listening")
        assert (conversation.get_input_volume(), conversation.get_output_volume()) == (0.25, 0.5)
        assert conversation.get_input_byte_frequency_data() == b"in"
        assert conversation.get_output_byte_frequency_data() == b"out"
        conversation.set_mic_muted(True)
        assert audio.muted
        await conversation.end_session()
        await conversation.end_session()
        conversation.set_mic_muted(False)
        conversation.set_volume(volume=0)
        assert (audio.muted, audio.volume) == (True, 0.8)
        assert not conversation.is_open()
        assert conversation.get_id() == "conv_1"
        assert conversation.status is Status.DISCONNECTED
        assert (conversation.get_input_volume(), conversation.get_output_volume()) == (0, 0)
        assert not any(conversation.get_input_byte_frequency_data())
        assert len(conversation.get_output_byte_frequency_data()) == 1024

    run(story())


@pytest.mark.parametrize(
    ("asked", "got"), [(0.5, 0.5), (-1, 0), (2, 1), (math.nan, 1), (math.inf, 1), (-math.inf, 1), (0, 0)]
)
def test_the_volume_is_clamped(asked: float, got: float) -> None:
    async def story() -> float:
        audio = FakeAudio()
        conversation = await opened(FakeService(), audio=audio)
        conversation.set_volume(volume=asked)
        await conversation.end_session()
        return audio.volume

    assert run(story()) == got


def test_a_session_can_be_ended_from_within_a_callback() -> None:
    async def story() -> list[object]:
        told: list[object] = []
        conversation: Conversation

        async def on_message(_message: object) -> None:
            await asyncio.gather(conversation.end_session(), conversation.end_session())
            told.append("still in the callback")

        service = FakeService()
        conversation = await opened(service, callbacks={"on_message": on_message, "on_disconnect": told.append})
        service.link.say(SAMPLES["agent_response"])
        await conversation.wait_closed()
        return told

    assert run(story()) == ["still in the callback", Disconnected(reason=Reason.USER)]


def test_the_device_has_three_methods_of_its_own() -> None:
    async def story() -> Disconnected:
        audio = FakeAudio()
        conversation = await opened(FakeService(), audio=audio)
        conversation.silence_agent()
        conversation.expect_agent()
        assert "interrupt" in audio.calls
        conversation.hang_up()
        ended = await conversation.wait_closed()
        assert conversation.counters.chunks_sent == 0
        return ended

    assert run(story()) == Disconnected(reason=Reason.AGENT, text="hung up by a client tool")
