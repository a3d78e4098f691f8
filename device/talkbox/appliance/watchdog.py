"""
The watchdog's food: given only while the device does what it is for.

Whoever feeds a watchdog from a thread of its own keeps a dead device alive. Here the loop itself feeds it, and during a
session only if sound has moved both ways since the last time.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from talkbox.audio.tally import Progress

log = logging.getLogger(__name__)

TIMES = 6
"""
Feedings in the time that systemd allows between two. The audio engine notices by itself that a card stands still (5 s),
and closes it (2 s): at 30 s a few that are left out meanwhile do no harm.
"""


class Watch:
    """Compares how far the sound is with how far it was. Pure: whoever asks decides when."""

    def __init__(self) -> None:
        self._before: Progress | None = None

    def trouble(self, now: Progress | None) -> str:
        """
        Return what stands still, in words; ``""`` if nothing does.

        Args:
            now: How far the session's sound is; `None` without a session, or while its card is being opened: the
                engine itself limits that.
        """
        before, self._before = self._before, now
        if before is None or now is None:
            return ""
        still = []
        if now.periods_read == before.periods_read:
            still.append("the microphone brings nothing")
        if now.periods_written == before.periods_written:
            still.append("the loudspeaker takes nothing")
        return " and ".join(still)


async def feed(alive: Callable[[], None], *, within_s: float, progress: Callable[[], Progress | None]) -> None:
    """
    Feed the watchdog for as long as the device works. Ends by being canceled.

    Args:
        alive: Feeds it once.
        within_s: When it bites.
        progress: How far the session's sound is, as `Watch.trouble` wants it.
    """
    watch, was = Watch(), ""
    while True:
        trouble = watch.trouble(progress())
        if not trouble:
            alive()
        if trouble and not was:
            log.warning(
                "%s: the watchdog is not fed, and ends the device in %.0f s unless that changes",
                trouble,
                within_s * (TIMES - 1) / TIMES,
                extra={"event": "watchdog_hungry", "hint": "if it comes again: `talkbox doctor` looks at the card"},
            )
        elif was and not trouble:
            log.info(
                "the sound moves again, or the session is over: the watchdog is fed", extra={"event": "watchdog_fed"}
            )
        was = trouble
        await asyncio.sleep(within_s / TIMES)
