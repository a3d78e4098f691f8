"""
The way into the journal: entries with fields, over journald's own socket.

Logging must not cost the device its life: nothing here waits, and nothing raises. What journald does not take now (it
restarts, or its queue is full) is kept until the next record, the newest megabyte of it; what is lost is counted, and
said.
"""

from __future__ import annotations

import errno
import fcntl
import logging
import os
import socket
import termios
import time
from array import array
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .log_fields import IDENTIFIER, datagram, journal_fields

SOCKET = Path("/run/systemd/journal/socket")
MOST_KEPT_BYTES = 1024 * 1024

_PATIENCE_S = 0.5
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


class JournalSocket:
    """
    Hand datagrams to journald, in order, and never wait for it.

    Not safe for several threads at once; `JournalHandler` has a lock.

    Args:
        path: journald's socket. It need not be there yet, and may come and go.

    Attributes:
        lost: Entries that were not kept, and have not been told of yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._kept: deque[bytes] = deque()
        self._kept_bytes = 0
        self.lost = 0

    def send(self, entry: bytes) -> None:
        """Send what was kept, then ``entry``; keep what is not taken."""
        self._keep(entry)
        self.flush()

    def flush(self) -> None:
        """Send as much of what was kept as is taken."""
        while self._kept and self._sent(self._kept[0]):
            self._kept_bytes -= len(self._kept.popleft())
        if self.lost and not self._kept and self._sent(_told_of(self.lost)):
            self.lost = 0

    def close(self) -> None:
        """
        Send what was kept, wait until journald has read it, both for half a second at most, and let go of the socket.

        Only this waits: the program ends. journald looks up who is talking when it reads, and of a process that is gone
        by then it does not know the unit.
        """
        until_s = time.monotonic() + _PATIENCE_S
        self.flush()
        while (self._kept or self._unread()) and time.monotonic() < until_s:
            time.sleep(_PATIENCE_S / 50)
            self.flush()
        self._socket.close()

    def _unread(self) -> bool:
        """Tell whether something that was sent is still in journald's queue (SIOCOUTQ, which is TIOCOUTQ by number)."""
        return any(fcntl.ioctl(self._socket, termios.TIOCOUTQ, bytes(4)))

    def _keep(self, entry: bytes) -> None:
        self._kept.append(entry)
        self._kept_bytes += len(entry)
        while self._kept_bytes > MOST_KEPT_BYTES:
            self._kept_bytes -= len(self._kept.popleft())
            self.lost += 1

    def _sent(self, entry: bytes) -> bool:
        try:
            # By name each time: a journald that was restarted has a new socket.
            self._socket.sendto(entry, self._path)
        except OSError as error:
            return error.errno in (errno.EMSGSIZE, errno.ENOBUFS) and self._sent_as_file(entry)
        return True

    def _sent_as_file(self, entry: bytes) -> bool:
        """Send what is too long for a datagram in memory that can no longer be changed, as the protocol has it."""
        try:
            file = os.memfd_create("talkbox-journal-entry", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
            try:
                os.write(file, entry)
                fcntl.fcntl(file, fcntl.F_ADD_SEALS, _SEALS)
                # Not `socket.send_fds`: in Python 3.11 it forgets the address.
                rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array("i", [file]))
                self._socket.sendmsg([], [rights], 0, self._path)
            finally:
                os.close(file)
        except OSError:
            return False
        return True


class JournalHandler(logging.Handler):
    """
    A logging handler that makes a journal entry, with fields, of each record.

    Args:
        path: journald's socket.
        secrets: Values never to be shown, besides what looks like a secret.
        standing: Gives the fields that every entry bears for now.
    """

    def __init__(
        self, path: Path = SOCKET, *, secrets: Sequence[str] = (), standing: Callable[[], dict[str, object]] = dict
    ) -> None:
        super().__init__()
        self._journal, self._secrets, self._standing = JournalSocket(path), tuple(secrets), standing

    def emit(self, record: logging.LogRecord) -> None:
        """Send one record."""
        try:
            self._journal.send(datagram(journal_fields(record, standing=self._standing(), secrets=self._secrets)))
        except Exception:  # noqa: BLE001  a record that cannot be put into words must not end who logged it
            self.handleError(record)

    def flush(self) -> None:
        """Send what was kept, as far as journald takes it now."""
        with self._held():
            self._journal.flush()

    def close(self) -> None:
        """Send what was kept, and let go of the socket; a journald that takes nothing is left after half a second."""
        with self._held():
            self._journal.close()
        super().close()

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Keep other threads out, as `handle` does around `emit`."""
        self.acquire()
        try:
            yield
        finally:
            self.release()


def _told_of(lost: int) -> bytes:
    return datagram(
        {
            "MESSAGE": f"log entries lost: {lost}; journald did not take them",
            "PRIORITY": "4",
            "SYSLOG_IDENTIFIER": IDENTIFIER,
            "TALKBOX_EVENT": "log_lost",
        }
    )
