"""The messages on their way to one client: numbered, filtered, in order. No socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from . import messages

ALWAYS_SENT = frozenset({"conversation_initiation_metadata", "error"})
"""A client cannot filter these out: without them it would wait for ever, or never learn why it ended."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One WebSocket message, text or binary."""

    content: str | bytes


@dataclass(frozen=True, slots=True)
class Stall:
    """From here on nothing is sent for so long."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class Close:
    """The end: a close frame, or, without a code, a connection that breaks."""

    code: int | None
    reason: str = ""


Outgoing = Frame | Stall | Close


class Outbox:
    """
    A queue between a session, which never waits to say something, and its connection, which may.

    Everything that is put in goes out in the same order; the event ids grow over all types.

    Attributes:
        last_event_id: The newest id given; 0 before the first.
        client_events: The only types that the client wants; `None` = all.
    """

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Outgoing] = asyncio.Queue()
        self.last_event_id = 0
        self.client_events: frozenset[str] | None = None

    def wants(self, kind: str) -> bool:
        """Say whether messages of this type reach the client."""
        return self.client_events is None or kind in self.client_events or kind in ALWAYS_SENT

    def send(self, kind: str, body: Mapping[str, object], *, event_id: int | None = None) -> int:
        """
        Queue a message of type ``kind``.

        Args:
            kind: One of `messages.BODY_KEYS`.
            body: Its body, without the event id.
            event_id: An old id to use again; by default the next one, where the type has one.

        Returns:
            The event id; it is used up even if the client does not want the message.
        """
        if kind in messages.WITHOUT_EVENT_ID:
            numbered = dict(body)
        else:
            if event_id is None:
                self.last_event_id = event_id = self.last_event_id + 1
            numbered = {**body, "event_id": event_id}
        if self.wants(kind):
            self._queue.put_nowait(Frame(messages.build(kind, numbered)))
        return self.last_event_id if event_id is None else event_id

    def put(self, outgoing: Outgoing) -> None:
        """Queue something as it is: a fault, or the end."""
        self._queue.put_nowait(outgoing)

    async def get(self) -> Outgoing:
        """Wait for the next thing to do; for the one coroutine that owns the connection."""
        return await self._queue.get()
