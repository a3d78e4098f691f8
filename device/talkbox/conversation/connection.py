"""
The WebSocket: opened, read, written, closed. The only module that knows `websockets`, and the border of its errors.

Compression is off (speech does not compress, and a Pi has better things to do); TLS is verified; messages of up to
16 MiB are taken, because many seconds of speech may come in one.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidProxy,
    InvalidStatus,
    InvalidURI,
    ProxyError,
    WebSocketException,
)
from websockets.typing import Subprotocol

from talkbox.errors import MissingFeature, SessionRefused, SessionTimeout, SessionUnreachable

from .failures import refusal_reason, unreachable
from .ports import Closed
from .urls import host_of, is_loopback, masked, one_line

MAX_MESSAGE_BYTES = 16 * 2**20
KEEP_ALIVE_S = 20.0
SEND_TIMEOUT_S = 20.0
CLOSE_TIMEOUT_S = 2.0

_NO_CODE = (1005, 1006)  # "none was sent", in websockets' words: they never travel


class _Masker(logging.Filter):
    """Keep signatures and keys out of websockets' debug log, which prints the request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), ()
        return True


# Below "websockets", as everybody expects it, so that who silences the one (it prints what was said) silences both.
_wire_log = logging.getLogger("websockets.talkbox")
_wire_log.addFilter(_Masker())


class WebSocketLink:
    """`ports.Link` over a WebSocket."""

    def __init__(self, websocket: ClientConnection) -> None:
        self._websocket, self._loop = websocket, asyncio.get_running_loop()
        self._sending: deque[float] = deque()  # when each began that is not through, the oldest first
        self._watching = False
        self._broken_by = "the connection broke"

    async def receive(self) -> bytes | Closed:
        """Return the next frame, text and binary alike as bytes; `Closed` for ever after the last."""
        try:
            # Undecoded: websockets would end the session over a frame that is not UTF-8.
            return await self._websocket.recv(decode=False)
        except ConnectionClosed as closed:
            close = closed.rcvd or closed.sent
            if close is None:
                return Closed(code=None, reason=self._broken_by)
            # What we sent ourselves says why (no answer to our pings), but is no code of the peer's.
            code = close.code if closed.rcvd and close.code not in _NO_CODE else None
            return Closed(code=code, reason=one_line(close.reason))

    async def send(self, frame: bytes) -> None:
        """
        Send one text frame, in UTF-8, waiting while the line is full. Does nothing once closed.

        A line that stays full for `SEND_TIMEOUT_S` is cut: the keep-alive cannot notice it, its ping waits as well.
        """
        began_s = self._loop.time()
        self._sending.append(began_s)
        if not self._watching:
            self._watch()
        try:
            await self._websocket.send(frame, text=True)
        except ConnectionClosed:
            return  # `receive` tells, with code and reason
        finally:
            self._sending.remove(began_s)

    async def close(self) -> None:
        """Close with 1000; a peer that does not answer, or does not even read, is left after `CLOSE_TIMEOUT_S`."""
        try:
            # The limit of websockets itself begins when its goodbye has been sent, which a full line puts off for ever.
            async with asyncio.timeout(CLOSE_TIMEOUT_S + 0.5):
                await self._websocket.close()
        except TimeoutError:
            self._websocket.transport.abort()
            await self._websocket.wait_closed()

    def _watch(self) -> None:
        """Cut a line that is full for too long, or come back when it may be: one timer for all frames in that time."""
        self._watching = bool(self._sending)
        if not self._watching:
            return
        due_s = self._sending[0] + SEND_TIMEOUT_S
        if self._loop.time() < due_s:
            self._loop.call_at(due_s, self._watch)
        else:
            self._broken_by = f"nothing could be sent for {SEND_TIMEOUT_S:g} s"
            self._websocket.transport.abort()


async def open_link(url: str, *, timeout_s: float) -> WebSocketLink:
    """
    Open a WebSocket to `url`, which is never shown or logged with its secrets.

    Proxies from the environment are honored, but never for loopback.

    Raises:
        SessionRefused: With the HTTP status of the answer.
        SessionTimeout: If it is not open after `timeout_s`.
        SessionUnreachable: If there is no way there, or no WebSocket at its end.
        MissingFeature: If the environment asks for a SOCKS proxy.
    """
    host = host_of(url)
    try:
        async with asyncio.timeout(timeout_s):
            websocket = await connect(
                url,
                subprotocols=[Subprotocol("convai")],
                compression=None,
                max_size=MAX_MESSAGE_BYTES,
                ping_interval=KEEP_ALIVE_S,
                ping_timeout=KEEP_ALIVE_S,
                open_timeout=None,
                close_timeout=CLOSE_TIMEOUT_S,
                proxy=None if is_loopback(host) else True,
                logger=_wire_log,
            )
    except TimeoutError as error:
        raise SessionTimeout(f"{host} did not open the connection within {timeout_s:g} s") from error
    except OSError as error:
        raise unreachable(error, host=host) from error
    except ImportError as error:
        raise MissingFeature(
            "the environment asks for a SOCKS proxy, which needs python-socks",
            hint="pip install python-socks, or unset all_proxy",
        ) from error
    except WebSocketException as error:
        raise _translated(error, host=host) from error
    except ValueError as error:
        # An address that cannot be used: of the host, of the proxy, or of where the host redirects to.
        raise SessionUnreachable(
            f"no connection to {host}: {one_line(str(error))}", hint="check agent.server, and https_proxy"
        ) from error
    return WebSocketLink(websocket)


def _translated(error: WebSocketException, *, host: str) -> SessionRefused | SessionUnreachable:
    match error:
        case InvalidStatus():
            response = error.response
            reason = refusal_reason(bytes(response.body or b""), phrase=response.reason_phrase)
            return SessionRefused(status=response.status_code, reason=reason)
        case InvalidProxy() | ProxyError():
            return SessionUnreachable(
                f"the proxy to {host} refuses: {one_line(str(error))}", hint="check https_proxy in the environment"
            )
        case InvalidHandshake() | InvalidURI():
            return SessionUnreachable(
                f"{host} does not speak WebSocket: {one_line(str(error))}", hint="check agent.server"
            )
        case _:
            return SessionUnreachable(f"no session with {host}: {one_line(str(error))}")
