"""journald's side of its native protocol."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Self

from tests.support.programs import PATIENCE_S


class JournaldStandIn:
    """Its end of the socket, at `path`. For integration tests."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(PATIENCE_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def entry(self) -> dict[str, str]:
        """Wait for the next entry."""
        payload, files, _, _ = socket.recv_fds(self._socket, 300_000, 1)
        if files:
            assert payload == b""
            with os.fdopen(files[0], "rb") as file:
                file.seek(0)
                payload = file.read()
        return parsed(payload)

    def messages(self) -> list[str]:
        """Return what is there by now."""
        self._socket.settimeout(0.0)
        found = []
        try:
            while True:
                found.append(self.entry()["MESSAGE"])
        except BlockingIOError:
            self._socket.settimeout(PATIENCE_S)
            return found

    def stop(self) -> None:
        """Close it, and be gone."""
        self._socket.close()
        self.path.unlink(missing_ok=True)


def parsed(entry: bytes) -> dict[str, str]:
    """Read a datagram as journald does (systemd.io/JOURNAL_NATIVE_PROTOCOL)."""
    fields = {}
    while entry:
        name, separator, rest = entry.partition(b"\n")
        assert separator
        if b"=" in name:
            name, _, value = name.partition(b"=")
            entry = rest
        else:
            length = int.from_bytes(rest[:8], "little")
            value, end, entry = rest[8 : 8 + length], rest[8 + length : 9 + length], rest[9 + length :]
            assert end == b"\n"
        fields[name.decode()] = value.decode()
    return fields
