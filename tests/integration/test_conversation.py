"""The client against a service on a real socket: connection, session, conversation, from the first word to the last."""

import asyncio
import base64
import importlib.util
import logging
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from talkbox.conversation.conversation import Conversation
from talkbox.conversation.values import Disconnected, Message, Reason, Source
from talkbox.errors import (
    MissingFeature,
    SessionEnded,
    SessionError,
    SessionLost,
    SessionRefused,
    SessionTimeout,
    SessionUnreachable,
)
from tests.support.line import FakeAudio
from tests.support.messages import JUNK, SAMPLES, audio_frame, frame
from tests.support.service import PATIENCE_S, Service

pytestmark = pytest.mark.integration

TENTH_BASE64 = base64.b64encode(b"\0" * 3200).decode()


class Told:
    """What the application was told, in order."""

    def __init__(self) -> None:
        self.all: list[tuple[str, Any]] = []
        self._changed = asyncio.Event()

    def note(self, name: str) -> Callable[[object], None]:
        def callback(argument: object) -> None:
            self.all.append((name, argument))
            self._changed.set()

        return callback

    def of(self, name: str) -> list[Any]:
        return [argument for told, argument in self.all if told == name]

    async def wait_for(self, name: str, *, count: int = 1) -> list[Any]:
        async with asyncio.timeout(PATIENCE_S):
            while len(self.of(name)) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.of(name)


@asynccontextmanager
async def conversing(service: Service, told: Told, **options: Any) -> AsyncIterator[Conversation]:
    names = ("on_connect", "on_disconnect", "on_message", "on_error", "on_status_change", "on_mode_change", "on_debug")
    defaults: dict[str, Any] = {"agent_id": "agent", "server": service.url, "text_only": "audio" not in options}
    callbacks: dict[str, Any] = {name: told.note(name) for name in names}
    conversation = await Conversation.start_session(**(defaults | callbacks | options))
    try:
        yield conversation
    finally:
        await conversation.end_session()


def test_a_conversation_from_hello_to_goodbye() -> None:
    async def story() -> None:
        told, audio = Told(), FakeAudio()
        async with Service() as service:
            async with conversing(
                service,
                told,
                audio=audio,
                user_id="u",
                dynamic_variables={"name": "Ann"},
                source_info={"source": "test", "version": "1"},
            ) as conversation:
                assert conversation.get_id() == "conv_1"
                audio.hear(b"\1\2")
                (chunk,) = await service.wait_for("user_audio_chunk")
                assert base64.b64decode(chunk["user_audio_chunk"]) == b"\1\2"
                await service.say(SAMPLES["user_transcript"])
                await service.say(audio_frame(1, TENTH_BASE64))
                await service.say(SAMPLES["ping"])
                assert (await service.wait_for("pong"))[0]["event_id"] == 8
                assert await told.wait_for("on_mode_change", count=2) == ["speaking", "listening"]
                conversation.send_user_message("bye")
            assert service.path == "/v1/convai/conversation?agent_id=agent&source=test&version=1"
            assert service.requests[0].headers["Sec-WebSocket-Protocol"] == "convai"
            assert "Sec-WebSocket-Extensions" not in service.requests[0].headers
            assert service.received[0] == {
                "type": "conversation_initiation_client_data",
                "user_id": "u",
                "dynamic_variables": {"name": "Ann"},
                "source_info": {"source": "test", "version": "1"},
            }
            assert (await service.wait_for("user_message"))[0]["text"] == "bye"
            assert await service.wait_until_left() == 1000
        assert told.of("on_message") == [Message(text="hello", source=Source.USER, event_id=1)]
        assert told.of("on_status_change") == ["connecting", "connected", "disconnecting", "disconnected"]
        assert told.all[-1] == ("on_disconnect", Disconnected(reason=Reason.USER))
        assert audio.calls == ["open", "negotiate pcm_16000 pcm_16000", "close"]
        with pytest.raises(SessionEnded):
            conversation.send_user_activity()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("status", "body", "hint"),
    [
        (401, '{"detail": {"message": "no such key"}}', "signed_url_from"),
        (403, "", "may use the agent"),
        (404, "gone", "agent.agent_id"),
        (429, '{"detail": "quota exceeded"}', "quota"),
        (503, "<html>later</html>", ""),
    ],
)
def test_a_refusal_is_raised_with_its_status_reason_and_remedy(status: int, body: str, hint: str) -> None:
    async def story() -> None:
        told, audio = Told(), FakeAudio()
        async with Service(refuse=(status, body)) as service:
            with pytest.raises(SessionRefused) as caught:
                async with conversing(service, told, audio=audio):
                    pytest.fail("it was let in")
        assert caught.value.status == status
        assert hint in caught.value.hint
        assert "<" not in str(caught.value)
        assert told.all == [
            ("on_status_change", "connecting"),
            ("on_status_change", "disconnected"),
            ("on_disconnect", Disconnected(reason=Reason.ERROR, code=status, text=str(caught.value))),
        ]
        assert audio.calls == ["open", "close"]

    asyncio.run(story())


def test_a_close_code_before_the_metadata_is_a_refusal() -> None:
    async def story() -> None:
        async with Service(closes=(1008, "this agent requires authentication")) as service:
            with pytest.raises(SessionRefused, match=r"\(1008\): this agent requires authentication") as caught:
                async with conversing(service, Told()):
                    pytest.fail("it was let in")
        assert "signed URL" in caught.value.hint

    asyncio.run(story())


def test_no_metadata_is_a_time_out() -> None:
    async def story() -> None:
        async with Service(greets=False) as service:
            with pytest.raises(SessionTimeout, match=r"no metadata within 0\.3 s"):
                async with conversing(service, Told(), metadata_timeout_s=0.3):
                    pytest.fail("it was let in")
            assert await service.wait_until_left() == 1000

    asyncio.run(story())


def test_a_service_that_does_not_accept_is_a_time_out() -> None:
    async def story() -> None:
        async with Service(delay_s=60) as service:
            with pytest.raises(SessionTimeout, match=r"localhost did not open the connection within 0\.3 s"):
                async with conversing(service, Told(), connect_timeout_s=0.3):
                    pytest.fail("it was let in")

    asyncio.run(story())


def test_a_port_where_nobody_listens_is_unreachable() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        with pytest.raises(SessionUnreachable, match=r"no connection to 127\.0\.0\.1: ECONNREFUSED") as caught:
            asyncio.run(Conversation.start_session(agent_id="a", server=f"ws://127.0.0.1:{port}", text_only=True))
    assert "nothing listens" in caught.value.hint


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH\r\n", b"", b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"])
def test_a_server_of_another_kind_is_no_service(answer: bytes) -> None:
    async def story() -> None:
        async def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer)
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_server(talk, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(SessionError, match=r"127\.0\.0\.1|\(200\)"):
                await Conversation.start_session(agent_id="a", server=f"ws://127.0.0.1:{port}", text_only=True)

    asyncio.run(story())


def test_a_proxy_in_the_environment_is_not_for_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "ws_proxy", "wss_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)

    async def story() -> None:
        async with Service() as service, conversing(service, Told()) as conversation:
            assert conversation.is_open()

    asyncio.run(story())


def test_a_proxy_in_the_environment_is_for_everybody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        asked: list[bytes] = []

        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked.append(await reader.readline())
            writer.write(b"HTTP/1.1 407 Who are you\r\nContent-Length: 0\r\n\r\n")
            writer.close()
            await writer.wait_closed()

        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
            monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
            with pytest.raises(SessionUnreachable, match=r"the proxy to service\.test refuses"):
                await Conversation.start_session(agent_id="a", server="wss://service.test", text_only=True)
        assert asked == [b"CONNECT service.test:443 HTTP/1.1\r\n"]

    asyncio.run(story())


def test_a_socks_proxy_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    if importlib.util.find_spec("python_socks") is not None:
        pytest.skip("python-socks is installed")
    monkeypatch.setenv("https_proxy", "socks5://127.0.0.1:9")
    with pytest.raises(MissingFeature, match="SOCKS") as caught:
        asyncio.run(Conversation.start_session(agent_id="a", server="wss://service.test", text_only=True))
    assert "python-socks" in caught.value.hint


def test_every_kind_of_junk_is_survived_as_text_and_as_binary() -> None:
    async def story() -> None:
        told = Told()
        async with Service() as service, conversing(service, told) as conversation:
            for junk in JUNK.values():
                await service.say_binary(junk)
                await service.say(junk)
            await service.say_binary(bytes(range(256)))
            await service.say({"type": "from the future"})
            await told.wait_for("on_debug", count=2 * len(JUNK) + 2)
            await service.say(SAMPLES["ping"])
            await service.wait_for("pong")
            assert conversation.is_open()
            assert conversation.counters.malformed == 2 * len(JUNK) + 1
            assert conversation.counters.unknown == 1

    asyncio.run(story())


def test_a_burst_of_many_megabytes_is_one_message_like_any_other() -> None:
    async def story() -> None:
        told = Told()
        audio = FakeAudio()
        async with Service() as service, conversing(service, told, audio=audio):
            payload = bytes(11 * 2**20)
            await service.say(audio_frame(1, base64.b64encode(payload).decode()))
            await told.wait_for("on_mode_change")
            assert audio.played == [payload]

    asyncio.run(story())


def test_a_message_that_is_too_big_ends_the_session_and_says_so() -> None:
    async def story() -> None:
        told = Told()
        async with Service() as service, conversing(service, told) as conversation:
            await service.say({"type": "x", "x": "y" * 17 * 2**20})
            async with asyncio.timeout(PATIENCE_S):
                ended = await conversation.wait_closed()
            assert ended.reason == "error"
            assert "exceeds limit" in ended.text

    asyncio.run(story())


def test_a_broken_line_is_an_error_told_in_order() -> None:
    async def story() -> None:
        told = Told()
        async with Service() as service, conversing(service, told, audio=FakeAudio()) as conversation:
            service.drop()
            async with asyncio.timeout(PATIENCE_S):
                ended = await conversation.wait_closed()
        assert (ended.reason, ended.code) == ("error", None)
        (error,) = told.of("on_error")
        assert isinstance(error, SessionLost)
        assert [name for name, _ in told.all][-4:] == [
            "on_error",
            "on_status_change",
            "on_status_change",
            "on_disconnect",
        ]

    asyncio.run(story())


def test_a_close_code_is_passed_on() -> None:
    async def story() -> None:
        async with Service() as service, conversing(service, Told()) as conversation:
            await service.close(1011, "an unexpected error")
            async with asyncio.timeout(PATIENCE_S):
                ended = await conversation.wait_closed()
        assert ended == Disconnected(
            reason=Reason.ERROR, code=1011, text="the connection was closed with code 1011: an unexpected error"
        )

    asyncio.run(story())


def test_close_code_1000_plays_out() -> None:
    async def story() -> None:
        told, audio = Told(), FakeAudio()
        async with Service() as service, conversing(service, told, audio=audio) as conversation:
            loop = asyncio.get_running_loop()
            for event_id in range(1, 6):
                await service.say(audio_frame(event_id, TENTH_BASE64))
            await told.wait_for("on_mode_change")
            started = loop.time()
            await service.close(1000, "bye")
            async with asyncio.timeout(PATIENCE_S):
                ended = await conversation.wait_closed()
            assert loop.time() - started > 0.2
        assert ended == Disconnected(reason=Reason.AGENT, code=1000, text="bye")
        assert len(audio.played) == 5
        assert not told.of("on_error")

    asyncio.run(story())


def test_an_interruption_silences_what_was_and_what_comes_late() -> None:
    async def story() -> None:
        told, audio = Told(), FakeAudio()
        async with Service() as service, conversing(service, told, audio=audio) as conversation:
            await service.say(audio_frame(5, base64.b64encode(b"\0" * 320_000).decode()))
            await told.wait_for("on_mode_change")
            await service.say({"type": "interruption", "interruption_event": {"event_id": 5}})
            await service.say(audio_frame(4, TENTH_BASE64))
            await service.say(audio_frame(5, TENTH_BASE64))
            await service.say(audio_frame(6, TENTH_BASE64))
            modes = await told.wait_for("on_mode_change", count=4)
            assert modes == ["speaking", "listening", "speaking", "listening"]
            assert audio.calls[-1] == "interrupt"
            assert len(audio.played) == 2
            assert conversation.counters.stale_audio == 2

    asyncio.run(story())


def test_the_first_word_is_whole_though_connecting_took_its_time() -> None:
    async def story() -> None:
        audio = FakeAudio()
        chunks = [bytes([number]) * 640 for number in range(50)]
        for chunk in chunks:
            audio.hear(chunk)
        async with Service(delay_s=0.5) as service, conversing(service, Told(), audio=audio):
            sent = await service.wait_for("user_audio_chunk", count=50)
        assert [base64.b64decode(one["user_audio_chunk"]) for one in sent] == chunks

    asyncio.run(story())


def test_a_signed_url_is_fetched_while_the_microphone_is_open_and_never_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def story() -> None:
        audio = FakeAudio()
        async with Service() as service:

            async def fetch() -> str:
                assert audio.calls == ["open"]
                return f"{service.url}/v1/convai/conversation?agent_id=a&conversation_signature=hush"

            async with conversing(service, Told(), agent_id=None, signed_url=fetch, audio=audio):
                await service.say(SAMPLES["user_transcript"])
            assert "conversation_signature=hush&source=talkbox&version=" in service.path
            async with conversing(service, Told(), agent_id=None, signed_url=f"{service.url}/x?token=hush"):
                assert service.path.startswith("/x?token=hush&source=talkbox&version=")

    with caplog.at_level(logging.DEBUG, logger="talkbox"), caplog.at_level(logging.DEBUG, logger="websockets.talkbox"):
        asyncio.run(story())
    assert "conversation_signature=***" in caplog.text
    assert "hush" not in caplog.text
    assert "hello" not in "".join(record.getMessage() for record in caplog.records if record.levelno > logging.DEBUG)


def test_a_service_that_does_not_say_goodbye_is_left_all_the_same() -> None:
    async def story() -> None:
        async with await asyncio.start_server(deaf, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            conversation = await Conversation.start_session(
                agent_id="a", server=f"ws://127.0.0.1:{port}", text_only=True
            )
            async with asyncio.timeout(PATIENCE_S):
                await conversation.end_session()
            assert conversation.status == "disconnected"

    async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Shake hands, greet, and never listen again."""
        from websockets.frames import Frame, Opcode  # noqa: PLC0415
        from websockets.server import ServerProtocol  # noqa: PLC0415

        protocol = ServerProtocol()
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        (request,) = protocol.events_received()
        protocol.send_response(protocol.accept(request))  # type: ignore[arg-type]
        for data in protocol.data_to_send():
            writer.write(data)
        text = frame(SAMPLES["conversation_initiation_metadata"])
        writer.write(Frame(Opcode.TEXT, text).serialize(mask=False))
        await writer.drain()
        while await reader.read(4096):
            pass
        writer.close()

    asyncio.run(story())
