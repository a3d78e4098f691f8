"""The client against a network and a service that mean no good: every end comes soon, and with a reason."""

import asyncio
import io
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.frames import Frame, Opcode
from websockets.server import ServerProtocol

from talkbox import logs
from talkbox.conversation import connection
from talkbox.conversation.conversation import Conversation
from talkbox.conversation.values import Reason
from talkbox.errors import SessionUnreachable
from tests.support.line import FakeAudio
from tests.support.messages import METADATA, SAMPLES, frame
from tests.support.service import PATIENCE_S, Service

pytestmark = pytest.mark.integration

Script = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Torrent(FakeAudio):
    """A microphone that never stops talking, in a hurry."""

    async def read(self) -> bytes:
        await asyncio.sleep(0)
        return b"x" * 64_000


@asynccontextmanager
async def raw_service(script: Script, *, receive_buffer: int | None = None) -> AsyncIterator[str]:
    """Shake hands and introduce itself as the service does, then do what `script` says, byte by byte."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        protocol = ServerProtocol()
        protocol.receive_data(await reader.readuntil(b"\r\n\r\n"))
        (request,) = protocol.events_received()
        protocol.send_response(protocol.accept(request))  # type: ignore[arg-type]
        for data in protocol.data_to_send():
            writer.write(data)
        writer.write(Frame(Opcode.TEXT, frame(METADATA)).serialize(mask=False))
        await writer.drain()
        await script(reader, writer)
        writer.transport.abort()

    listening = socket.socket()
    if receive_buffer is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    listening.bind(("127.0.0.1", 0))
    async with await asyncio.start_server(converse, sock=listening):
        yield f"ws://127.0.0.1:{listening.getsockname()[1]}"


def not_reading(leaving: asyncio.Event) -> Script:
    async def script(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        transport: Any = writer.transport
        transport.pause_reading()
        await leaving.wait()

    return script


async def full(conversation: Conversation) -> None:
    """Wait until nothing more goes over the line."""
    async with asyncio.timeout(PATIENCE_S):
        sent = -1
        # That nothing happens is no event.
        while sent != (sent := conversation.counters.chunks_sent):  # noqa: ASYNC110
            await asyncio.sleep(0.5)


def test_a_service_that_stops_reading_is_left_all_the_same() -> None:
    async def story() -> None:
        leaving = asyncio.Event()
        async with raw_service(not_reading(leaving), receive_buffer=4096) as server:
            conversation = await Conversation.start_session(agent_id="a", server=server, audio=Torrent())
            await full(conversation)
            async with asyncio.timeout(PATIENCE_S):
                await conversation.end_session()
            assert conversation.status == "disconnected"
            leaving.set()

    asyncio.run(story())


def test_a_line_that_stays_full_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "SEND_TIMEOUT_S", 0.5)

    async def story() -> None:
        leaving = asyncio.Event()
        async with raw_service(not_reading(leaving), receive_buffer=4096) as server:
            conversation = await Conversation.start_session(agent_id="a", server=server, audio=Torrent())
            async with asyncio.timeout(PATIENCE_S):
                ended = await conversation.wait_closed()
            assert (ended.reason, ended.code) == (Reason.ERROR, None)
            assert "nothing could be sent for 0.5 s" in ended.text
            leaving.set()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (Frame(Opcode.CLOSE, b"").serialize(mask=False), "without a close code"),
        (Frame(Opcode.CLOSE, b"x").serialize(mask=False), "without a close code"),
        (Frame(Opcode.CLOSE, b"\x03\xee").serialize(mask=False), "without a close code"),  # 1006 never travels
        (Frame(Opcode.CLOSE, b"\xff\xff").serialize(mask=False), "without a close code"),
        (Frame(Opcode.CLOSE, b"\x03\xe8\xff\xfe").serialize(mask=False), "without a close code"),
        (Frame(Opcode.CLOSE, b"\x03\xe9").serialize(mask=False), "with code 1001: no reason given"),
        (Frame(Opcode.CLOSE, b"\x0f\xa1\x1b[31m\ntoken=hush").serialize(mask=False), "with code 4001: [31m token=***"),
        (b"\xff" * 100, "without a close code"),
        (Frame(Opcode.TEXT, b'{"half":', fin=False).serialize(mask=False), "without a close code"),
        (b"", "without a close code"),
    ],
)
def test_whatever_the_last_bytes_are_the_session_ends_with_an_error_and_leaves_nothing_behind(
    data: bytes, text: str
) -> None:
    async def script(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(data)
        writer.write_eof()  # half closed: it could still read
        await writer.drain()
        while await reader.read(4096):
            pass

    async def story() -> None:
        async with raw_service(script) as server:
            before = asyncio.all_tasks()
            conversation = await Conversation.start_session(agent_id="a", server=server, audio=FakeAudio())
            async with asyncio.timeout(PATIENCE_S):
                ended = await conversation.wait_closed()
            assert ended.reason is Reason.ERROR
            assert text in ended.text
            assert not {task for task in asyncio.all_tasks() - before if "talkbox" in repr(task.get_coro())}

    asyncio.run(story())


@pytest.mark.parametrize("location", ["wss://host:99999/", "ws://[::1", "ws://a..b/", "ftp://host/", "//"])
def test_a_redirection_to_nowhere_is_unreachable(location: str) -> None:
    async def redirect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()
        await writer.wait_closed()

    async def story() -> None:
        async with await asyncio.start_server(redirect, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(SessionUnreachable, match=r"127\.0\.0\.1"):
                await Conversation.start_session(agent_id="a", server=f"ws://127.0.0.1:{port}", text_only=True)

    asyncio.run(story())


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".test"])
def test_a_name_that_cannot_be_one_is_unreachable(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "wss_proxy", "all_proxy", "socks_proxy"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SessionUnreachable, match="no connection to"):
        asyncio.run(Conversation.start_session(agent_id="a", server=f"wss://{host}", text_only=True))


@pytest.mark.parametrize("proxy", ["http://me:hush@proxy:port", "http://me:hush@proxy/path", "ftp://me:hush@proxy"])
def test_a_proxy_that_cannot_be_one_is_named_without_its_password(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", proxy)
    monkeypatch.delenv("no_proxy", raising=False)
    with pytest.raises(SessionUnreachable) as caught:
        asyncio.run(Conversation.start_session(agent_id="a", server="wss://service.test", text_only=True))
    assert "hush" not in str(caught.value)
    assert "https_proxy" in caught.value.hint


@pytest.fixture
def restored_logging() -> Iterator[None]:
    root, websockets = logging.getLogger(), logging.getLogger("websockets")
    handlers, level, wire_level = root.handlers[:], root.level, websockets.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    websockets.setLevel(wire_level)
    logging.captureWarnings(capture=False)


@pytest.mark.usefixtures("restored_logging")
@pytest.mark.parametrize("transcripts", [True, False])
def test_what_was_said_is_in_the_debug_log_only_where_it_may_be(transcripts: bool) -> None:
    stream = io.StringIO()
    logs.set_up("debug", transcripts=transcripts, stream=stream)

    async def story() -> None:
        said = asyncio.Event()
        async with Service() as service:
            conversation = await Conversation.start_session(
                agent_id="a", server=service.url, text_only=True, on_message=lambda _: said.set()
            )
            await service.say(SAMPLES["user_transcript"])
            async with asyncio.timeout(PATIENCE_S):
                await said.wait()
            await conversation.end_session()

    asyncio.run(story())
    assert ("< TEXT" in stream.getvalue()) is transcripts
    assert ("hello" in stream.getvalue()) is transcripts
