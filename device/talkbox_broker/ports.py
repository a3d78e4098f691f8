"""What the desk needs of the service."""

from __future__ import annotations

from typing import Protocol


class SignedUrls(Protocol):
    """The service that makes signed URLs."""

    host: str
    """Its host, as it is called in messages."""

    async def fetch(self, agent_id: str) -> str:
        """
        Return a fresh signed URL. Takes as long as it takes; canceling it is safe.

        Raises:
            Refused: With the reason.
        """
        ...
