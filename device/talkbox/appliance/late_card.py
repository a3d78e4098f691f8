"""
A sound card that comes after the device is ready: its driver may bind seconds after we start, or its plug is pulled.

The button must work at once, so nobody waits for the card but who needs it.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from threading import Lock
from typing import Any

from talkbox.audio.ports import CaptureDevice, PlaybackDevice

from .sound import Devices

log = logging.getLogger(__name__)

OffLoop = Callable[[Callable[[float], bool], float], Coroutine[Any, Any, bool]]

PATIENCE_S = 10.0
"""How long a card is waited for that is not there when the device is ready. Later it is looked for at every press."""


class LateDevices:
    """
    The microphone and the loudspeaker of a card that may not be there yet: `Devices`, otherwise.

    `open_capture` and `open_playback` belong to the audio threads; they wait for a `find` that is under way.

    Args:
        known: What is opened for as long as nothing better was found; its errors say what is missing.
        look: Looks for the card, for so many seconds, and prepares it; `None`: it is not there.
    """

    def __init__(self, known: Devices, look: Callable[[float], Devices | None]) -> None:
        self._known, self._look = known, look
        self._found = self._missed = False
        self._lock = Lock()

    @property
    def described(self) -> str:
        """Both in words."""
        return self._known.described if self._found else f"{self._known.described}, which is not there yet"

    @property
    def cards(self) -> bool:
        """Whether both are cards, there or not."""
        return self._known.cards

    def find(self, patience_s: float) -> bool:
        """Look for the card, for up to `patience_s` seconds, unless it was found before; return whether it was."""
        with self._lock:
            if self._found:
                return True
            devices = self._look(patience_s)
            if devices is None:
                self._missed = True
                return False
            self._known, self._found = devices, True
            if self._missed:
                log.info("the sound card is there: %s", devices.described, extra={"event": "card_found"})
            return True

    def open_capture(self) -> CaptureDevice:
        """Open the microphone."""
        self.find(0.0)
        return self._known.open_capture()

    def open_playback(self) -> PlaybackDevice:
        """Open the loudspeaker."""
        self.find(0.0)
        return self._known.open_playback()


@asynccontextmanager
async def looked_for(devices: Devices | LateDevices, *, off_loop: OffLoop = asyncio.to_thread) -> AsyncIterator[None]:
    """
    Look for a card that is not there at once, while the body runs.

    Args:
        devices: What is to be found; other devices than those of a card are there.
        off_loop: Calls a function where it holds nobody up, and is left behind there when it is canceled.
    """
    if not isinstance(devices, LateDevices) or devices.find(0.0):
        yield
        return

    async with asyncio.TaskGroup() as group:
        looking = group.create_task(off_loop(devices.find, PATIENCE_S))
        try:
            yield
        finally:
            looking.cancel()
