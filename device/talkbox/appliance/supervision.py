"""What systemd hears of a running device: that a press can be taken, what it does in words, and that it is alive."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Protocol

from talkbox.audio.tally import Progress

from . import watchdog
from .event_stream import EventStream, Subscription
from .state import State

WORDS = {
    State.IDLE: "idle: press the button to talk",
    State.CONNECTING: "connecting: the microphone is open, and what is said will be sent",
    State.LISTENING: "listening: the agent hears what is said",
    State.SPEAKING: "speaking: the agent has the word",
    State.ENDING: "ending the session",
    State.RECONNECTING: "reconnecting: the line to the service broke",
    State.OFFLINE: "offline: there is no way to the service; a press tries again",
    State.FAULT: "broken: the board does not work; `talkbox doctor` says why",
}
MUTED = "the microphone is muted"
STOPPING = "stopping"


class ServiceManager(Protocol):
    """What is needed of `talkbox.systemd.Notifier`."""

    def ready(self, status: str) -> None:
        """Say that the device is up, and what it does."""
        ...

    def status(self, status: str) -> None:
        """Say what it does now."""
        ...

    def alive(self) -> None:
        """Feed the watchdog."""
        ...

    def stopping(self, status: str) -> None:
        """Say that it is on its way out."""
        ...


def words(state: State, *, muted: bool) -> str:
    """Return what `systemctl status` says of a device."""
    return f"{WORDS[state]} ({MUTED})" if muted else WORDS[state]


@asynccontextmanager
async def supervised(
    manager: ServiceManager,
    *,
    events: EventStream,
    progress: Callable[[], Progress | None],
    watchdog_s: float | None,
) -> AsyncIterator[None]:
    """
    Keep systemd informed while the body runs. Enter it when a press can be taken, and the device is at rest.

    Args:
        manager: Who is told.
        events: What happens to the device.
        progress: How far the session's sound is; `None` without one.
        watchdog_s: How often systemd wants to hear that the device is alive; `None`: it does not.
    """
    with events.subscribe() as subscription:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_follow(subscription, manager))]
            if watchdog_s is not None:
                tasks.append(group.create_task(watchdog.feed(manager.alive, within_s=watchdog_s, progress=progress)))
            manager.ready(words(State.IDLE, muted=False))
            try:
                yield
            finally:
                manager.stopping(STOPPING)
                for task in tasks:
                    task.cancel()


async def _follow(subscription: Subscription, manager: ServiceManager) -> None:
    """Tell systemd each state in words."""
    state, muted = State.IDLE, False
    while True:
        event = await subscription.get()
        match event:
            case {"event": "state", "state": str(name)}:
                state = State(name)
            case {"event": "mute", "muted": bool(muted)}:
                pass
            case _:
                continue
        manager.status(words(state, muted=muted))
