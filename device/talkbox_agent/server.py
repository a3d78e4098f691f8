"""The WebSocket server: who may open a session, and the carrying of its frames. The only importer of websockets."""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import secrets
import urllib.parse
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from http.client import responses

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from . import signing
from .errors import ListenError
from .outbox import Close, Frame, Outbox, Stall
from .script import Script
from .session import Abilities, Session

log = logging.getLogger(__name__)

CONVERSATION_PATH = "/v1/convai/conversation"
# The documentation writes the second, the official SDKs the first.
SIGNED_URL_PATHS = (f"{CONVERSATION_PATH}/get-signed-url", f"{CONVERSATION_PATH}/get_signed_url")
_MAX_MESSAGE_BYTES = 16 * 1024 * 1024


class AgentServer:
    """
    Serve conversations on one address.

    Args:
        script: What the agent does.
        abilities: What it is made of.
        api_key: What `get_signed_url` asks for; ``""`` = nothing.
        private: Whether a session needs a signed URL.
        now_s: Gives the time, for the life of signed URLs.
    """

    def __init__(
        self, *, script: Script, abilities: Abilities, api_key: str, private: bool, now_s: Callable[[], float]
    ) -> None:
        self._script = script
        self._abilities = abilities
        self._api_key = api_key
        self._private = private
        self._now_s = now_s
        self._secret = secrets.token_bytes(32)
        self._connections = 0

    @asynccontextmanager
    async def listening(self, *, host: str, port: int) -> AsyncIterator[str]:
        """
        Serve for as long as the context lasts, and give the URL; at its end the sessions are closed with 1001.

        Args:
            host: Address to listen on.
            port: TCP port; 0 = any that is free.

        Raises:
            ListenError: If the address cannot be used.
        """
        async with await self._listen(host, port) as server:
            yield f"ws://{_authority(host, server.sockets[0].getsockname()[1])}"

    async def _listen(self, host: str, port: int) -> Server:
        try:
            return await serve(
                self._serve_client,
                host,
                port,
                process_request=self._process_request,
                select_subprotocol=_select_subprotocol,
                compression=None,
                max_size=_MAX_MESSAGE_BYTES,
                server_header="talkbox-agent",
            )
        except (OSError, OverflowError) as error:
            raise ListenError(
                f"cannot listen on {_authority(host, port)}: {getattr(error, 'strerror', None) or error}",
                hint="stop what has the port, or choose another one: --port 0 takes any that is free",
            ) from error

    # --- before the WebSocket ------------------------------------------------------------------

    def _process_request(self, _connection: ServerConnection, request: Request) -> Response | None:
        """Answer what is no conversation, and refuse what must not be one; `None` lets the handshake go on."""
        path, query = _parse(request.path)
        if path in SIGNED_URL_PATHS:
            return self._give_signed_url(request, query.get("agent_id", ""))
        if path != CONVERSATION_PATH:
            return _json(HTTPStatus.NOT_FOUND, {"detail": f"no such path: {path}"})
        if not query.get("agent_id"):
            return _refusal(HTTPStatus.BAD_REQUEST, "missing_agent_id", "agent_id is missing")
        self._connections += 1
        refuse = self._script.refuse
        if refuse and (not refuse.first or self._connections <= refuse.first):
            log.info("script: refused with %s", refuse.status)
            return _refusal(refuse.status, "refused", refuse.body or "refused by the script")
        if self._script.agents and query["agent_id"] not in self._script.agents:
            log.info("refused: no agent %r", query["agent_id"])
            return _refusal(HTTPStatus.NOT_FOUND, "agent_not_found", "the agent you are trying to use does not exist")
        return None

    def _give_signed_url(self, request: Request, agent_id: str) -> Response:
        given = request.headers.get("xi-api-key", "")
        if self._api_key and not hmac.compare_digest(given.encode(), self._api_key.encode()):
            log.warning("signed URL refused: %s API key", "wrong" if given else "no")
            return _refusal(HTTPStatus.UNAUTHORIZED, "invalid_api_key", "Invalid API key")
        if not agent_id:
            return _refusal(HTTPStatus.UNPROCESSABLE_ENTITY, "missing_agent_id", "agent_id is missing")
        if self._script.agents and agent_id not in self._script.agents:
            return _refusal(HTTPStatus.NOT_FOUND, "agent_not_found", "the agent does not exist")
        query = urllib.parse.urlencode(
            {
                "agent_id": agent_id,
                "conversation_signature": signing.sign(agent_id, secret=self._secret, now_s=self._now_s()),
            }
        )
        log.info("signed URL given for agent %r", agent_id)
        host = request.headers.get("Host", "127.0.0.1")
        return _json(HTTPStatus.OK, {"signed_url": f"ws://{host}{CONVERSATION_PATH}?{query}"})

    # --- the session ---------------------------------------------------------------------------

    async def _serve_client(self, connection: ServerConnection) -> None:
        query = _parse(connection.request.path)[1] if connection.request else {}
        if reason := self._not_allowed(query):
            log.info("refused: %s", reason)
            await connection.close(1008, reason)
            return
        conversation_id = f"conv_{secrets.token_hex(8)}"
        outbox = Outbox()
        session = Session(
            conversation_id=conversation_id, script=self._script, abilities=self._abilities, outbox=outbox
        )
        async with asyncio.TaskGroup() as group:
            sender = group.create_task(_send(outbox, connection))
            await session.run(_frames(connection))
            sender.cancel()
        log.info("%s: ended, close code %s %r", conversation_id, connection.close_code, connection.close_reason)

    def _not_allowed(self, query: dict[str, str]) -> str:
        signature = query.get("conversation_signature")
        if signature is not None:
            return signing.flaw(signature, query.get("agent_id", ""), secret=self._secret, now_s=self._now_s())
        return "This agent requires authentication" if self._private else ""


async def _frames(connection: ServerConnection) -> AsyncIterator[str | bytes]:
    """Give the client's frames until it goes, in whatever way."""
    with suppress(ConnectionClosed):
        async for frame in connection:
            yield frame


async def _send(outbox: Outbox, connection: ServerConnection) -> None:
    """Carry the outbox to the client until one of them closes."""
    with suppress(ConnectionClosed):
        while True:
            match await outbox.get():
                case Frame(content):
                    await connection.send(content)
                case Stall(duration_s):
                    await asyncio.sleep(duration_s)
                case Close(code, reason):
                    if code is None:
                        connection.transport.abort()
                    else:
                        await connection.close(code, reason)
                    return


def _select_subprotocol(_connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Take `convai` from the clients that offer it, and do without from the others."""
    return Subprotocol("convai") if "convai" in offered else None


def _parse(target: str) -> tuple[str, dict[str, str]]:
    parts = urllib.parse.urlsplit(target)
    return parts.path, dict(urllib.parse.parse_qsl(parts.query, keep_blank_values=True))


def _authority(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _refusal(status: int, code: str, message: str) -> Response:
    return _json(status, {"detail": {"status": code, "message": message}})


def _json(status: int, content: dict[str, object]) -> Response:
    body = json.dumps(content).encode()
    headers = Headers({"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"})
    return Response(status, responses.get(status, "Unknown"), headers, body)
