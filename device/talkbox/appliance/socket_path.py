"""
The path of a unix socket: taken all at once, from nobody who is alive, and given back.

Knows nothing of what is said on it.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from talkbox.errors import ControlSocketInUse

MODE = 0o660
_PROBE_S = 1.0


@contextmanager
def listening(path: Path, *, backlog: int) -> Iterator[socket.socket]:
    """
    Listen on `path`, which appears complete: bound elsewhere, then renamed. It is gone again afterwards.

    Raises:
        ControlSocketInUse: If another process answers there, something else is in the way, or it cannot be made.
    """
    try:
        with _folder_locked(path.parent):
            _make_way(path)
            listener = _bound(path, backlog=backlog)
    except FileNotFoundError as error:
        hint = f"make it (`mkdir -p {path.parent}`), or choose another with --set control.socket=PATH"
        raise ControlSocketInUse(f"no folder for the control socket: {path.parent}", hint=hint) from error
    except OSError as error:
        hint = "the folder must be writable; or choose another with --set control.socket=PATH"
        raise ControlSocketInUse(
            f"cannot make the control socket {path}: {error.strerror or error}", hint=hint
        ) from error
    mine = path.stat().st_ino
    try:
        yield listener
    finally:
        listener.close()
        with suppress(FileNotFoundError):
            if path.stat().st_ino == mine:
                path.unlink()


@contextmanager
def _folder_locked(folder: Path) -> Iterator[None]:
    """Keep two that start at once from each taking the other's stale socket away. Held for less than a moment."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _bound(path: Path, *, backlog: int) -> socket.socket:
    made = path.with_name(f"{path.name}.new")
    if made.is_socket():
        made.unlink()  # somebody died between the two steps below
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(os.fspath(made))
        made.chmod(MODE)
        listener.listen(backlog)
        made.rename(path)
    except BaseException:
        listener.close()
        raise
    return listener


def _make_way(path: Path) -> None:
    """
    See that nobody answers on `path`; a dead process's socket may be replaced.

    Raises:
        ControlSocketInUse: If somebody does, or it is not a socket.
    """
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        hint = "move it away if it is yours to move, or choose another path with --set control.socket=PATH"
        raise ControlSocketInUse(f"{path} is in the way, and is not a socket", hint=hint)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE_S)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            return
        except (BlockingIOError, TimeoutError):  # alive, but too busy to take another client
            who = "another process"
        else:
            who = _peer(probe)
    hint = "stop it (`systemctl stop talkbox`), or give this one its own with --set control.socket=PATH"
    raise ControlSocketInUse(f"control socket {path} is in use by {who}", hint=hint)


def _peer(connection: socket.socket) -> str:
    """Name the process at the other end of `connection`."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    pid, _uid, _gid = struct.unpack("3i", credentials)
    try:
        name = Path(f"/proc/{pid}/comm").read_text("utf-8").strip()
    except OSError:
        return f"process {pid}"
    return f"process {pid} ({name})"
