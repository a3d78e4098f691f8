"""
The connections of the broker's clients: how many, how long, how much they may send. HTTP itself is aiohttp's.

| a client that | gets |
|---|---|
| has not sent its request within `client_timeout_s` | its connection closed |
| sends a line or a header longer than 2 KiB, more than 32 headers, or what is not HTTP | 400 |
| is the 129th at the same time | 503 |
| goes away | its request to the service canceled |
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http_exceptions import HttpProcessingError

from . import access
from .app import AGENT, HEALTH, PEER, REFUSED, identify, refusal
from .refusals import Code, Refused

log = logging.getLogger(__name__)

MAX_CONNECTIONS = 128
_MAX_LINE_BYTES = 2048
_MAX_HEADERS = 32
_ONE_TOO_MANY_S = 1.0
_LAST_ANSWERS_S = 3.0
"""Seconds that are left to requests under way when the broker ends."""

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(listener: socket.socket, handler: Handler, *, client_timeout_s: float) -> AsyncIterator[None]:
    """Answer on `listener` for as long as the context lasts; at its end requests under way are finished."""
    loop = asyncio.get_running_loop()
    manager = web.Server(handler, handler_cancellation=True)

    def connection() -> asyncio.BaseProtocol:
        if len(manager.connections) >= MAX_CONNECTIONS:
            return _OneTooMany()
        return _Connection(
            manager,
            loop=loop,
            access_log=log,
            access_log_class=_AccessLog,
            keepalive_timeout=client_timeout_s,  # since aiohttp 3.14.4, from the connection's first moment on
            tcp_keepalive=False,
            lingering_time=0,  # a body is not waited for: nothing that has one is answered
            max_line_size=_MAX_LINE_BYTES,
            max_field_size=_MAX_LINE_BYTES,
            max_headers=_MAX_HEADERS,
        )

    # Not `create_unix_server`: since Python 3.13 it would remove systemd's socket at the end.
    server = await loop.create_server(connection, sock=listener, backlog=MAX_CONNECTIONS)
    try:
        yield
    finally:
        server.close()
        manager.pre_shutdown()
        await manager.shutdown(_LAST_ANSWERS_S)


class _Connection(web.RequestHandler):
    """aiohttp's connection, with its errors in our form: what is no HTTP is the client's fault, and no traceback."""

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,  # noqa: ARG002  quotes what the client sent
    ) -> web.StreamResponse:
        if isinstance(exc, HttpProcessingError):
            refused = Refused(
                400, Code.BAD_REQUEST, "not an HTTP request, or too long", hint="GET /signed-url?agent_id=…"
            )
        else:
            log.error("a bug: request failed with %s", status, exc_info=exc)
            refused = Refused(500, Code.BROKEN, "the broker has a bug", hint="`journalctl -u talkbox-broker` shows it")
        identify(request)
        request[REFUSED] = str(refused)
        return refusal(refused)


class _AccessLog(AbstractAccessLogger):
    """What aiohttp calls when an answer went out."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        peer = request.get(PEER)
        self.logger.log(
            access.level(response.status, quiet=request.path == HEALTH),
            "%s",
            access.line(
                method=request.method,
                path=request.path,
                agent=request.get(AGENT, ""),
                status=response.status,
                took_s=time,
                uid=peer.uid if peer else None,
                why=request.get(REFUSED, ""),
            ),
        )


class _OneTooMany(asyncio.Protocol):
    """A connection that is told so when it asks, and closed in any case."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._outward = cast("asyncio.Transport", transport)
        self._end = asyncio.get_running_loop().call_later(_ONE_TOO_MANY_S, self._outward.close)

    def data_received(self, _data: bytes) -> None:
        # Not before it has spoken: a client that is still sending when we close sees a broken pipe, and not why.
        self._outward.write(_TOO_MANY)
        self._outward.close()

    def connection_lost(self, _error: Exception | None) -> None:
        self._end.cancel()


def _too_many() -> bytes:
    body = json.dumps({"error": "too many connections", "hint": "wait", "code": Code.TOO_MANY_REQUESTS})
    head = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nRetry-After: 1\r\nConnection: close"
    return f"HTTP/1.1 503 Service Unavailable\r\n{head}\r\n\r\n{body}".encode()


_TOO_MANY = _too_many()
