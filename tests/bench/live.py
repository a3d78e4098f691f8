"""The real `talkbox run` on the simulated card, driven as a person and a service drive it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.service import Service
from tests.support.programs import Device, device
from tests.support.simcard import SimCard

CANCELLERS = {"without canceller": "audio.echo=off", "cascade": "audio.echo_canceller=cascade"}
"""What is compared, and the setting that makes it."""

NOTHING: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Live:
    """A device, its card and the service it talks to."""

    device: Device
    card: SimCard
    service: Service

    @property
    def pid(self) -> int:
        """The device's process."""
        return self.device.process.pid

    async def tap(self) -> float:
        """Tap the button; return when, in the card's time."""
        at_s = self.card.now_s()
        await asyncio.to_thread(self.device.do, "tap")
        return at_s

    async def talk(self) -> float:
        """Start a session, and wait for its first chunk; return when it was asked for, in the card's time."""
        self.service.arrivals = []
        at_s, _ = await asyncio.gather(self.tap(), self.service.first_chunk())
        return at_s

    async def hang_up(self) -> None:
        """End the session."""
        await self.tap()
        await asyncio.to_thread(self.device.until, state="idle")

    async def status(self) -> dict[str, Any]:
        """Return what the device says of itself."""
        return await asyncio.to_thread(self.device.status)


@asynccontextmanager
async def live(
    folder: Path,
    service: Service,
    *settings: str,
    rate_hz: int,
    channels: int = 2,
    module: str = "talkbox",
    env: Mapping[str, str] = NOTHING,
) -> AsyncIterator[Live]:
    """Run a device, or `module` in its place, on a card of its own in `folder`, which is made."""
    card = await asyncio.to_thread(SimCard, folder / "card", rate_hz=rate_hz, channels=channels)
    ours = (
        *(f"audio.rate_hz={rate_hz}", "audio.capture=mic", "audio.playback=speaker"),
        # Minutes without a word of a person are no forgotten session here.
        *("controls.quiet_s=3600", "controls.max_session_s=3600"),
    )
    command = (sys.executable, "-m", module)
    running = device(folder, service.url, *ours, *settings, command=command, **card.env, **env)
    started = await asyncio.to_thread(running.__enter__)
    try:
        yield Live(started, card, service)
    finally:
        await asyncio.to_thread(running.__exit__, None, None, None)
