"""The one place where values and news cross from an audio thread to the event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from threading import Lock
from typing import Generic, TypeVar

T = TypeVar("T")


class ThreadBridge(Generic[T]):
    """
    Hand values from one thread to one coroutine, never blocking the thread.

    When the loop falls behind, the *oldest* value is dropped: late speech is worth less than current speech. Not so
    what was put to be kept, nor what came after it until the reader has caught up: a pre-roll arrives whole, and so
    does what is said while it is being sent. Create on the loop; `put` belongs to the thread, `get` to the loop.

    Args:
        capacity: Values held before dropping. 50 chunks of 20 ms are 1 s.
        most: Values held before dropping while catching up: the bound on memory.

    Attributes:
        dropped: Values lost so far.
        catching_up: Whether the reader still has what was put to be kept, or what came behind it.
    """

    def __init__(self, capacity: int, *, most: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._values: deque[T] = deque()
        self._capacity, self._most = capacity, most
        self.catching_up = False
        self._lock = Lock()
        self._waiting: asyncio.Future[None] = self._loop.create_future()  # the reader's, until it is woken
        self._failure: BaseException | None = None
        self.dropped = 0

    def put(self, value: T, *, keep: bool = False) -> None:
        """Append ``value``; one to ``keep`` is not dropped for being late. Called on the audio thread."""
        with self._lock:
            if self._failure is not None:
                return
            self.catching_up = self.catching_up or keep
            if len(self._values) >= (self._most if self.catching_up else self._capacity):
                self._values.popleft()
                self.dropped += 1
            self._values.append(value)
        tell(self._loop, self._wake)

    def fail(self, error: BaseException) -> None:
        """
        End the stream: a dead thread is never silent. The first error counts; values put later are ignored.

        Called on the audio thread as its last act, or on the loop.
        """
        with self._lock:
            self._failure = self._failure or error
        tell(self._loop, self._wake)

    async def get(self) -> T:
        """
        Wait for the next value. Canceling it loses none.

        Raises:
            BaseException: Whatever was passed to `fail`, once the values before it have been read.
        """
        while True:
            with self._lock:
                if self._values:
                    return self._values.popleft()
                self.catching_up = False
                failure = self._failure
            if failure is not None:
                raise failure
            # No wake-up can be lost: `_wake` runs on this loop, after the value is there.
            self._waiting = self._loop.create_future()
            await self._waiting

    def _wake(self) -> None:
        if not self._waiting.done():
            self._waiting.set_result(None)


def tell(loop: asyncio.AbstractEventLoop, callback: Callable[[], object]) -> None:
    """Call back on ``loop``, from any thread."""
    try:
        loop.call_soon_threadsafe(callback)
    except RuntimeError:
        return  # it is closed: there is nobody left to tell
