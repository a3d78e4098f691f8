"""The socket to answer on: systemd's, or one of our own. Knows nothing of what is said on it."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path

from .errors import ListenError

MODE = 0o660
FIRST_INHERITED = 3
_BACKLOG = 128
_PROBE_S = 1.0


def inherited(environ: MutableMapping[str, str], *, pid: int, first: int = FIRST_INHERITED) -> socket.socket | None:
    """
    Return the socket that systemd hands over (sd_listen_fds), `None` if it hands none to this very process.

    Args:
        environ: Its variables are taken out: they are not for anybody that we would start.
        pid: Our own.
        first: The file descriptor it comes as.

    Raises:
        ListenError: If it is not exactly one listening unix socket.
    """
    said = {name: environ.pop(name, "") for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")}
    if said["LISTEN_PID"] != str(pid):
        return None
    hint = "talkbox-broker.socket needs one ListenStream= with a path"
    if said["LISTEN_FDS"] != "1":
        raise ListenError(f"systemd must hand over one socket, not {said['LISTEN_FDS'] or 'none'}", hint=hint)
    try:
        listener = socket.socket(fileno=first)
        listening = listener.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise ListenError(f"what systemd hands over is not a socket: {error.strerror}", hint=hint) from error
    if listener.family != socket.AF_UNIX or listener.type != socket.SOCK_STREAM or not listening:
        listener.close()
        # Over TCP everybody could ask: there are no tokens yet.
        raise ListenError("what systemd hands over is not a listening unix stream socket", hint=hint)
    listener.set_inheritable(False)
    return listener


@contextmanager
def bound(path: Path) -> Iterator[socket.socket]:
    """
    Listen on `path`, for this user and its group; it is gone again afterwards.

    Raises:
        ListenError: If something is in the way, or it cannot be made.
    """
    try:
        _make_way(path)
        listener = _bound(path)
    except OSError as error:
        hint = "the folder must exist, and be writable"
        raise ListenError(f"cannot listen on {path}: {(error.strerror or str(error)).lower()}", hint=hint) from error
    try:
        yield listener
    finally:
        listener.close()
        with suppress(FileNotFoundError):
            path.unlink()


def group_of(listener: socket.socket) -> int:
    """
    Return the group that a unix socket's file belongs to: its members may ask.

    Raises:
        ListenError: If its path cannot be seen from here, so that nobody knows who may.
    """
    path = listener.getsockname()
    try:
        return Path(os.fsdecode(path)).stat().st_gid
    except (OSError, ValueError) as error:
        raise ListenError(
            f"cannot see the socket {path!r}, whose group says who may ask",
            hint="a path in the file system is needed, and a unit that does not hide it",
        ) from error


def _bound(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mode is right from the first moment on. There is no other thread yet that could make a file meanwhile.
    before = os.umask(0o777 & ~MODE)
    try:
        listener.bind(os.fspath(path))
    except BaseException:
        listener.close()
        raise
    finally:
        os.umask(before)
    listener.listen(_BACKLOG)
    return listener


def _make_way(path: Path) -> None:
    """Remove a dead process's socket; leave everything else."""
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        raise ListenError(f"{path} is in the way, and is not a socket", hint="move it away, or choose another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PROBE_S)
        try:
            probe.connect(os.fspath(path))
        except ConnectionRefusedError:
            path.unlink()
            return
        except (BlockingIOError, TimeoutError):
            pass  # alive, but too busy to take another client
    raise ListenError(f"{path} is in use by another process", hint="stop it, or choose another path")
