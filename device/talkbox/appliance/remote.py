"""The finger of whoever operates the device through its control socket: the same panel, by another way."""

from __future__ import annotations

import asyncio

from talkbox.controls.panel import Panel

from .event_stream import EventStream
from .orchestrator import Appliance

TAP_S = 0.05


class Remote:
    """
    What the control socket serves. Everything is on the event loop.

    Args:
        appliance: Answers for the device.
        panel: Is pressed and turned.
        bounce_s, hold_s: The panel's; a tap lasts longer than the one and shorter than the other.
    """

    def __init__(self, *, appliance: Appliance, panel: Panel, bounce_s: float, hold_s: float) -> None:
        self._appliance, self._panel = appliance, panel
        self._loop = asyncio.get_running_loop()
        self._tap_s = bounce_s + min(TAP_S, (hold_s - bounce_s) / 2)

    @property
    def events(self) -> EventStream:
        """What happens, as it happens."""
        return self._appliance.events

    def press(self) -> None:
        """Push the button down."""
        self._panel.button(True, self._loop.time())

    def release(self) -> None:
        """Let the button go."""
        self._panel.button(False, self._loop.time())

    async def tap(self) -> None:
        """Push the button down and let it go."""
        self.press()
        try:
            await asyncio.sleep(self._tap_s)
        finally:
            self.release()

    def turn(self, detents: int) -> None:
        """Turn the encoder; clockwise is positive."""
        self._panel.turned(detents, self._loop.time())

    def mute(self) -> None:
        """Push the encoder's switch."""
        self._panel.pushed(True, self._loop.time())
        self._panel.pushed(False, self._loop.time())

    def status(self) -> dict[str, object]:
        """Return what `talkbox status --json` prints."""
        return self._appliance.status()
