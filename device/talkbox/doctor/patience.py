"""Wait for what may never come back, and no longer than one can bear."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def within(limit_s: float, work: Callable[[], T], *, what: str) -> T:
    """
    Return what `work` returns, or raise what it raises. It is done on a thread, which is left to itself if it hangs.

    Raises:
        TimeoutError: If it takes longer than `limit_s`; ``what`` did.
    """
    done: list[T] = []
    broke: list[BaseException] = []

    def body() -> None:
        try:
            done.append(work())
        except BaseException as error:  # noqa: BLE001  the top of a thread: whoever waits is to have it
            broke.append(error)

    thread = Thread(target=body, name=f"talkbox {what}", daemon=True)
    thread.start()
    thread.join(limit_s)
    if broke:
        raise broke[0]
    if not done:
        raise TimeoutError(f"{what} took more than {limit_s:g} s")
    return done[0]


def once(work: Callable[[], T]) -> Callable[[], T]:
    """Return what does `work` the first time, and then gives again what it gave, or raises again what it raised."""
    done: list[T] = []
    broke: list[Exception] = []

    def again() -> T:
        if not done and not broke:
            try:
                done.append(work())
            except Exception as error:  # noqa: BLE001  to be raised each time
                broke.append(error)
        if broke:
            raise broke[0]
        return done[0]

    return again
