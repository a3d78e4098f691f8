"""Signed URLs (`signed_url`) from real endpoints: HTTP on loopback, and a unix socket."""

import asyncio
import json
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from talkbox.conversation.signed_url import check_source, fetch_signed_url
from talkbox.errors import (
    ConfigError,
    SessionError,
    SessionRefused,
    SessionTimeout,
    SessionUnreachable,
    TalkboxError,
)

pytestmark = pytest.mark.integration

SIGNED = "wss://api.elevenlabs.io/v1/convai/conversation?agent_id=a&conversation_signature=hush"

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def answering(status: int, body: str, *, asked: list[str], headers: str = "") -> Handler:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
        payload = body.encode()
        head = f"HTTP/1.1 {status} Phrase\r\nContent-Length: {len(payload)}\r\nConnection: close\r\n{headers}\r\n"
        writer.write(head.encode() + payload)
        await writer.drain()
        writer.close()

    return answer


@asynccontextmanager
async def endpoint(handler: Handler, *, unix: Path | None = None) -> AsyncIterator[str]:
    if unix is not None:
        server = await asyncio.start_unix_server(handler, unix)
        source = f"unix:{unix}"
    else:
        server = await asyncio.start_server(handler, "127.0.0.1", 0)
        source = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/my/signed-url?fleet=1"
    async with server:
        yield source


def fetched(status: int, body: str, *, unix: Path | None = None, headers: str = "") -> tuple[str, str]:
    """Fetch once; return the URL and the request."""
    asked: list[str] = []

    async def story() -> str:
        async with endpoint(answering(status, body, asked=asked, headers=headers), unix=unix) as source:
            return await fetch_signed_url(source, agent_id="a/b", headers={"X-Token": "hush-token"})

    return asyncio.run(story()), asked[0]


@pytest.mark.parametrize(
    "body", [json.dumps({"signed_url": SIGNED}), SIGNED, f"{SIGNED}\n", json.dumps(SIGNED)], ids=range(4)
)
def test_a_signed_url_comes_as_json_or_as_plain_text(body: str) -> None:
    url, request = fetched(200, body)
    assert url == SIGNED
    assert request.startswith("GET /my/signed-url?fleet=1&agent_id=a%2Fb HTTP/1.1\r\n")
    assert "X-Token: hush-token\r\n" in request


def test_the_broker_is_asked_on_its_socket(tmp_path: Path) -> None:
    url, request = fetched(200, json.dumps({"signed_url": SIGNED}), unix=tmp_path / "broker.sock")
    assert url == SIGNED
    assert request.startswith("GET /signed-url?agent_id=a%2Fb HTTP/1.1\r\n")


def test_proxies_and_netrc_are_not_for_loopback(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password hush")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    _, request = fetched(200, SIGNED)
    assert "Authorization" not in request


@pytest.mark.parametrize(
    ("status", "body", "hint"),
    [
        (401, '{"detail": "who are you"}', "token"),
        (403, "no", "may use the agent"),
        (404, "", "agent.agent_id"),
        (429, "slow down", "quota"),
        (500, "", "log"),
        (302, "", "log"),
    ],
)
def test_a_refusal_has_its_status_and_its_remedy(status: int, body: str, hint: str) -> None:
    with pytest.raises(SessionRefused) as caught:
        fetched(status, body, headers="Location: http://example.invalid/\r\n")
    assert caught.value.status == status
    assert hint in caught.value.hint
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "unknown_agent", SessionRefused),
        (502, "key_refused", SessionRefused),
        (502, "unreachable", SessionUnreachable),
        (504, "timeout", SessionTimeout),
    ],
)
def test_what_the_broker_says_is_said_with_its_hint(status: int, code: str, kind: type[TalkboxError]) -> None:
    body = {"error": "what happened", "hint": "what to do", "code": code}
    with pytest.raises(kind, match=r"127\.0\.0\.1: what happened") as caught:
        fetched(status, json.dumps(body))
    assert caught.value.hint == "what to do"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "[]",
        '{"url": "x"}',
        '{"signed_url": 5}',
        "https://api.elevenlabs.io/?conversation_signature=hush",
        "ws://api.elevenlabs.io/?conversation_signature=hush",
        "wss://",
        "x" * 200_000,
        "[" * 20_000,
    ],
    ids=range(10),
)
def test_what_is_no_signed_url_is_refused_and_not_shown(body: str) -> None:
    with pytest.raises(SessionError, match="is not a signed URL") as caught:
        fetched(200, body)
    assert "hush" not in str(caught.value)
    assert len(str(caught.value)) < 300


def failing(source: str, **options: str) -> TalkboxError:
    with pytest.raises(TalkboxError) as caught:
        asyncio.run(fetch_signed_url(source, agent_id="a", timeout_s=0.5, headers=options))
    return caught.value


def test_where_nobody_listens_it_says_so(tmp_path: Path) -> None:
    error = failing("http://127.0.0.1:9/")
    assert isinstance(error, SessionUnreachable)
    assert "nothing listens" in error.hint
    error = failing(f"unix:{tmp_path}/none.sock")
    assert isinstance(error, SessionUnreachable)
    assert "no such socket" in error.hint
    assert f"{tmp_path}/none.sock" in str(error)


def test_an_endpoint_that_says_nothing_is_a_time_out_and_one_that_hangs_up_is_not() -> None:
    release = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nwss://")
        writer.close()

    async def story(handler: Handler) -> None:
        async with endpoint(handler) as source:
            try:
                await fetch_signed_url(source, agent_id="a", timeout_s=0.5)
            finally:
                release.set()

    with pytest.raises(SessionTimeout, match=r"no signed URL within 0\.5 s"):
        asyncio.run(story(say_nothing))
    with pytest.raises(SessionUnreachable, match=r"127\.0\.0\.1"):
        asyncio.run(story(hang_up))


def test_an_endpoint_that_dribbles_for_ever_keeps_nobody_waiting() -> None:
    stop = threading.Event()

    def dribble() -> None:
        line, _ = listening.accept()
        with line:
            line.recv(4096)
            line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while not stop.wait(0.1):
                line.sendall(b"w")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        dribbler = threading.Thread(target=dribble)
        dribbler.start()
        try:
            with pytest.raises(SessionTimeout, match=r"no signed URL within 0\.5 s"):
                asyncio.run(
                    fetch_signed_url(f"http://127.0.0.1:{listening.getsockname()[1]}/", agent_id="a", timeout_s=0.5)
                )
            # `asyncio.run` is back, though the thread is not.
            (thread,) = [one for one in threading.enumerate() if one.name == "talkbox signed url"]
            assert thread.daemon
        finally:
            stop.set()
            dribbler.join()
    thread.join(timeout=30)
    assert not thread.is_alive()


@pytest.mark.parametrize("host", ["a..b", "a" * 70 + ".test"])
def test_a_host_that_no_name_can_be_is_a_mistake_in_the_configuration(host: str) -> None:
    error = failing(f"https://{host}/signed-url?token=hush")
    assert isinstance(error, ConfigError)
    assert "hush" not in str(error)


@pytest.mark.parametrize("header", ["new\nline", "ünïcödé \N{SNOWMAN}"])
def test_a_header_that_cannot_be_sent_is_a_mistake_in_the_configuration_and_not_shown(header: str) -> None:
    error = failing("http://127.0.0.1:9/", token=header)
    assert isinstance(error, ConfigError)
    assert header not in str(error)


@pytest.mark.parametrize(
    "source",
    [
        "",
        "http://example.com/signed-url",
        "ftp://localhost",
        "https://",
        "unix:relative.sock",
        "unix://host/path",
        "https://host:port",
        "https://[",
        "/run/broker.sock",
    ],
)
def test_an_endpoint_that_a_secret_must_not_come_from_is_refused(source: str) -> None:
    with pytest.raises(ConfigError, match="signed_url_from"):
        check_source(source)


@pytest.mark.parametrize(
    "source", ["unix:/run/broker.sock", "https://example.com/x?y=1", "http://localhost:1", "http://[::1]:1/"]
)
def test_the_others_are_taken(source: str) -> None:
    check_source(source)
