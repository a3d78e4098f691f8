"""A broker on a real socket, a service behind it that does as it is told, and a client that may say anything."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from talkbox_broker.app import App
from talkbox_broker.connections import answering
from talkbox_broker.credential import ApiKey
from talkbox_broker.desk import Desk
from talkbox_broker.service import Service
from talkbox_broker.settings import Settings
from talkbox_broker.sockets import bound, group_of

PATIENCE_S = 30.0
KEY = "sk_0123456789abcdef"
SETTINGS = Settings(
    agents=("agent_1",), timeout_s=PATIENCE_S, connect_timeout_s=PATIENCE_S, client_timeout_s=PATIENCE_S
)

Answer = Callable[["FakeService", asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def http(status: int, body: bytes | object, *headers: str) -> bytes:
    """Return a whole answer."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = (f"HTTP/1.1 {status} Phrase", f"Content-Length: {len(raw)}", "Connection: close", *headers, "", "")
    return "\r\n".join(head).encode() + raw


class FakeService:
    """The service's HTTP side, on loopback. Use it as a context; it answers with a signed URL until told otherwise."""

    def __init__(
        self, answer: Answer | bytes | None = None, *, tls: ssl.SSLContext | None = None, agent_id: str = "agent_1"
    ) -> None:
        self._answer, self._tls, self._agent_id = answer, tls, agent_id
        self.asked: list[str] = []
        self.busy = self.busiest = self.left = 0
        self.go = asyncio.Event()
        """For answers that wait until they may."""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        server = await asyncio.start_server(self._serve, "localhost" if self._tls else "127.0.0.1", 0, ssl=self._tls)
        self._host = f"{'localhost' if self._tls else '127.0.0.1'}:{server.sockets[0].getsockname()[1]}"
        async with server:
            try:
                yield f"{'https' if self._tls else 'http'}://{self._host}"
            finally:
                self.go.set()  # since Python 3.12 a server waits for its connections

    def signed_url(self) -> str:
        scheme = "wss" if self._tls else "ws"
        return f"{scheme}://{self._host}/v1/convai/conversation?agent_id={self._agent_id}&conversation_signature=hush"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            if callable(self._answer):
                await self._answer(self, reader, writer)
            else:
                writer.write(self._answer or http(200, {"signed_url": self.signed_url()}))
            await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            self.left += 1
        finally:
            self.busy -= 1
            writer.close()


@asynccontextmanager
async def broker(folder: Path, server: str, **changed: Any) -> AsyncIterator[Path]:
    """Run a broker in front of `server`, and give its socket."""
    settings = replace(SETTINGS, server=server, **changed)
    path = folder / "http.sock"
    with bound(path) as listener:
        async with Service(settings, ApiKey(KEY), version="1") as service:
            desk = Desk(settings, service, on_outcome=lambda _outcome: None)
            app = App(desk, own_uid=os.geteuid(), socket_gid=group_of(listener))
            async with answering(listener, app, client_timeout_s=settings.client_timeout_s):
                yield path


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back: all of it, until the broker closed."""

    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1])

    @property
    def headers(self) -> dict[str, str]:
        head = self.raw.partition(b"\r\n\r\n")[0].decode("ascii")
        return dict(line.split(": ", 1) for line in head.split("\r\n")[1:])

    @property
    def body(self) -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(self.raw.partition(b"\r\n\r\n")[2])
        return answer


def request(target: str, *headers: str, method: str = "GET") -> bytes:
    """Return a whole request."""
    return "\r\n".join((f"{method} {target} HTTP/1.1", "Host: broker", *headers, "", "")).encode("latin-1")


async def say(path: Path, raw: bytes) -> Reply:
    """Send `raw`, and read until the broker closes."""
    async with asyncio.timeout(PATIENCE_S):
        reader, writer = await connected(path)
        try:
            writer.write(raw)
            reply = await reader.read()
        finally:
            await closed(writer)
    return Reply(raw=reply)


async def connected(path: Path) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Connect, however many others do: asyncio by itself takes a full backlog for a connection."""
    client = socket.socket(socket.AF_UNIX)
    try:
        await asyncio.to_thread(client.connect, os.fspath(path))
        return await asyncio.open_unix_connection(sock=client)
    except BaseException:
        client.close()
        raise


async def closed(writer: asyncio.StreamWriter) -> None:
    """Close, whatever the other end did."""
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def until(done: Callable[[], bool | Awaitable[bool]], what: str) -> None:
    """Look again and again until it is so."""
    loop = asyncio.get_running_loop()
    give_up_s = loop.time() + PATIENCE_S
    while loop.time() < give_up_s:
        found = done()
        if found if isinstance(found, bool) else await found:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"waited {PATIENCE_S:.0f} s in vain for {what}")


async def ask(path: Path, agent_id: str = "agent_1") -> Reply:
    """Ask for a signed URL, as a device does."""
    return await say(path, request(f"/signed-url?agent_id={agent_id}"))


def self_signed(folder: Path) -> ssl.SSLContext:
    """Make a certificate for localhost, `certificate.pem`, and what a server needs of it."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "certificate.pem",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context
