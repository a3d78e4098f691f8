"""A scene kept up to date from a device's control socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from rich.live import Live

from talkbox.errors import ControlError, NotRunning

from .client import ControlClient, connect, subscribe
from .scene import Scene

logger = logging.getLogger(__name__)

REFRESH_S = 1 / 16
"""How often the status is asked for and the view drawn: levels move as fast as one speaks."""

_RETRY_S = 1.0


async def follow(path: Path, scene: Scene) -> None:
    """
    Tell `scene` what the device behind `path` says, until it goes away.

    Raises:
        NotRunning: If nobody answers to begin with.
    """
    async with connect(path) as client, subscribe(path) as events:
        scene.take_status(await client.status())
        try:
            async with asyncio.TaskGroup() as group:
                polling = group.create_task(_poll(client, scene))
                async for event in events:
                    scene.take_event(event)
                polling.cancel()
        except* ControlError as gone:
            logger.debug("= %s", gone.exceptions[0])
    scene.gone()


async def follow_again(path: Path, scene: Scene) -> None:
    """
    Like `follow`, but wait for the device to come back, for ever.

    Raises:
        NotRunning: If nobody answers to begin with.
    """
    await follow(path, scene)
    while True:
        await asyncio.sleep(_RETRY_S)
        try:
            await follow(path, scene)
        except NotRunning:
            continue


async def draw(live: Live) -> None:
    """Draw the view again and again."""
    while True:
        live.refresh()
        await asyncio.sleep(REFRESH_S)


async def listen(path: Path, told: Callable[[Mapping[str, object]], None]) -> None:
    """
    Pass each event to `told`, until the device goes away.

    Raises:
        NotRunning: If nobody answers to begin with.
    """
    async with subscribe(path) as events:
        async for event in events:
            told(event)


async def _poll(client: ControlClient, scene: Scene) -> None:
    while True:
        await asyncio.sleep(REFRESH_S)
        scene.take_status(await client.status())
