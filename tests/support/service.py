"""A scriptable stand-in for the service, on a real WebSocket on loopback. The test says what it does, step by step."""

from __future__ import annotations

import asyncio
import contextlib
import http
import json
import ssl
from types import TracebackType
from typing import Any, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response

from tests.support.messages import METADATA

PATIENCE_S = 30.0  # a busy machine holds a thread up for seconds


class Service:
    """
    One conversation's other end.

    Args:
        refuse: HTTP status and body to refuse the connection with.
        delay_s: How long it takes to accept the connection.
        greets: Whether it sends its metadata.
        closes: Close code and reason, sent in place of the metadata.
        tls: Speak TLS.

    Attributes:
        requests: What was asked for, headers and path.
        received: Every message of the client.
    """

    def __init__(
        self,
        *,
        refuse: tuple[int, str] | None = None,
        delay_s: float = 0,
        greets: bool = True,
        closes: tuple[int, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.requests: list[Request] = []
        self.received: list[dict[str, Any]] = []
        self.close_code: int | None = None
        self._refuse, self._delay_s, self._greets, self._closes, self._tls = refuse, delay_s, greets, closes, tls
        self._changed = asyncio.Condition()
        self._leaving = asyncio.Event()
        self._server: Server | None = None
        self._connection: ServerConnection | None = None

    @property
    def url(self) -> str:
        assert self._server is not None
        return f"{'wss' if self._tls else 'ws'}://localhost:{self._server.sockets[0].getsockname()[1]}"

    @property
    def path(self) -> str:
        return self.requests[-1].path

    async def say(self, message: object) -> None:
        """Send a message; bytes that are a text frame go out as they are."""
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        await self._line().send(text, text=True)

    async def say_binary(self, payload: bytes) -> None:
        await self._line().send(payload, text=False)

    async def close(self, code: int, reason: str = "") -> None:
        await self._line().close(code, reason)

    def drop(self) -> None:
        """Break the connection, without a word."""
        self._line().transport.abort()

    async def wait_for(self, kind: str, *, count: int = 1) -> list[dict[str, Any]]:
        """Wait until `count` messages of type `kind` have come (``"user_audio_chunk"`` for audio), and return them."""

        def found() -> list[dict[str, Any]]:
            return [message for message in self.received if message.get("type", "user_audio_chunk") == kind]

        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(lambda: len(found()) >= count)
        return found()

    async def wait_until_left(self) -> int | None:
        """Wait until the client is gone, and return its close code."""
        async with asyncio.timeout(PATIENCE_S):
            await self._line().wait_closed()
        return self._line().close_code

    async def __aenter__(self) -> Self:
        self._server = await serve(
            self._converse,
            "127.0.0.1",
            0,
            process_request=self._process_request,
            select_subprotocol=lambda _, offered: offered[0] if offered else None,
            ssl=self._tls,
            max_size=None,
            close_timeout=1,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._leaving.set()
        self._server.close()
        await self._server.wait_closed()

    def _line(self) -> ServerConnection:
        assert self._connection is not None
        return self._connection

    async def _process_request(self, connection: ServerConnection, request: Request) -> Response | None:
        self.requests.append(request)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._delay_s):
                await self._leaving.wait()
        if self._refuse is None:
            return None
        status, body = self._refuse
        return connection.respond(http.HTTPStatus(status), body)

    async def _converse(self, connection: ServerConnection) -> None:
        self._connection = connection
        try:
            if self._closes is not None:
                await connection.close(*self._closes)
            elif self._greets:
                await self.say(METADATA)
            async for text in connection:
                async with self._changed:
                    self.received.append(json.loads(text))
                    self._changed.notify_all()
        except ConnectionClosed:
            return
