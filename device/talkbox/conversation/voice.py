"""The agent's voice in this room: what it is given to say, when it has said it, and what that makes of the mode."""

from __future__ import annotations

import asyncio

from .announcer import Announcer
from .ports import Audio
from .values import Mode


class Voice:
    """
    The loudspeaker as the session sees it. Without one, in a text-only session, the mode never changes.

    Args:
        audio: Where to play, or `None`.
        tell: Where the mode is announced: `speaking` from the first sound, `listening` when all of it was heard.
    """

    def __init__(self, audio: Audio | None, *, tell: Announcer) -> None:
        self._audio = audio
        self._tell = tell
        self._given = 0  # payloads so far
        self._more = asyncio.Event()

    def play(self, payload: bytes) -> None:
        """Say `payload` after what was given before."""
        if self._audio is not None and payload:
            self._audio.play(payload)
            self._given += 1
            self._more.set()
            self._tell.set_mode(Mode.SPEAKING)

    def stop(self) -> None:
        """Be silent now."""
        if self._audio is not None:
            self._audio.interrupt()
        self._tell.set_mode(Mode.LISTENING)

    async def watch(self) -> None:
        """Announce the end of each turn, until canceled."""
        while True:
            await self._more.wait()
            self._more.clear()
            await self.play_out()

    async def play_out(self) -> None:
        """Wait until all has been heard, what comes meanwhile included."""
        heard = -1
        while self._audio is not None and heard != self._given:
            heard = self._given
            await self._audio.drained()
        self._tell.set_mode(Mode.LISTENING)
