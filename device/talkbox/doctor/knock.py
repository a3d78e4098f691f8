"""The two ways to an agent, tried as a session tries them, and left before a conversation begins."""

from __future__ import annotations

import asyncio

from talkbox.conversation.connection import open_link
from talkbox.conversation.ports import Closed
from talkbox.conversation.signed_url import fetch_signed_url
from talkbox.conversation.urls import conversation_url
from talkbox.errors import SessionRefused, SessionUnreachable
from talkbox.settings import AgentSettings

LIMIT_S = 10.0
LISTENS_S = 1.0
"""A service that refuses an agent says so as soon as the connection is open."""


def sign(agent: AgentSettings) -> str:
    """
    Return a signed URL, as for a session.

    Raises:
        TalkboxError: If none is given.
    """
    fetched = fetch_signed_url(
        agent.signed_url_from, agent_id=agent.agent_id, headers=agent.signed_url_headers, timeout_s=LIMIT_S
    )
    return asyncio.run(fetched)


def knock(agent: AgentSettings) -> None:
    """
    Open the connection to a public agent, and close it again without a word.

    Raises:
        TalkboxError: If it does not open, or is closed by the service.
    """
    asyncio.run(_knock(conversation_url(server=agent.server, agent_id=agent.agent_id)))


async def _knock(url: str) -> None:
    link = await open_link(url, timeout_s=LIMIT_S)
    try:
        async with asyncio.timeout(LISTENS_S):
            said = await link.receive()
    except TimeoutError:
        return  # it waits for us to begin
    finally:
        await link.close()
    if isinstance(said, Closed):
        if said.code is None:
            raise SessionUnreachable(f"the connection was opened, and closed at once: {said.reason}")
        raise SessionRefused(status=said.code, reason=said.reason)
