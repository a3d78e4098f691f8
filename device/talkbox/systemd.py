"""
What systemd and a service say to each other: news by datagram, a watchdog to feed.

sd_notify(3), without a library. Refuses to know what the news is about. Without systemd none of it
is there, and nothing fails.
"""

from __future__ import annotations

import logging
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress

from .masking import printable

log = logging.getLogger(__name__)

Send = Callable[[str, bytes], None]

SEND_LIMIT_S = 0.2
"""How long a datagram may wait for a systemd that is busy. The event loop waits with it."""


class Notifier:
    """
    Tells systemd how this service is. Never raises: news that nobody takes is lost.

    Args:
        address: As ``NOTIFY_SOCKET`` has it, a path or ``@`` and an abstract name; ``""``: there is nobody to tell.
        send: Sends one datagram; raises `OSError`.
    """

    def __init__(self, address: str, *, send: Send | None = None) -> None:
        self._address = socket_address(address)
        self._send = send or _send

    def ready(self, status: str) -> None:
        """Say that the service is up, and in words what it does."""
        self._tell(READY="1", STATUS=status)

    def status(self, status: str) -> None:
        """Say in words what the service does now: what `systemctl status` shows."""
        self._tell(STATUS=status)

    def alive(self) -> None:
        """Feed the watchdog."""
        self._tell(WATCHDOG="1")

    def stopping(self, status: str) -> None:
        """Say that the service is on its way out. The watchdog asks for nothing more from now on."""
        self._tell(STOPPING="1", STATUS=status)

    def _tell(self, **news: str) -> None:
        if not self._address:
            return
        try:
            self._send(self._address, datagram(news))
        except OSError as error:
            log.debug("= systemd was not told %s: %s", ", ".join(news), error)


def notifier(environ: Mapping[str, str] = os.environ) -> Notifier:
    """Return what tells the systemd that started this process; or nobody."""
    return Notifier(environ.get("NOTIFY_SOCKET", ""))


def watchdog_s(environ: Mapping[str, str], *, pid: int) -> float | None:
    """
    Return within how many seconds systemd wants to hear from process `pid`, again and again; `None`: it does not.

    Args:
        environ: With ``WATCHDOG_USEC`` and ``WATCHDOG_PID``, which a child inherits and must not obey.
        pid: This process.
    """
    if environ.get("WATCHDOG_PID", str(pid)) != str(pid):
        return None
    with suppress(ValueError):
        limit_us = int(environ.get("WATCHDOG_USEC", "0"))
        return limit_us / 1e6 if limit_us > 0 else None
    return None


def socket_address(text: str) -> str:
    r"""Return the address of a unix socket as the kernel wants it; ``""`` for one of a kind that we cannot reach."""
    if text.startswith("@"):
        return f"\0{text[1:]}"
    return text if text.startswith("/") else ""


def datagram(news: Mapping[str, str]) -> bytes:
    """Return `news` as sd_notify(3) has it: ``NAME=value``, a line each."""
    return "\n".join(f"{name}={printable(value)}" for name, value in news.items()).encode("utf-8")


def _send(address: str, message: bytes) -> None:
    # A socket for each: once in seconds that costs nothing, and a systemd that was started anew is found again.
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(SEND_LIMIT_S)
        sender.sendto(message, address)
