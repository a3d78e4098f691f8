"""
The audio threads go before everything that is not audio, where that is allowed.

A thread that has 10 ms for a period cannot wait behind a package that is being installed.
"""

from __future__ import annotations

import logging
import os
from typing import Protocol

log = logging.getLogger(__name__)

PRIORITY = 20
"""Of 1..99: before all that is ordinary, behind the kernel's own threads (50). It is the unit's LimitRTPRIO=."""

POLICY = os.SCHED_RR | os.SCHED_RESET_ON_FORK
"""Round robin: should both threads spin, each has its turn. And what a thread starts is ordinary again."""

_HINT = f"in the unit: LimitRTPRIO={PRIORITY} and no RestrictRealtime=; elsewhere a line in /etc/security/limits.d"


class Scheduler(Protocol):
    """The part of `os` that is needed; 0 is the calling thread."""

    def sched_getscheduler(self, pid: int, /) -> int:
        """Return the policy of a thread."""
        ...

    def sched_setscheduler(self, pid: int, policy: int, param: os.sched_param, /) -> None:
        """Change it. Raises `OSError` where that is not allowed."""
        ...


class Realtime:
    """
    Claims a real-time priority for a thread, and says once where it cannot be had.

    Args:
        scheduler: Whom to ask: `os`.
    """

    def __init__(self, scheduler: Scheduler = os) -> None:
        self._scheduler = scheduler
        self._complained = False

    def claim(self) -> None:
        """Let the calling thread go before others. One whose policy somebody chose already is left alone."""
        try:
            if self._scheduler.sched_getscheduler(0) == os.SCHED_OTHER:
                self._scheduler.sched_setscheduler(0, POLICY, os.sched_param(PRIORITY))
        except OSError as error:
            if not self._complained:
                self._complained = True
                reason = (error.strerror or str(error)).lower()
                extra = {"event": "realtime_refused", "hint": _HINT}
                log.info("the audio threads have no priority over others: %s", reason, extra=extra)
