"""
The control socket: a unix socket through which commands and views reach a running device.

Carries lines and knows what none of them means: that is `control_protocol`. No client can hold the device up: queues
are bounded, and whoever does not read is let go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from .control_protocol import MAX_LINE_BYTES, BadRequest, Command, Device, encode, perform, refusal
from .socket_path import listening

logger = logging.getLogger(__name__)

MAX_CLIENTS = 64
"""Connections at a time. A script that leaks them must not take the descriptors that the sound card needs."""

STALLED_S = 30.0
"""A client that has taken nothing for so long is let go."""


@asynccontextmanager
async def control_socket(path: Path, device: Device) -> AsyncIterator[None]:
    """
    Serve `device` on `path` while the body runs. When the socket appears, requests are taken: enter when ready.

    Raises:
        ControlSocketInUse: If another process answers there, something else is in the way, or it cannot be made.
    """
    with listening(path, backlog=MAX_CLIENTS) as listener:
        async with asyncio.TaskGroup() as group:
            clients: set[asyncio.Task[None]] = set()
            full = False

            def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                nonlocal full
                was_full, full = full, len(clients) >= MAX_CLIENTS
                if full:
                    if not was_full:
                        logger.warning("control clients are refused: %d are connected", len(clients))
                    writer.write(refusal(f"too many clients, {MAX_CLIENTS} at most"))
                    writer.close()
                    return
                client = group.create_task(serve(reader, writer, device))
                clients.add(client)
                client.add_done_callback(clients.discard)

            server = await asyncio.start_unix_server(accept, sock=listener, limit=MAX_LINE_BYTES)
            try:
                yield
            finally:
                server.close()
                for client in clients:
                    client.cancel()


class Transport(Protocol):
    """What `serve` needs of an `asyncio.WriteTransport`."""

    def abort(self) -> None:
        """Close the connection, and forget what was not sent."""
        ...


class Writer(Protocol):
    """What `serve` needs of an `asyncio.StreamWriter`."""

    @property
    def transport(self) -> Transport:
        """The connection."""
        ...

    def write(self, data: bytes, /) -> None:
        """Queue `data`."""
        ...

    async def drain(self) -> None:
        """Wait until the queue is short."""
        ...

    def close(self) -> None:
        """Close the connection, once everything is sent."""
        ...


async def serve(reader: asyncio.StreamReader, writer: Writer, device: Device) -> None:
    """Answer one client's requests until it leaves, or stops reading. Canceling it closes the connection."""
    finished = False
    try:
        async with asyncio.TaskGroup() as group:
            pump: asyncio.Task[None] | None = None
            while True:
                try:
                    line = await _next_line(reader)
                except BadRequest as error:
                    await _send(writer, refusal(str(error)))
                    continue
                if not line:
                    break
                answer, command = await perform(line, device)
                await _send(writer, answer)
                if command is Command.EVENTS and pump is None:
                    pump = group.create_task(_pump(writer, device))
                # Neither reading nor writing waits while there is something to read: let the others have their turn.
                await asyncio.sleep(0)
            if pump is not None:
                pump.cancel()
        finished = True
    except* OSError as gone:  # a time-out is one
        logger.debug("= control client went away: %s", gone.exceptions[0])
    finally:
        # Whoever stopped reading would keep a polite close, and its descriptor, for ever.
        writer.close() if finished else writer.transport.abort()


async def _pump(writer: Writer, device: Device) -> None:
    with device.events.subscribe() as events:
        while True:
            await _send(writer, encode(await events.get()))


async def _send(writer: Writer, line: bytes) -> None:
    writer.write(line)
    async with asyncio.timeout(STALLED_S):
        await writer.drain()


async def _next_line(reader: asyncio.StreamReader) -> bytes:
    """
    Return the next line; ``b""`` at the end.

    Raises:
        BadRequest: If it was too long. The whole of it has been skipped.
    """
    skipped = False
    while True:
        try:
            line = await reader.readuntil()
            break
        except asyncio.IncompleteReadError as error:
            line = error.partial
            break
        except asyncio.LimitOverrunError as error:
            await reader.readexactly(error.consumed)
            skipped = True
    if skipped:
        raise BadRequest(f"a line has {MAX_LINE_BYTES} bytes at most")
    return line
