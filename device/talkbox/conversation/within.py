"""How long something may take, said in the words of its failure."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from talkbox.errors import SessionTimeout


@asynccontextmanager
async def within(seconds: float, what: str) -> AsyncIterator[None]:
    """Raise `SessionTimeout`, which says `what`, when the body takes longer than `seconds`."""
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError as error:
        raise SessionTimeout(f"{what} within {seconds:g} s") from error
