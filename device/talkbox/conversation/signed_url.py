"""
Signed URLs for private agents, from the owner's endpoint or the broker. The only module here that knows `requests`.

The endpoint is ``https://…``, ``http://`` to loopback, or ``unix:/path/of/a.sock``, which is asked for
``/signed-url``; each with ``?agent_id=…``. It answers ``{"signed_url": "wss://…"}``, or the URL as plain text. A
signed URL is a secret that lives 15 minutes: it is fetched for each session, and never shown or logged.
"""

from __future__ import annotations

import asyncio
import functools
import json
import socket
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

import requests
import requests_unixsocket

from talkbox.errors import ConfigError, SessionError, SessionRefused, SessionTimeout, SessionUnreachable

from .failures import refusal_reason, refusal_word, unreachable
from .tools import in_thread
from .urls import check_websocket_url, is_loopback, masked, one_line

_MAX_ANSWER_BYTES = 64 * 1024

_HINTS = {
    401: "check this device's token, and the API key of the endpoint",
    403: "check that this device may use the agent, and the API key of the endpoint",
    404: "check agent.agent_id and agent.signed_url_from",
    429: "too many requests, or the quota is spent: wait, or raise the plan's limit",
}


def check_source(source: str) -> None:
    """
    Refuse an endpoint that a secret must not come from.

    Raises:
        ConfigError: If it is not ``https://``, ``http://`` to loopback, or ``unix:`` with an absolute path.
    """
    try:
        parts = urlsplit(source)
        host, _port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigError(f"signed_url_from is not an address: {masked(source)!r}") from error
    usable = {
        "https": bool(host),
        "http": is_loopback(host),
        "unix": parts.path.startswith("/") and not parts.netloc,
    }
    if not usable.get(parts.scheme, False):
        raise ConfigError(
            f"signed_url_from must be https://, http:// to loopback, or unix:/path, not {masked(source)!r}",
            hint="name the broker's socket, for example unix:/run/talkbox-broker/http.sock",
        )


async def fetch_signed_url(
    source: str, *, agent_id: str, headers: Mapping[str, str] | None = None, timeout_s: float = 10.0
) -> str:
    """
    Return a fresh signed URL for `agent_id`. Asks in a thread; canceling leaves the thread to itself.

    Args:
        source: The endpoint; see the top of this module.
        agent_id: The agent to talk to.
        headers: Sent along, a token for instance. A secret.
        timeout_s: For the whole of it.

    Raises:
        ConfigError: If `source` or a header cannot be used.
        SessionRefused: If the endpoint says no.
        SessionUnreachable: If there is no way to it.
        SessionTimeout: If it takes too long.
        SessionError: If what it answers is not a signed URL.
    """
    check_source(source)
    try:
        async with asyncio.timeout(timeout_s):
            fetch = functools.partial(_fetch, source, agent_id, dict(headers or {}), timeout_s)
            # Not of the loop's pool, whose threads a program waits for at its end: an endpoint that dribbles a byte now
            # and then keeps its thread for ever.
            return await in_thread(fetch, name="talkbox signed url")
    except TimeoutError as error:
        raise SessionTimeout(f"no signed URL within {timeout_s:g} s from {_shown(source)}") from error


def _fetch(source: str, agent_id: str, headers: dict[str, str], timeout_s: float) -> str:
    url, local = _request_url(source, agent_id)
    with _session(source) as session:
        session.trust_env = not local  # a proxy from the environment is never for this machine
        session.auth = _as_it_is
        try:
            if urlsplit(source).scheme == "unix":
                _try_socket(urlsplit(source).path, timeout_s)
            with session.get(url, headers=headers, timeout=timeout_s, allow_redirects=False, stream=True) as answer:
                body = _read(answer)
                status, phrase = answer.status_code, answer.reason or ""
        except requests.Timeout as error:
            raise SessionTimeout(f"no signed URL within {timeout_s:g} s from {_shown(source)}") from error
        except (requests.exceptions.InvalidHeader, UnicodeError) as error:
            # Not the error's own words: they quote the header.
            raise ConfigError("signed_url_headers holds a header that cannot be sent") from error
        except (requests.RequestException, OSError) as error:
            raise _unreachable(error, source) from error
        except ValueError as error:  # of urllib3: a host that no name can be
            raise ConfigError(f"signed_url_from is not an address: {_shown(source)!r}") from error
    if status != 200:
        raise _refusal(status, body, phrase=phrase, source=source)
    return _signed_url(body, source)


def _try_socket(path: str, timeout_s: float) -> None:
    """Connect once for nothing: where that fails, requests-unixsocket would leave its own socket open."""
    with socket.socket(socket.AF_UNIX) as trial:
        trial.settimeout(timeout_s)
        trial.connect(path)


def _session(source: str) -> requests.Session:
    if urlsplit(source).scheme != "unix":
        return requests.Session()
    session: requests.Session = requests_unixsocket.Session()  # type: ignore[no-untyped-call]
    return session


def _read(answer: requests.Response) -> bytes:
    body = b""
    for piece in answer.iter_content(_MAX_ANSWER_BYTES):
        body += piece
        if len(body) > _MAX_ANSWER_BYTES:  # no signed URL is that long
            break
    return body


def _request_url(source: str, agent_id: str) -> tuple[str, bool]:
    """Return what to ask for, and whether it stays on this machine."""
    parts = urlsplit(source)
    agent = f"agent_id={quote(agent_id, safe='')}"
    if parts.scheme == "unix":
        return f"http+unix://{quote(parts.path, safe='')}/signed-url?{agent}", True
    query = f"{parts.query}&{agent}" if parts.query else agent
    return parts._replace(query=query, fragment="").geturl(), is_loopback(parts.hostname or "")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Authenticate with the headers alone: requests would put a line of ~/.netrc in their place."""
    return request


def _refusal(status: int, body: bytes, *, phrase: str, source: str) -> SessionError:
    """Return what the endpoint says: its error, and its hint where it has one. The broker's are in `talkbox_broker`."""
    reason = f"{_shown(source)}: {refusal_reason(body, phrase=phrase)}"
    hint = refusal_word(body, "hint") or _HINTS.get(status, "look into the endpoint's log")
    # The network's trouble, seen from one step further: the light must not send anybody to look for a key.
    if status == 504:
        return SessionTimeout(reason, hint=hint)
    if refusal_word(body, "code") == "unreachable":
        return SessionUnreachable(reason, hint=hint)
    return SessionRefused(status=status, reason=reason, hint=hint)


def _unreachable(error: BaseException, source: str) -> SessionUnreachable:
    """Find the system's error below those of requests and urllib3, each of which wraps the next."""
    below: BaseException | None = error
    for _ in range(10):
        if below is None:
            break
        if isinstance(below, OSError) and not isinstance(below, requests.RequestException):
            return unreachable(below, host=_shown(source))
        inner = next((arg for arg in below.args if isinstance(arg, BaseException)), None)
        below = inner or getattr(below, "reason", None) or below.__cause__ or below.__context__
    return SessionUnreachable(f"no connection to {_shown(source)}: {type(error).__name__}")


def _signed_url(body: bytes, source: str) -> str:
    text = body.decode("utf-8", "replace").strip()
    try:
        answer: object = json.loads(text)
    except (ValueError, RecursionError):
        answer = text
    if isinstance(answer, dict):
        answer = answer.get("signed_url")
    try:
        check_websocket_url(answer if isinstance(answer, str) else "", what="a signed URL")
    except ValueError as error:
        raise SessionError(
            f"the answer of {_shown(source)} is not a signed URL: {error}",
            hint='the endpoint must answer {"signed_url": "wss://…"}',
        ) from error
    return str(answer)


def _shown(source: str) -> str:
    """Return the endpoint's name for a message: no query, no user."""
    parts = urlsplit(source)
    return one_line(parts.path if parts.scheme == "unix" else parts.hostname or "")
