"""
What a log, a report or a terminal may show: no secret, and no character that moves the cursor.

Pure. Whoever writes text that others will read passes it through here last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

MASK = "***"

# Looked for from the beginning of a word, and without a second thought (`(?>`, `++`): else text that is made for it,
# which the agent may be asked to say, takes minutes, and the event loop with it.
_KEY = r"(?:(?>[\w-]*?secret__)[\w-]++|[\w-]*(?:token|api[_-]?key|secret|password|passwd|signature))"
_HEADER = r"(?:xi-api-key|x-api-key|(?:proxy-)?authorization)"
_SECRETS = tuple(
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        # wss://user:password@host
        (r"(://)[^/\s@'\"]+@", rf"\1{MASK}@"),
        # ?conversation_signature=..., token=..., password: ...; and within another URL's query
        (rf"((?<![\w-]){_KEY}\s*(?:[=:]|%3d)\s*['\"]?)[^&\s'\",;)\]}}]+", rf"\1{MASK}"),
        # https://host/path?key=..., &sig=...: only there is so short a name a secret
        (r"([?&][\w-]*(?:key|sig|auth|pass|pwd|code)=)[^&\s'\"]+", rf"\1{MASK}"),
        # "token": "...", ('xi-api-key', '...')
        (rf"(['\"]{_KEY}['\"]\s*[:,=]\s*b?(['\"]))(?:\\.|(?!\2).)*\2", rf"\1{MASK}\2"),
        # xi-api-key: ..., Authorization: Basic ...
        (
            rf"(\b{_HEADER}\b['\"]?\s*[:=,]\s*(?:b?['\"])?)(?:(?:basic|bearer|digest|token|negotiate|ntlm)\s+)?[^\s'\",]+",
            rf"\1{MASK}",
        ),
        (r"(\bbearer\s+)[^\s'\",]+", rf"\1{MASK}"),
        (r"\bsk[_-][A-Za-z0-9_-]{6,}", f"sk_{MASK}"),
    )
)
# C0, DEL, C1; what breaks lines; what reverses them; half a character.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SHORTEST_SECRET = 4


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """
    Return `text` with every secret in it replaced.

    Args:
        text: Anything.
        secrets: Values known to be secret, besides what looks like one. Shorter than 4 characters are left alone:
            they would turn up everywhere.
    """
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= _SHORTEST_SECRET:
            text = text.replace(secret, MASK)
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def printable(text: str) -> str:
    r"""Return `text` on one line, with control characters as ``\n`` and ``\x1b`` show them."""
    return _UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), text)
