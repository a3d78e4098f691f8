"""
Why a request gets no signed URL: one `Refused` for each reason, with its remedy. Pure.

What a client is told is written here, and nothing that the service says reaches it unless it went through `_quoted`.
"""

from __future__ import annotations

import errno
import json
import re
import socket
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum, auto
from http import HTTPStatus

from .credential import ApiKey

_MAX_QUOTED_CHARACTERS = 160
_LONGEST_RETRY_S = 3600
_USUAL_RETRY_S = 30
_SETUP = "`sudo /opt/talkbox/setup/provisioning/setup.sh --api-key-file -` asks for another"


class Code(StrEnum):
    """A refusal in one word, for programs."""

    BAD_REQUEST = auto()
    NOT_FOUND = auto()
    NOT_ALLOWED = auto()
    UNKNOWN_AGENT = auto()
    TOO_MANY_REQUESTS = auto()
    NO_KEY = auto()
    KEY_REFUSED = auto()
    NO_SUCH_AGENT = auto()
    SERVICE_FAILED = auto()
    UNREACHABLE = auto()
    TIMEOUT = auto()
    BROKEN = auto()


class Refused(Exception):
    """
    A request gets no signed URL. ``str(error)`` is what the client is told.

    Attributes:
        status: HTTP status of the answer.
        code: The reason in one word.
        hint: The remedy.
        retry_after_s: When asking again may help, `None` where time does not.
    """

    def __init__(self, status: int, code: Code, error: str, *, hint: str, retry_after_s: int | None = None) -> None:
        super().__init__(error)
        self.status, self.code, self.hint, self.retry_after_s = HTTPStatus(status), code, hint, retry_after_s


def unknown_agent(agent_id: str) -> Refused:
    """Say that an agent is not on the list."""
    return Refused(
        403,
        Code.UNKNOWN_AGENT,
        f"the broker gives nothing for agent {quoted(agent_id)}",
        hint="add the agent to agents in /etc/talkbox/broker.toml, then `sudo systemctl restart talkbox-broker`",
    )


def too_many_requests(*, wait_s: float) -> Refused:
    """Say that the broker's own limit is reached."""
    retry_s = max(1, min(_LONGEST_RETRY_S, int(wait_s) + 1))
    return Refused(
        429,
        Code.TOO_MANY_REQUESTS,
        "too many requests to the broker",
        hint=f"wait {retry_s} s; a button asks once a press: see who else asks with `journalctl -u talkbox-broker`",
        retry_after_s=retry_s,
    )


def no_key(why: str) -> Refused:
    """Say that the broker has no key to ask with."""
    return Refused(503, Code.NO_KEY, f"the broker has {why}", hint=_SETUP)


def timed_out(host: str, *, after_s: float) -> Refused:
    """Say that the service stalls."""
    return Refused(
        504,
        Code.TIMEOUT,
        f"no signed URL within {after_s:g} s from {host}",
        hint="check the network, then press the button again",
    )


def refused_by_service(status: int, headers: Mapping[str, str], body: bytes, *, host: str, key: ApiKey) -> Refused:
    """
    Translate an answer of the service that is no 200.

    Args:
        status: Its HTTP status.
        headers: Its headers.
        body: The beginning of its body.
        host: The service's host.
        key: The key it was asked with: masked, should the service quote it.
    """
    said = _quoted(body, key)
    match status:
        case 401 | 403:
            return Refused(502, Code.KEY_REFUSED, f"key refused by {host}{said}", hint=f"check the API key: {_SETUP}")
        case 404:
            return Refused(
                404,
                Code.NO_SUCH_AGENT,
                f"no such agent at {host}{said}",
                hint="check agent.agent_id, that the key's account has it, and broker.server",
            )
        case 429:
            return Refused(
                429,
                Code.TOO_MANY_REQUESTS,
                f"too many requests to {host}{said}",
                hint="wait; or the quota is spent: raise the plan's limit",
                retry_after_s=retry_after_s(headers.get("Retry-After", ""), date=headers.get("Date", "")),
            )
        case _ if 300 <= status < 400:
            # Not followed: the key would go along.
            return _failed(f"{host} answers with a redirect ({status})", hint="check broker.server")
        case _ if status >= 500:
            return _failed(
                f"{host} fails ({status}){said}", hint="it is the service's own trouble: wait, then try again"
            )
        case _:
            return _failed(
                f"{host} does not take the request ({status}){said}", hint="check broker.server and the agent's id"
            )


def no_signed_url(why: str, *, host: str) -> Refused:
    """Say that the service answered 200 with something else."""
    return _failed(f"the answer of {host} is not a signed URL: {why}", hint="check broker.server")


def unreachable(error: Exception | str, *, host: str) -> Refused:
    """Say why there is no way to `host`, with a hint that tells name, route, certificate and clock apart."""
    reason, hint = _reason(error)
    return Refused(502, Code.UNREACHABLE, f"no connection to {host}: {reason}", hint=hint)


def retry_after_s(value: str, *, date: str) -> int:
    """
    Return the seconds that a ``Retry-After`` means, 1 to 3600; a usual time where it means nothing.

    Args:
        value: The header: seconds, or a date.
        date: The ``Date`` header beside it: the service's clock and not ours, which may be wrong.
    """
    if re.fullmatch(r"[0-9]{1,9}", value):
        wait_s = int(value)
    else:
        until, now = _parsed(value), _parsed(date)
        wait_s = int((until - now).total_seconds()) if until and now else _USUAL_RETRY_S
    return max(1, min(_LONGEST_RETRY_S, wait_s))


def quoted(text: str) -> str:
    """Return somebody else's `text` fit for an answer or a log: short, one line, ASCII, in quotes."""
    return ascii(text if len(text) <= _MAX_QUOTED_CHARACTERS else f"{text[:_MAX_QUOTED_CHARACTERS]}…")


def _failed(error: str, *, hint: str) -> Refused:
    return Refused(502, Code.SERVICE_FAILED, error, hint=hint)


def _quoted(body: bytes, key: ApiKey) -> str:
    """Return what the service says about it, in the form ``": '…'"``; ``""`` where it says nothing in words."""
    try:
        detail: object = json.loads(body)
    except (ValueError, RecursionError):
        return ""  # a page in HTML, of a proxy for instance, or a cut answer
    # {"detail": {"status": "…", "message": "…"}}, and the shapes around it.
    for name in ("detail", "message"):
        if isinstance(detail, dict):
            detail = detail.get(name, detail)
    return f": {quoted(key.masked_in(detail))}" if isinstance(detail, str) and detail else ""


_CLOCK = "this machine's clock is wrong, or the certificate has expired: `timedatectl` shows the clock"
_CERTIFICATE_HINTS = {
    # OpenSSL's X509_V_ERR_*
    9: _CLOCK,
    10: _CLOCK,
    18: "the certificate is self-signed: a proxy may be reading along, or broker.server is not the right one",
    19: "install ca-certificates, or check for a proxy",
    20: "install ca-certificates, or check for a proxy",
    62: "the certificate is for another host: check broker.server",
}
_ERRNO_HINTS = {
    errno.ECONNREFUSED: "nothing listens there: check broker.server",
    errno.ENETUNREACH: "there is no network: check the cable or the Wi-Fi",
    errno.EHOSTUNREACH: "there is no route to it: check the network",
    errno.ENETDOWN: "the network is down: check the cable or the Wi-Fi",
    errno.ETIMEDOUT: "it does not answer: check the network and the firewall",
    errno.ECONNRESET: "it hung up: check the firewall, and that broker.server speaks TLS",
}
_NETWORK_HINT = "check the network, then press the button again"


def _reason(error: Exception | str) -> tuple[str, str]:
    match error:
        case str():
            return error, "check broker.server, and that no proxy is in between"
        case ssl.SSLCertVerificationError():
            hint = _CERTIFICATE_HINTS.get(error.verify_code, "check the server's certificate")
            return f"its certificate is refused: {error.verify_message}", hint
        case ssl.SSLError():
            return (
                f"no TLS: {getattr(error, 'reason', None) or 'broken off'}",
                "check broker.server, and that no proxy is in between",
            )
        case socket.gaierror():
            return (
                "its name cannot be resolved",
                "check the network and its DNS, and the spelling of server in /etc/talkbox/broker.toml",
            )
        case OSError():
            name = errno.errorcode.get(error.errno or 0, type(error).__name__)
            return name, _ERRNO_HINTS.get(error.errno or 0, _NETWORK_HINT)
        case _:
            return type(error).__name__, _NETWORK_HINT


def _parsed(date: str) -> datetime | None:
    try:
        return datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    except ValueError:
        return None
