"""
Who is told what happens: every subscriber hears every event, and none can hold the device up.

Knows no socket. All of it belongs to the event loop's thread.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

Event = dict[str, object]
"""``{"event": NAME, "at_s": monotonic seconds, "time": ISO-8601 local, ...}``, fit for JSON."""

LOST = "lost"


def _local_time() -> datetime:
    return datetime.now().astimezone()


class EventStream:
    """
    Hand each event to everyone who subscribed.

    Args:
        clock: Seconds on the clock that the device's edges are stamped with.
        local_time: The wall clock, with its offset from UTC.
    """

    def __init__(
        self, *, clock: Callable[[], float] = time.monotonic, local_time: Callable[[], datetime] = _local_time
    ) -> None:
        self._clock, self._local_time = clock, local_time
        self._subscriptions: set[Subscription] = set()

    def publish(self, name: str, /, **fields: object) -> None:
        """Tell everyone that `name` happened. Never blocks; `fields` must be fit for JSON."""
        event = self.stamped(name, **fields)
        for subscription in self._subscriptions:
            subscription.put(event)

    @contextmanager
    def subscribe(self, *, capacity: int = 256) -> Iterator[Subscription]:
        """
        Hear every event that is published from now on.

        Args:
            capacity: Events held for a subscriber who does not read; beyond it, the oldest are lost.
        """
        subscription = Subscription(self, capacity=capacity)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def stamped(self, name: str, /, **fields: object) -> Event:
        """Return an event of now, without telling anybody."""
        now = self._local_time().isoformat(timespec="milliseconds")
        return {"event": name, "at_s": round(self._clock(), 6), "time": now, **fields}


class Subscription:
    """One subscriber's queue. `EventStream.subscribe` makes it; one task reads it."""

    def __init__(self, stream: EventStream, *, capacity: int) -> None:
        self._stream, self._capacity = stream, capacity
        self._events: deque[Event] = deque()
        self._wake = asyncio.Event()
        self._lost = 0

    def put(self, event: Event) -> None:
        """Append `event`; when full, lose the oldest."""
        if len(self._events) == self._capacity:
            self._events.popleft()
            self._lost += 1
        self._events.append(event)
        self._wake.set()

    async def get(self) -> Event:
        """
        Wait for the next event. Canceling it loses nothing.

        Returns:
            The oldest event held; where some were lost before it, first ``{"event": "lost", "count": n, ...}``.
        """
        while not self._events:
            self._wake.clear()
            await self._wake.wait()
        if self._lost:
            lost, self._lost = self._lost, 0
            return self._stream.stamped(LOST, count=lost)
        return self._events.popleft()
