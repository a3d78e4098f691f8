"""
Who is at the other end of a unix socket, as the kernel tells it; and who may ask.

The socket's mode, 0660, keeps everybody else from connecting at all. This is the second lock, for the day when somebody
gets the mode wrong: what is asked for here is paid for with the owner's key.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from typing import Protocol

_SO_PEERGROUPS = 59  # asm-generic/socket.h; Python has no name for it
_CREDENTIALS = struct.Struct("3i")
_MAX_GROUPS = 256  # Python's getsockopt reads 1024 bytes at most


class HasOptions(Protocol):
    """A connected unix socket, or what asyncio shows of one."""

    def getsockopt(self, level: int, option: int, length: int, /) -> bytes:
        """Return one option."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A process as it was when it connected; `gids` are all its groups."""

    uid: int
    gids: frozenset[int]


def peer_of(connection: HasOptions) -> Peer:
    """Ask the kernel who connected."""
    _pid, uid, gid = _CREDENTIALS.unpack(
        connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    )
    try:
        groups = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, 4 * _MAX_GROUPS)
    except OSError:  # an old kernel, or somebody with more groups: their first one counts
        groups = b""
    return Peer(uid=uid, gids=frozenset({gid, *(one for (one,) in struct.iter_unpack("I", groups))}))


def may_ask(peer: Peer, *, own_uid: int, socket_gid: int) -> bool:
    """Let in root, ourselves, and the members of the socket's group."""
    return peer.uid in (0, own_uid) or socket_gid in peer.gids
