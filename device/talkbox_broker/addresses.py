"""Where the key may go, and which signed URLs may come back. Pure; nothing is resolved."""

from __future__ import annotations

import ipaddress
import re
from urllib.parse import SplitResult, parse_qs, urlsplit

SERVICE_DOMAIN = ".elevenlabs.io"
CONVERSATION_PATH = "/v1/convai/conversation"
_MAX_URL_CHARACTERS = 4096
_URL_CHARACTERS = re.compile(r"[!-~]+")  # visible ASCII: no blank, no line break, nothing that needs decoding
_PORTS = {"https": 443, "wss": 443, "http": 80, "ws": 80}


def server_flaw(url: str) -> str:
    """Say why the key must not go to `url`; ``""`` if it may."""
    parts = _split(url)
    if parts is None or not parts.hostname:
        return "is not an address"
    if parts.username is not None or parts.query or parts.fragment:
        return "must not have a user, a query or a fragment"
    if parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname)):
        return ""
    return "must be https://HOST, or http:// to this very machine"


def signed_url_flaw(url: object, *, server: str, agent_id: str) -> str:
    """
    Say why `url`, from the answer of `server`, is no signed URL for `agent_id`; ``""`` if it is one.

    What is said shows nothing of the URL: if it is one after all, it is a secret.
    """
    parts, asked = _split(url) if isinstance(url, str) else None, urlsplit(server)
    if parts is None or not parts.hostname:
        return "it is not an address"
    query = parse_qs(parts.query)
    conditions = {
        "its scheme is not wss": parts.scheme == ("wss" if asked.scheme == "https" else "ws"),
        "it leads to another host": _is_at_home(parts, asked),
        "it has a user or a fragment": parts.username is None and not parts.fragment,
        "it does not lead to a conversation": parts.path.endswith(CONVERSATION_PATH),
        "it is for another agent": query.get("agent_id") == [agent_id],
        "it is not signed": len(query.get("conversation_signature", [])) == 1,
    }
    return next((flaw for flaw, holds in conditions.items() if not holds), "")


def is_loopback(host: str) -> bool:
    """Return whether `host`, a name or an address without brackets, never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_at_home(parts: SplitResult, asked: SplitResult) -> bool:
    """Tell whether both are the same host and port, or both the service's own: it may answer from another region."""
    if _host_and_port(parts) == _host_and_port(asked):
        return True
    return all(host.endswith(SERVICE_DOMAIN) and port == 443 for host, port in map(_host_and_port, (parts, asked)))


def _host_and_port(parts: SplitResult) -> tuple[str, int]:
    return parts.hostname or "", parts.port or _PORTS.get(parts.scheme, 0)


def _split(url: str) -> SplitResult | None:
    """Return the parts of `url`, `None` if it is none that can go into a request as it is."""
    if len(url) > _MAX_URL_CHARACTERS or not _URL_CHARACTERS.fullmatch(url):
        return None
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises where it is no number
    except ValueError:
        return None
    return parts
