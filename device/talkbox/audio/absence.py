"""Whether the card of a session is there: what its threads lose and find again, told once. Knows no card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

from .faults import reason
from .pace import Clock

SETTLED_S = 2.0
"""A card that works for less than this before it is lost again was not back: its time to come back goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The card is lost, and waited for."""

    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """
    It works again.

    Attributes:
        after_s: How long it was away.
        unheard_s: How much sound there was meanwhile for the loudspeaker.
    """

    after_s: float
    unheard_s: float


class Absence:
    """
    How long the card of a session has been away, and for how many of those who use it.

    `begin` and `end` belong to the loop; the rest may be called on any thread.

    Args:
        patience_s: How long a card is waited for.
        clock: Where the time comes from.
    """

    def __init__(self, *, patience_s: float = 10.0, clock: Clock | None = None) -> None:
        self._patience_s, self._clock = patience_s, Clock() if clock is None else clock
        self._lock = Lock()  # held for what follows
        self._tell: Callable[[Gone | Back], object] | None = None
        self._without: set[object] = set()
        self._since_s = self._back_s = float("-inf")
        self._unheard_s = 0.0

    def begin(self, tell: Callable[[Gone | Back], object]) -> None:
        """
        Wait for a card that is lost from now on, until `end`.

        Args:
            tell: Called on the thread that lost or found it, and must not block.
        """
        with self._lock:
            self._tell = tell
            self._without.clear()
            self._since_s = self._back_s = float("-inf")

    def end(self) -> None:
        """Wait no longer: there is no session to wait for."""
        with self._lock:
            self._tell = None
            self._without.clear()

    def lost(self, who: object, why: OSError) -> None:
        """
        Take note that ``who`` has no card, and go on waiting. Repeat it before each attempt to find it.

        Raises:
            OSError: ``why``, if there is no session; the same, with the time, if it has been waited for long enough.
        """
        with self._lock:
            if self._tell is None:
                raise why
            now_s = self._clock.now_s()
            first = not self._without
            if first and now_s - self._back_s >= SETTLED_S:
                self._since_s, self._unheard_s = now_s, 0.0
            if now_s - self._since_s > self._patience_s:
                self._tell = None  # whoever lets go of it now has not found it
                raise OSError(why.errno, f"{reason(why)}, and it did not come back within {self._patience_s:g} s")
            self._without.add(who)
            if first:
                self._tell(Gone(why=reason(why)))

    def found(self, who: object) -> None:
        """Take note that ``who`` has its card, and that it works, or needs none any more. Repeats are harmless."""
        with self._lock:
            if who not in self._without:
                return
            self._without.remove(who)
            if not self._without and self._tell is not None:
                self._back_s = self._clock.now_s()
                self._tell(Back(after_s=self._back_s - self._since_s, unheard_s=self._unheard_s))

    def unheard(self, seconds: float) -> None:
        """Count sound that nobody heard."""
        with self._lock:
            self._unheard_s += seconds
