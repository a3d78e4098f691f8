"""A connection to a running device, for views: requests one after the other, and what happens as it happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from .request import ANSWER_S, Answer, decoded, encoded, translated

_MAX_LINE_BYTES = 1024 * 1024


class ControlClient:
    """
    Ask the device behind one control socket. Make it with `connect`.

    Any number of tasks may ask at once; they take turns.
    """

    def __init__(self, path: Path, *, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._path, self._reader, self._writer = path, reader, writer
        self._turn = asyncio.Lock()

    async def request(self, command: str, **fields: object) -> Answer:
        """
        Ask for one thing. A canceled request leaves the connection useless: close it.

        Raises:
            NotRunning: If the device went away, or does not answer.
            ControlError: If it refuses.
        """
        async with self._turn:
            return await _ask(self._reader, self._writer, encoded(command, **fields), self._path)

    async def status(self) -> Answer:
        """
        Return what `talkbox status --json` prints.

        Raises:
            NotRunning: If the device went away, or does not answer.
        """
        status = (await self.request("status")).get("status")
        return status if isinstance(status, dict) else {}


@asynccontextmanager
async def connect(path: Path) -> AsyncIterator[ControlClient]:
    """
    Connect to the device behind the control socket `path`.

    Raises:
        NotRunning: If nobody answers.
    """
    async with _opened(path) as (reader, writer):
        yield ControlClient(path, reader=reader, writer=writer)


@asynccontextmanager
async def subscribe(path: Path) -> AsyncIterator[AsyncIterator[Answer]]:
    """
    Hear what happens from now on, over a connection of its own. The iterator ends when the device goes away.

    Raises:
        NotRunning: If nobody answers.
    """
    async with _opened(path) as (reader, writer):
        await _ask(reader, writer, encoded("events"), path)
        yield _events(reader)


async def _events(reader: asyncio.StreamReader) -> AsyncIterator[Answer]:
    try:
        async for line in reader:
            if line.endswith(b"\n"):
                yield json.loads(line)
    except ConnectionError:
        return


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: bytes, path: Path) -> Answer:
    try:
        async with asyncio.timeout(ANSWER_S):
            writer.write(line)
            await writer.drain()
            return decoded(await reader.readline(), path)
    except OSError as error:
        raise translated(error, path) from error


@asynccontextmanager
async def _opened(path: Path) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    try:
        reader, writer = await asyncio.open_unix_connection(path, limit=_MAX_LINE_BYTES)
    except OSError as error:
        raise translated(error, path) from error
    try:
        yield reader, writer
    finally:
        writer.close()
