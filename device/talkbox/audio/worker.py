"""A thread that owns one device of the card, and of which the loop always knows how it is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Thread

from .bridge import tell
from .faults import translated

_PREDECESSOR_S = 3.0


class Worker:
    """
    Run ``body`` on a thread of its own: open the device, call `opened`, serve it, close it.

    Create and use on the event loop; only `opened` and `run` belong to the thread.

    Args:
        device: What a person calls the device: ``"microphone"``.
        body: The thread's work. What it raises before `opened`, `wait_open` raises as well.
        on_failure: Called on the thread, as its last act, with what it died of.
        on_start: What the thread does before its work.
        after: The worker that may still have the device; its end is waited for.

    Attributes:
        left_behind: Set by who waited for its end in vain: the card stands still, and others need not wait.
    """

    def __init__(
        self,
        device: str,
        body: Callable[[Worker], None],
        *,
        on_failure: Callable[[BaseException], None],
        on_start: Callable[[], None] = lambda: None,
        after: Worker | None = None,
    ) -> None:
        self.device = device
        self.left_behind = False
        self._body, self._on_failure, self._on_start, self._after = body, on_failure, on_start, after
        self._loop = asyncio.get_running_loop()
        self._is_open, self._is_over = asyncio.Event(), asyncio.Event()
        self._ended = Event()
        self._failure: BaseException | None = None
        self._worked = False

    def start(self) -> None:
        """Start the thread. It never keeps the program alive."""
        Thread(target=self.run, name=f"talkbox-{self.device}", daemon=True).start()

    def opened(self) -> None:
        """Tell the loop that the device is open. Called by the body."""
        self._worked = True
        tell(self._loop, self._is_open.set)

    async def wait_open(self) -> None:
        """
        Wait until the device is open.

        Raises:
            AudioError: If it cannot be opened.
        """
        await self._is_open.wait()
        if self._failure is not None:
            raise self._failure

    async def wait_over(self, limit_s: float) -> bool:
        """Wait until the thread has let go of the device; return whether it did so within ``limit_s``."""
        with suppress(TimeoutError):
            async with asyncio.timeout(limit_s):
                await self._is_over.wait()
        return self._ended.is_set()

    def join(self) -> None:
        """Wait, on the thread that is to have the device next, until this one has let go of it: 3 s at most."""
        self._ended.wait(0 if self.left_behind else _PREDECESSOR_S)

    def run(self) -> None:
        """Do the whole work of the thread, on the caller's."""
        if self._after is not None:
            self._after.join()
            self._after = None  # or the first would be kept for as long as there is a last
        try:
            self._on_start()
            self._body(self)
        except OSError as error:
            failure = translated(error, device=self.device, opening=not self._worked)
            failure.__cause__ = error
            self._fail(failure)
        except BaseException as error:  # noqa: BLE001  the top of a thread: whatever it is, the loop must hear of it
            self._fail(_bug(error))
        finally:
            self._ended.set()
            tell(self._loop, self._is_open.set)
            tell(self._loop, self._is_over.set)

    def _fail(self, failure: BaseException) -> None:
        self._failure = failure
        self._on_failure(failure)


def _bug(error: BaseException) -> Exception:
    """Return ``error``; in the place of one that would end the program without a word, what says so."""
    if isinstance(error, Exception):
        return error
    bug = RuntimeError(f"an audio thread ended with {error!r}")
    bug.__cause__ = error
    return bug
