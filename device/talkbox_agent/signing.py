"""Signed URLs: proof that somebody who knows the key allowed a conversation, for a while. Pure."""

from __future__ import annotations

import hmac

LIFETIME_S = 15 * 60.0


def sign(agent_id: str, *, secret: bytes, now_s: float) -> str:
    """Give a signature that is good for `LIFETIME_S`; ``secret`` never leaves the process."""
    expires_s = int(now_s + LIFETIME_S)
    return f"{expires_s}.{_mac(agent_id, expires_s, secret)}"


def flaw(signature: str, agent_id: str, *, secret: bytes, now_s: float) -> str:
    """Say what is wrong with a signature; ``""`` if it is good."""
    expires, _, mac = signature.partition(".")
    if not (expires.isascii() and expires.isdigit() and len(expires) <= 20):
        return "invalid signature"
    if not hmac.compare_digest(mac.encode(), _mac(agent_id, int(expires), secret).encode()):
        return "invalid signature"
    return "expired signature" if now_s > int(expires) else ""


def _mac(agent_id: str, expires_s: int, secret: bytes) -> str:
    return hmac.digest(secret, f"{expires_s}.{agent_id}".encode(), "sha256").hex()
