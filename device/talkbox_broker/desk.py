"""
Who gets a signed URL, and how often. Knows neither HTTP nor sockets.

The one place that decides: the list of agents first, then the limits, then the service, within a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from . import refusals
from .errors import CredentialError
from .limits import TokenBucket
from .ports import SignedUrls
from .refusals import Refused
from .settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the service was last asked, and what came of it: in words, and nothing secret."""

    agent_id: str
    result: str
    """``"ok"``, or the code of the refusal."""
    error: str
    hint: str
    took_s: float
    at_s: float


class Desk:
    """
    Give signed URLs for the agents on the list.

    Args:
        settings: The list and the limits.
        service: Makes signed URLs; or why there is no key to ask it with.
        on_outcome: Called on the loop after each request to the service.
    """

    def __init__(
        self, settings: Settings, service: SignedUrls | CredentialError, *, on_outcome: Callable[[Outcome], None]
    ) -> None:
        self._settings, self._service, self._on_outcome = settings, service, on_outcome
        self._bucket = TokenBucket(burst=settings.burst, per_minute=settings.per_minute)
        self._places = asyncio.Semaphore(settings.concurrency)
        self._last: Outcome | None = None

    async def signed_url(self, agent_id: str) -> str:
        """
        Return a fresh signed URL: a secret that lives 15 minutes. Canceling is safe, and stops the asking.

        Raises:
            Refused: With the reason.
        """
        if agent_id not in self._settings.agents:
            raise refusals.unknown_agent(agent_id)
        if isinstance(self._service, CredentialError):
            raise refusals.no_key(str(self._service))
        began_s = _now_s()
        if wait_s := self._bucket.take(now_s=began_s):
            raise refusals.too_many_requests(wait_s=wait_s)
        try:
            url = await self._fetched(self._service, agent_id)
        except Refused as refused:
            self._remember(agent_id, str(refused.code), error=str(refused), hint=refused.hint, began_s=began_s)
            raise
        self._remember(agent_id, "ok", error="", hint="", began_s=began_s)
        return url

    def health(self) -> dict[str, object]:
        """Return what is known without asking anybody, ready for JSON."""
        last = self._last
        return {
            "status": "ok",
            "agents": list(self._settings.agents),
            "server": self._settings.server,
            "key": not isinstance(self._service, CredentialError),
            "last": last
            and {
                "agent_id": last.agent_id,
                "result": last.result,
                "error": last.error,
                "hint": last.hint,
                "took_ms": round(last.took_s * 1000),
                "seconds_ago": round(_now_s() - last.at_s, 1),
            },
        }

    def _remember(self, agent_id: str, result: str, *, error: str, hint: str, began_s: float) -> None:
        now_s = _now_s()
        self._last = Outcome(
            agent_id=agent_id, result=result, error=error, hint=hint, took_s=now_s - began_s, at_s=now_s
        )
        self._on_outcome(self._last)

    async def _fetched(self, service: SignedUrls, agent_id: str) -> str:
        timeout_s = self._settings.timeout_s
        try:
            # The wait for a place counts: who asks does not care where the time goes.
            async with asyncio.timeout(timeout_s), self._places:
                return await service.fetch(agent_id)
        except TimeoutError as error:
            raise refusals.timed_out(service.host, after_s=timeout_s) from error


def _now_s() -> float:
    return asyncio.get_running_loop().time()
