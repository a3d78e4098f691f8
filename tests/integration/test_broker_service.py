"""What the broker makes of the service behind it: each of its answers, and each of its ways not to answer."""

import asyncio
import gzip
import logging
import re
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.broker import KEY, Answer, FakeService, Reply, ask, broker, http, self_signed

pytestmark = pytest.mark.integration


def asked(folder: Path, answer: Answer | bytes | None = None, **changed: Any) -> tuple[Reply, FakeService]:
    """Ask once, and look at both sides."""

    async def story() -> tuple[Reply, FakeService]:
        service = FakeService(answer)
        async with service.listening() as server, broker(folder, server, **changed) as path:
            return await ask(path), service

    return asyncio.run(story())


def test_a_signed_url_is_passed_on_and_not_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        reply, service = asked(tmp_path)
    assert reply.status == 200
    assert reply.body == {"signed_url": service.signed_url()}
    assert reply.headers["Cache-Control"] == "no-store"
    assert "hush" not in caplog.text
    assert KEY not in caplog.text
    assert "GET /signed-url agent_1 200" in caplog.text


def test_the_key_goes_into_one_header_and_nowhere_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password hush")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    (request,) = asked(tmp_path)[1].asked
    first, *headers = request.split("\r\n")
    assert first == "GET /v1/convai/conversation/get-signed-url?agent_id=agent_1 HTTP/1.1"
    assert [header for header in headers if KEY in header] == [f"xi-api-key: {KEY}"]
    assert "Authorization" not in request
    assert "Cookie" not in request


@pytest.mark.parametrize(
    ("answer", "status", "code", "said"),
    [
        (http(401, {"detail": {"message": f"Invalid API key {KEY}"}}), 502, "key_refused", "'Invalid API key ***'"),
        (http(404, {"detail": "gone"}), 404, "no_such_agent", "no such agent at 127.0.0.1: 'gone'"),
        (http(500, b"<html>"), 502, "service_failed", "127.0.0.1 fails (500)"),
        (http(200, b""), 502, "service_failed", "is not a signed URL: it is not an address"),
        (http(200, b"wss://127.0.0.1/"), 502, "service_failed", "is not a signed URL"),
        (http(200, {"signed_url": "wss://evil.example/"}), 502, "service_failed", "is not a signed URL"),
        (http(200, {"signed_url": "x\r\nSet-Cookie: y"}), 502, "service_failed", "is not an address"),
        (http(200, ["signed_url"]), 502, "service_failed", "is not an address"),
        (http(200, b"[" * 50_000), 502, "service_failed", "is not an address"),
        (http(200, b"x" * 10_000_000), 502, "service_failed", "is not an address"),
        (
            http(200, gzip.compress(b" " * 100_000_000), "Content-Encoding: gzip"),
            502,
            "service_failed",
            "not an address",
        ),
        (b"SSH-2.0-OpenSSH_9\r\n\r\n", 502, "unreachable", "no connection to 127.0.0.1: it does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 50_000 + b"\r\n\r\n", 502, "unreachable", "it does not speak HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", 502, "unreachable", "ECONNRESET"),
        (b" ", 502, "unreachable", "no connection to 127.0.0.1"),
    ],
    ids=range(15),
)
def test_each_answer_of_the_service_is_said_in_words(
    tmp_path: Path, answer: bytes, status: int, code: str, said: str
) -> None:
    reply, _ = asked(tmp_path, answer)
    assert (reply.status, reply.body["code"]) == (status, code)
    assert said in reply.body["error"]
    assert reply.body["hint"]
    assert KEY not in reply.raw.decode()


def test_a_refusal_is_one_line_in_the_log_without_the_key(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    asked(tmp_path, http(401, {"detail": {"message": f"Invalid API key {KEY}"}}))
    (record,) = caplog.records
    assert re.fullmatch(
        r"GET /signed-url agent_1 502 \d+ ms uid \d+: key refused by 127\.0\.0\.1: 'Invalid API key \*\*\*'",
        record.getMessage(),
    )


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("Retry-After: 17", "17"),
        ("Retry-After: 17x\tX-Evil: 1", "30"),
        ("X-Other: 1", "30"),
        ("Retry-After: 99999", "3600"),
    ],
)
def test_a_retry_after_is_passed_on_cleaned(tmp_path: Path, header: str, seconds: str) -> None:
    reply, _ = asked(tmp_path, http(429, {"detail": "slow down"}, header))
    assert (reply.status, reply.body["code"]) == (429, "too_many_requests")
    assert reply.headers["Retry-After"] == seconds
    assert "X-Evil" not in reply.headers


def test_a_redirect_is_not_followed_with_the_key(tmp_path: Path) -> None:
    async def story() -> None:
        elsewhere = FakeService()
        async with elsewhere.listening() as other:
            service = FakeService(http(307, b"", f"Location: {other}/v1/convai/conversation/get-signed-url?agent_id=x"))
            async with service.listening() as server, broker(tmp_path, server) as path:
                reply = await ask(path)
        assert (reply.status, reply.body["code"]) == (502, "service_failed")
        assert "answers with a redirect (307)" in reply.body["error"]
        assert elsewhere.asked == []

    asyncio.run(story())


async def say_nothing(service: FakeService, _reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await service.go.wait()


async def stop_in_the_middle(service: FakeService, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(http(200, {"signed_url": service.signed_url()})[:-5])
    await service.go.wait()


async def dribble(service: FakeService, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while not service.go.is_set():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("answer", [say_nothing, stop_in_the_middle, dribble])
def test_a_service_that_stalls_is_given_up(tmp_path: Path, answer: Answer) -> None:
    reply, _ = asked(tmp_path, answer, timeout_s=0.5)
    assert (reply.status, reply.body["code"]) == (504, "timeout")
    assert reply.body["error"] == "no signed URL within 0.5 s from 127.0.0.1"


def test_where_nobody_listens_it_says_so(tmp_path: Path) -> None:
    async def story() -> Reply:
        async with broker(tmp_path, "http://127.0.0.1:9") as path:
            return await ask(path)

    reply = asyncio.run(story())
    assert (reply.status, reply.body["code"]) == (502, "unreachable")
    assert reply.body["error"] == "no connection to 127.0.0.1: ECONNREFUSED"
    assert "nothing listens" in reply.body["hint"]


def test_a_connection_that_takes_too_long_is_given_up(tmp_path: Path) -> None:
    async def story() -> Reply:
        # A full backlog: the kernel neither takes nor refuses the next connection.
        with socket_that_takes_nobody() as address:
            async with broker(tmp_path, f"http://{address}", connect_timeout_s=0.5) as path:
                return await ask(path)

    reply = asyncio.run(story())
    assert (reply.status, reply.body["code"]) == (504, "timeout")
    assert "within 0.5 s" in reply.body["error"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make a certificate with")
def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path) -> None:
    async def story() -> None:
        service = FakeService(tls=self_signed(tmp_path))
        async with service.listening() as server, broker(tmp_path, server) as path:
            reply = await ask(path)
        assert (reply.status, reply.body["code"]) == (502, "unreachable")
        assert reply.body["error"].startswith("no connection to localhost: its certificate is refused: self")
        assert "self-signed" in reply.body["hint"]
        assert service.asked == []

    asyncio.run(story())


def test_a_server_without_tls_gets_no_key(tmp_path: Path) -> None:
    heard = b""

    async def answer_in_clear(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        heard += await reader.read(10_000)
        writer.write(http(200, b""))
        writer.close()

    async def story() -> None:
        async with await asyncio.start_server(answer_in_clear, "127.0.0.1", 0) as server:
            address = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with broker(tmp_path, address) as path:
                reply = await ask(path)
        assert (reply.status, reply.body["code"]) == (502, "unreachable")
        assert reply.body["error"].startswith("no connection to 127.0.0.1: no TLS")
        assert heard
        assert KEY.encode() not in heard

    asyncio.run(story())


def test_a_proxy_of_the_environment_is_asked_for_a_tunnel_and_sees_no_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def story() -> None:
        proxy = FakeService(http(407, b""))
        async with proxy.listening() as address:
            monkeypatch.setenv("https_proxy", address.removeprefix("http://"))
            monkeypatch.delenv("no_proxy", raising=False)
            async with broker(tmp_path, "https://api.elevenlabs.io") as path:
                reply = await ask(path)
        assert (reply.status, reply.body["code"]) == (502, "unreachable")
        assert reply.body["error"] == "no connection to the proxy: it refuses (407)"
        assert proxy.asked[0].startswith("CONNECT api.elevenlabs.io:443 HTTP/1.1\r\n")
        assert KEY not in proxy.asked[0]

    asyncio.run(story())


@contextmanager
def socket_that_takes_nobody() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listening, ExitStack() as stack:
        address = listening.getsockname()
        for _ in range(3):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(address)
        yield f"127.0.0.1:{address[1]}"
