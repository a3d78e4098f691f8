"""
What the agent may ask of the device: the client tools, their definitions, and who carries them out.

`DEFINITIONS` is what the owner pastes into the agent's settings (`talkbox tools --json`); a test holds it to what
`handlers` serves.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

DEFINITIONS: tuple[dict[str, object], ...] = (
    {
        "type": "client",
        "name": "set_volume",
        "description": "Set how loud the device speaks. Use it when the user asks for louder, quieter, or a level.",
        "expects_response": True,
        "response_timeout_secs": 5,
        "parameters": {
            "type": "object",
            "required": ["volume"],
            "properties": {
                "volume": {
                    "type": "number",
                    "description": "Loudness from 0 (silent) to 1 (full); forty percent is 0.4",
                }
            },
        },
    },
    {
        "type": "client",
        "name": "get_device_status",
        "description": "Read the device's volume, whether its microphone is muted, and how long it has been running.",
        "expects_response": True,
        "response_timeout_secs": 5,
        "parameters": {"type": "object", "required": [], "properties": {}},
    },
    {
        "type": "client",
        "name": "end_conversation",
        "description": "End the conversation once what you are saying has been heard. Use it after saying goodbye.",
        "expects_response": False,
        "response_timeout_secs": 5,
        "parameters": {"type": "object", "required": [], "properties": {}},
    },
)


class Device(Protocol):
    """What the tools need of the appliance. Called on the event loop."""

    def set_volume(self, volume: float) -> float:
        """Set the volume, clamped to 0..1, and return what it is now."""
        ...

    def status(self) -> dict[str, object]:
        """Return the device's status, as `talkbox status --json` prints it."""
        ...

    def hang_up(self) -> None:
        """End the conversation once what was received has been heard."""
        ...


Handler = Callable[[Mapping[str, object]], Awaitable[object]]


def handlers(device: Device) -> dict[str, Handler]:
    """
    Return a coroutine function for each tool of `DEFINITIONS`, taking the parameters the agent sent.

    They are async, so that they run on the event loop, where the device lives.

    A `ValueError` from one is told to the agent, in words that let it try again.
    """

    async def set_volume(parameters: Mapping[str, object]) -> object:
        volume = parameters.get("volume")
        # NaN is not between any two numbers.
        if isinstance(volume, bool) or not isinstance(volume, int | float) or not 0.0 <= volume <= 1.0:
            raise ValueError(f"volume must be a number from 0 to 1, not {volume!r}; forty percent is 0.4")
        return {"volume": device.set_volume(float(volume))}

    async def get_device_status(_parameters: Mapping[str, object]) -> object:
        status = device.status()
        return {key: status[key] for key in ("state", "volume", "muted", "uptime_s")}

    async def end_conversation(_parameters: Mapping[str, object]) -> object:
        device.hang_up()
        return "ending the conversation"

    return {
        "set_volume": set_volume,
        "get_device_status": get_device_status,
        "end_conversation": end_conversation,
    }
