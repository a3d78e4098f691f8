"""From what the network says to what this firmware raises, each with its remedy. Pure."""

from __future__ import annotations

import errno
import json
import re
import socket
import ssl

from talkbox.errors import SessionUnreachable

from .urls import one_line

_CERTIFICATE = {
    # OpenSSL's X509_V_ERR_*
    9: "the certificate is not valid yet: this machine's clock is wrong; `timedatectl` shows it",
    10: "the certificate has expired: check this machine's clock, then the server",
    18: "the certificate is self-signed: a proxy may be reading along, or the server is not the right one",
    19: "the certificate's root is not trusted: install its authority, or check for a proxy",
    20: "the certificate's issuer is not known: install ca-certificates, or check for a proxy",
    62: "the certificate is for another host: check agent.server",
}

_ERRNO = {
    errno.ECONNREFUSED: "nothing listens there: check the address and the port",
    errno.ENETUNREACH: "there is no network: check the cable or the Wi-Fi",
    errno.EHOSTUNREACH: "there is no route to it: check the network",
    errno.ENETDOWN: "the network is down: check the cable or the Wi-Fi",
    errno.ETIMEDOUT: "it does not answer: check the network and the firewall",
    errno.ECONNRESET: "it hung up: check the port, whether it speaks TLS, and the firewall",
    errno.ENOENT: "there is no such socket: is the program that makes it running?",
    errno.EACCES: "this user may not: check the groups of the service",
}


def unreachable(error: OSError, *, host: str) -> SessionUnreachable:
    """Return why there is no way to `host`, with a hint that tells name, route, certificate and clock apart."""
    match error:
        case ssl.SSLCertVerificationError():
            reason = getattr(error, "verify_message", "") or "not trusted"
            hint = _CERTIFICATE.get(getattr(error, "verify_code", 0), "check the server's certificate")
            return SessionUnreachable(f"the certificate of {host} is refused: {one_line(reason)}", hint=hint)
        case ssl.SSLError():
            reason = getattr(error, "reason", "") or str(error)
            return SessionUnreachable(
                f"no secure connection to {host}: {one_line(reason)}",
                hint="check that the server speaks TLS on that port, and that no proxy is in between",
            )
        case socket.gaierror():
            return SessionUnreachable(
                f"the name {host} cannot be resolved: {one_line(error.strerror or str(error))}",
                hint="check the network, its DNS, and the spelling of the host",
            )
        case _:
            found = _number(error)
            reason = errno.errorcode.get(found, "") or one_line(str(error)) or type(error).__name__
            return SessionUnreachable(f"no connection to {host}: {reason}", hint=_ERRNO.get(found))


def _number(error: OSError) -> int:
    """Return the errno of `error`, 0 if there is none."""
    if error.errno:
        return error.errno
    if isinstance(error, ConnectionResetError):  # asyncio raises it bare when a peer leaves during TLS
        return errno.ECONNRESET
    # Where several addresses were tried, asyncio's error has only a text.
    return next((int(number) for number in re.findall(r"\[Errno (\d+)]", str(error))), 0)


def refusal_reason(body: bytes, *, phrase: str) -> str:
    """
    Return what an HTTP refusal says, in one line.

    Args:
        body: The answer's body: the service's JSON (`detail`), plain text, or a page in HTML, which is ignored.
        phrase: The status line's words, for when the body says nothing.
    """
    text = body[:10_000].decode("utf-8", "replace").strip()
    try:
        detail: object = json.loads(text)
    except (ValueError, RecursionError):
        return one_line(phrase if not text or text.startswith("<") else text)
    # {"detail": {"status": "…", "message": "…"}}, and the shapes around it.
    for key in ("detail", "error", "message"):
        if isinstance(detail, dict):
            detail = detail.get(key, detail)
    return one_line(detail) if isinstance(detail, str) and detail else one_line(phrase)


def refusal_word(body: bytes, name: str) -> str:
    """Return what an HTTP refusal says beside its reason, the broker's `hint` or `code`; ``""`` if nothing."""
    try:
        answer: object = json.loads(body[:10_000])
    except (ValueError, RecursionError):
        return ""
    word = answer.get(name) if isinstance(answer, dict) else None
    return one_line(word) if isinstance(word, str) else ""
