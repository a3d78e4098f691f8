"""
A device for the control socket to serve: it remembers what it was asked for.

``python -m tests.support.fake_device PATH`` serves one until it is terminated.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from talkbox.appliance.control_socket import control_socket
from talkbox.appliance.event_stream import EventStream
from talkbox.errors import AudioDeviceMissing

TOO_LOUD = 99
STATUS: dict[str, object] = {
    "state": "listening",
    "mode": "listening",
    "muted": False,
    "volume": 0.8,
    "leds": [[0, 0, 64], [0, 64, 0], [0, 0, 0]],
    "input_level": 0.25,
    "output_level": 0.0,
    "conversation_id": "conv_0123",
    "uptime_s": 61.5,
    "echo": {"canceller": "speexdsp, then AEC3", "half_duplex": False, "loss_db": 31.4},
    "counters": {"chunks_sent": 120, "sessions": 1},
}


class FakeDevice:
    """Keeps `asked`, tells of each request as an event, and refuses to be turned by 99."""

    def __init__(self) -> None:
        self.events = EventStream()
        self.asked: list[str] = []
        self.muted = False

    def press(self) -> None:
        self._note("press")

    def release(self) -> None:
        self._note("release")

    async def tap(self) -> None:
        self._note("tap")

    def turn(self, detents: int) -> None:
        if detents == TOO_LOUD:
            raise AudioDeviceMissing("there is no such sound card")
        self._note(f"turn {detents}")

    def mute(self) -> None:
        self.muted = not self.muted
        self._note("mute")

    def status(self) -> dict[str, object]:
        return {**STATUS, "muted": self.muted}

    def _note(self, asked: str) -> None:
        self.asked.append(asked)
        self.events.publish("asked", what=asked)


async def _serve(path: Path) -> None:
    device = FakeDevice()
    async with control_socket(path, device):
        while True:
            await asyncio.sleep(0.05)
            device.events.publish("message", source="user", text="what\x1b[2J time is it", final=True)


if __name__ == "__main__":
    asyncio.run(_serve(Path(sys.argv[1])))
