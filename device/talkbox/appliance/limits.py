"""When a forgotten session ends. Pure: the caller brings the news and the time."""

from __future__ import annotations

from enum import StrEnum, auto


class Limit(StrEnum):
    """Why a session was ended."""

    SESSION = auto()
    """It lasted ``max_session_s``."""
    QUIET = auto()
    """Nobody spoke to the agent for ``quiet_s``."""
    LINGER = auto()
    """Hold-to-talk: the agent has been quiet for ``linger_s``, and nobody held the button again."""


class Limits:
    """
    The clocks of one session after the other.

    All times are seconds on one monotonic clock. Ask for `deadline` again after every piece of news.

    Args:
        max_session_s: How long a session may last, from `connected`.
        quiet_s: How long it may last without a transcript of the person. An agent that speaks to nobody is quiet too.
        linger_s: How long it may last in hold-to-talk, from the release or the end of the agent's answer.
    """

    def __init__(self, *, max_session_s: float = 600.0, quiet_s: float = 120.0, linger_s: float = 20.0) -> None:
        self._max_session_s, self._quiet_s, self._linger_s = max_session_s, quiet_s, linger_s
        self._connected_at_s: float | None = None
        self._heard_at_s = self._calm_at_s = 0.0
        self._speaking = self._waiting = False

    def connected(self, at_s: float) -> None:
        """Say that a session stands. Before this, nothing expires."""
        self._connected_at_s = at_s
        self._heard_at_s = self._calm_at_s = at_s

    def user_spoke(self, at_s: float) -> None:
        """Say that a transcript of the person has arrived."""
        self._heard_at_s = at_s

    def agent_speaks(self) -> None:
        """Say that the agent is heard."""
        self._speaking = True

    def agent_done(self, at_s: float) -> None:
        """Say that the agent is quiet again, by itself or because it was interrupted."""
        self._speaking = False
        self._calm_at_s = at_s

    def mic_waits(self, waits: bool, *, at_s: float) -> None:
        """Say whether the microphone waits for the button to be held again. Repeating it is harmless."""
        if waits and not self._waiting:
            self._calm_at_s = at_s
        self._waiting = waits

    def ended(self) -> None:
        """Say that the session is over. Nothing expires until the next."""
        self._connected_at_s = None
        self._speaking = False

    def deadline(self) -> float | None:
        """Return when to ask `expired`, or `None` if only news can change anything."""
        return min(self._ends().values(), default=None)

    def expired(self, at_s: float) -> Limit | None:
        """Return the limit that was reached first, if any was by ``at_s``. Harmless when called early."""
        ends = self._ends()
        limit = min(ends, key=ends.__getitem__, default=None)
        return limit if limit is not None and ends[limit] <= at_s else None

    def _ends(self) -> dict[Limit, float]:
        if self._connected_at_s is None:
            return {}
        ends = {
            Limit.SESSION: self._connected_at_s + self._max_session_s,
            Limit.QUIET: self._heard_at_s + self._quiet_s,
        }
        if self._waiting and not self._speaking:
            ends[Limit.LINGER] = self._calm_at_s + self._linger_s
        return ends
