"""The threads in which the event loop waits for what blocks: name servers, and a sound card on its way."""

from __future__ import annotations

import socket
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import BoundedSemaphore, Thread
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

MOST = 16
"""Calls at a time. systemd grants the device 64 threads."""


class PatientThreads(ThreadPoolExecutor):  # asyncio takes no other kind
    """
    A thread for each call, which nobody waits for at the program's end.

    A silent name server keeps a lookup for half a minute, long after the session that asked has given up. asyncio's own
    pool would have SIGTERM wait for it, and after a few presses the next session too.
    """

    def __init__(self) -> None:
        super().__init__()
        self._free = BoundedSemaphore(MOST)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """
        Call ``fn`` on a thread of its own.

        Raises:
            gaierror: If `MOST` calls are under way: the name server has been silent for as many sessions.
        """
        if not self._free.acquire(blocking=False):
            raise socket.gaierror(socket.EAI_AGAIN, f"{MOST} earlier lookups are still waiting")
        future: Future[T] = Future()

        def work() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except BaseException as error:  # noqa: BLE001  the top of a thread: who waits for the result hears of it
                future.set_exception(error)
            finally:
                self._free.release()

        future.set_running_or_notify_cancel()
        Thread(target=work, name="talkbox-lookup", daemon=True).start()
        return future
