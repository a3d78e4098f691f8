"""What systemd is told: sd_notify(3), in its few lines."""

from __future__ import annotations

import socket
from collections.abc import Mapping


class Notifier:
    """
    Tell systemd how it goes; without systemd, nobody. Never fails: a word that does not arrive is no reason to stop.

    Args:
        environ: Holds ``NOTIFY_SOCKET``, if somebody wants to know.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        address = environ.get("NOTIFY_SOCKET", "")
        # A leading @ stands for the NUL of an abstract address.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address

    def ready(self, status: str) -> None:
        """Say that requests are answered now."""
        self._send(f"READY=1\nSTATUS={_one_line(status)}")

    def status(self, status: str) -> None:
        """Say in words how it goes; `systemctl status` shows it."""
        self._send(f"STATUS={_one_line(status)}")

    def stopping(self) -> None:
        """Say that the end has begun."""
        self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._address:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as outward:
                outward.sendto(text.encode(), self._address)
        except OSError:
            return


def _one_line(text: str) -> str:
    """Return `text` as one value: a line break would begin another assignment."""
    return " ".join(text.split())
