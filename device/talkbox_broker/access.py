"""
The access log: one line a request, without secrets. Pure.

Method, path, agent, status, milliseconds, uid; and why, where it was refused. No other part of a request or an answer
is ever logged: a query may hold what somebody pasted, and the answer is a secret.
"""

from __future__ import annotations

import logging
import re

from .refusals import quoted

_PLAIN = re.compile(r"[A-Za-z0-9_./-]{1,64}")


def level(status: int, *, quiet: bool) -> int:
    """Return how much an answer matters to whoever reads the journal; `quiet` = not, while all is well."""
    if status >= 400:
        return logging.WARNING
    return logging.DEBUG if quiet else logging.INFO


def line(*, method: str, path: str, agent: str, status: int, took_s: float, uid: int | None, why: str) -> str:
    """
    Return the line for one request. What a client chose itself is shortened and escaped.

    Args:
        method: Of the request.
        path: Of the request, without its query.
        agent: That was asked for; ``""`` = none.
        status: Of the answer.
        took_s: From the request to the answer.
        uid: Of the client, `None` if it was gone too soon.
        why: It was refused; ``""`` = it was not.
    """
    user = "unknown" if uid is None else uid
    asked = " ".join(_shown(word) for word in (method, path, agent) if word)
    said = f"{asked} {status} {took_s * 1000:.0f} ms uid {user}"
    return f"{said}: {why}" if why else said


def _shown(word: str) -> str:
    return word if _PLAIN.fullmatch(word) else quoted(word)
