"""Where a session is opened: addresses built, checked, and made fit for a log. Pure; nothing is resolved."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

_PATH = "/v1/convai/conversation"

_SECRET = re.compile(
    r"""(?ix)
    (
        (?: [a-z_-]* (?: signature | token | api[_-]?key | secret ) | authorization )
        ["']? \s* [=:] \s* ["']? (?: (?: bearer | basic | digest | token ) \s+ )?
      | bearer \s+
    )
    [^\s&"',;#]+
    | \b sk_ [0-9a-z]{8,}
    | (?<= ://) [^\s/"]+ (?= @)  # user and password
    """
)


def conversation_url(*, server: str, agent_id: str) -> str:
    """
    Return the address of a session with a public agent.

    Raises:
        ValueError: If `server` is not a bare `wss://` address, or `ws://` to loopback.
    """
    check_websocket_url(server, what="server")
    parts = urlsplit(server)
    if parts.query or parts.fragment or parts.username is not None:
        raise ValueError(f"server must be an address without query or user, not {masked(server)!r}")
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}{_PATH}?agent_id={quote(agent_id, safe='')}"


def with_source(url: str, source_info: Mapping[str, str]) -> str:
    """Return `url` with ``source`` and ``version`` appended to its query, as the JavaScript client does."""
    query = urlencode({name: source_info[name] for name in ("source", "version") if source_info.get(name)})
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{query}"


def check_websocket_url(url: str, *, what: str) -> None:
    """
    Refuse an address that a conversation must not go to.

    Args:
        url: The address.
        what: What to call it in the error; its query is never shown.

    Raises:
        ValueError: If it is neither `wss://` nor `ws://` to loopback.
    """
    if not (_host(url, {"wss"}) or is_loopback(_host(url, {"ws"}))):
        raise ValueError(f"{what} must be wss://, or ws:// to loopback, not {_origin(url)!r}")


def is_loopback(host: str) -> bool:
    """Return whether `host`, a name or an address without brackets, never leaves this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(url: str) -> str:
    """Return the host of `url` without brackets, ``""`` if it has none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def masked(text: str) -> str:
    """Return `text` with signatures, tokens, keys and passwords replaced by ``***``."""
    return _SECRET.sub(r"\1***", text)


def one_line(text: str, *, limit: int = 200) -> str:
    """Return somebody else's `text` fit for an error: one line, printable, masked, at most `limit` characters."""
    printable = "".join(char if char.isprintable() else " " for char in text[: 4 * limit])
    return masked(" ".join(printable.split()))[:limit]


def _host(url: str, schemes: set[str]) -> str:
    """Return the host, ``""`` unless `url` is whole and of one of `schemes`."""
    try:
        parts = urlsplit(url)
        parts.port  # noqa: B018  raises where it is no number
    except ValueError:
        return ""
    clean = url.isascii() and url.isprintable() and " " not in url
    return (parts.hostname or "") if clean and parts.scheme in schemes else ""


def _origin(url: str) -> str:
    """Return the part of `url` that cannot hold a secret."""
    return one_line(re.split(r"[?#]", url, maxsplit=1)[0].rsplit("@", 1)[-1], limit=80)
