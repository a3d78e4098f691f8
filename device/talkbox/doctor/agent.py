"""The agent: the broker that gives the way to it, the key that the broker has, and whether the agent is there."""

from __future__ import annotations

import json
from collections.abc import Callable

from talkbox.errors import SessionError, SessionRefused, SessionTimeout, SessionUnreachable, TalkboxError

from .check import Result, failed, ok, skipped, unseen
from .ports import Wire

UNIX = "unix:"
BROKER = "`systemctl status talkbox-broker.socket talkbox-broker.service`"
KEY = "give it a new one: `sudo /opt/talkbox/setup/provisioning/setup.sh --api-key-file -` asks for it"


def broker(source: str, wire: Wire) -> Result:
    """
    Tell whether the broker answers; it asks nobody else for that.

    Args:
        source: `agent.signed_url_from`.
        wire: Asks it.
    """
    if not source:
        return skipped("a public agent needs none")
    if not source.startswith(UNIX):
        return skipped("signed URLs come from elsewhere, see the key")
    path = source.removeprefix(UNIX)
    try:
        status, body = wire.health(path)
    except PermissionError:
        raise
    except OSError as error:
        return failed(f"{path}: {(error.strerror or str(error)).lower()}", BROKER)
    if status != 200:
        return failed(f"it is not well: {status} {told(body)}".rstrip(), "`journalctl -u talkbox-broker` says more")
    return ok(f"it answers; {told(body)}")


def key(source: str, sign: Callable[[], str]) -> Result:
    """
    Tell whether the service takes the broker's key.

    Args:
        source: `agent.signed_url_from`.
        sign: Gives a signed URL, as for a session; raises `TalkboxError`.
    """
    if not source:
        return skipped("a public agent needs none")
    try:
        sign()
    except SessionRefused as error:
        if error.status in (404, 403):  # not the key's fault
            return unseen(str(error), "see the agent, below")
        return failed(str(error), error.hint or KEY)
    except (SessionUnreachable, SessionTimeout) as error:  # nor is that
        return unseen(str(error), error.hint)
    except TalkboxError as error:
        return failed(str(error), error.hint)
    return ok("taken by the service")


def agent(agent_id: str, source: str, sign: Callable[[], str], knock: Callable[[], None]) -> Result:
    """
    Tell whether the agent is there. No conversation is begun: it costs nothing.

    Args:
        agent_id: `agent.agent_id`.
        source: `agent.signed_url_from`.
        sign: As for `key`.
        knock: Opens the way to a public agent, and closes it again; raises `TalkboxError`.
    """
    if not agent_id:
        return skipped("none is configured")
    try:
        if source:
            sign()
            return ok(f"{agent_id}: a signed URL was given for it")
        knock()
    except SessionError as error:
        return failed(f"{agent_id}: {error}", error.hint)
    return ok(f"{agent_id} is there; no conversation was begun")


def told(body: str) -> str:
    """Return what the broker says of itself, on one line: what went wrong, else how the last request went."""
    try:
        answer: object = json.loads(body)
    except ValueError:
        return " ".join(body.split())[:200]
    if not isinstance(answer, dict):
        return ""
    if answer.get("error"):
        return ": ".join(str(answer[part]) for part in ("error", "hint") if answer.get(part))
    last = answer.get("last")
    if not isinstance(last, dict):
        return "nothing was asked of it yet"
    return f"the last answer was {last.get('error') or last.get('result')}, {last.get('seconds_ago')} s ago"
