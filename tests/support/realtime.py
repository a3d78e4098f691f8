"""Real-time priority for a test that is held to a sound card's clock, where the machine allows it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def realtime(priority: int = 50) -> Iterator[None]:
    """Run the block, and what it starts, before everything else; say in the output whether that is allowed."""
    before, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(priority))
        print("runs at real-time priority")  # noqa: T201
    except PermissionError:
        print("real-time priority is not allowed here: xruns may be the machine's")  # noqa: T201
    try:
        yield
    finally:
        os.sched_setscheduler(0, before, parameters)
