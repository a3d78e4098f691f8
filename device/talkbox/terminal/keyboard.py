"""The keys of this terminal, one by one, and the terminal given back as it was."""

from __future__ import annotations

import asyncio
import os
import termios
import tty
from collections.abc import Iterator
from contextlib import contextmanager

from .keys import ASK_FOR_RELEASES, QUERY, STOP_TELLING_RELEASES, Answer, KeyParser, Stroke

_ANSWER_S = 2.0  # a terminal that is silent for longer has its releases guessed
_READ_BYTES = 1024


class Keyboard:
    """
    A terminal in which a key is heard when it is pressed, not after a line.

    Attributes:
        tells_releases: Whether it tells when a key is let go; known after `ask`.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._parser = KeyParser()
        self._heard: asyncio.Queue[Stroke | Answer | None] = asyncio.Queue()
        self.tells_releases = False

    async def ask(self) -> None:
        """Find out whether releases can be told, and have them told if so."""
        os.write(self._descriptor, QUERY)
        try:
            async with asyncio.timeout(_ANSWER_S):
                while isinstance(heard := await self._heard.get(), Stroke):
                    continue  # typed before anything was there to type to
        except TimeoutError:
            return
        if heard is None:
            self._heard.put_nowait(None)
        elif heard.tells_releases:
            self.tells_releases = True
            os.write(self._descriptor, ASK_FOR_RELEASES)

    async def next(self) -> Stroke | None:
        """Wait for the next stroke; `None`: the terminal was closed. Canceling it loses nothing."""
        while isinstance(heard := await self._heard.get(), Answer):
            continue  # one that came too late
        return heard

    def take(self) -> None:
        """Read what was typed. Called by the event loop."""
        try:
            received = os.read(self._descriptor, _READ_BYTES)
        except OSError:  # the terminal's window was closed
            received = b""
        if not received:
            asyncio.get_running_loop().remove_reader(self._descriptor)
            self._heard.put_nowait(None)
        for heard in self._parser.feed(received):
            self._heard.put_nowait(heard)


@contextmanager
def keyboard(descriptor: int) -> Iterator[Keyboard]:
    """Hear the keys of the terminal `descriptor` while the body runs, on the running event loop."""
    before = termios.tcgetattr(descriptor)
    keys = Keyboard(descriptor)
    loop = asyncio.get_running_loop()
    try:
        tty.setcbreak(descriptor)  # Ctrl-C stays a signal
        loop.add_reader(descriptor, keys.take)
        yield keys
    finally:
        loop.remove_reader(descriptor)
        if keys.tells_releases:
            os.write(descriptor, STOP_TELLING_RELEASES)
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)
