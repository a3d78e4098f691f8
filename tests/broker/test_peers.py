"""Who may ask (`peers`)."""

import errno
import socket
import struct

import pytest

from talkbox_broker.peers import Peer, may_ask, peer_of

TALKBOX, BROKER = 990, 991


class FakeConnection:
    """Answers as the kernel does."""

    def __init__(self, *, uid: int, gid: int, groups: list[int] | None) -> None:
        self._credentials, self._groups = struct.pack("3i", 4711, uid, gid), groups

    def getsockopt(self, level: int, option: int, length: int, /) -> bytes:
        assert level == socket.SOL_SOCKET
        if option == socket.SO_PEERCRED:
            return self._credentials[:length]
        if self._groups is None:
            raise OSError(errno.ERANGE, "Numerical result out of range")
        return struct.pack(f"{len(self._groups)}I", *self._groups)


def test_the_kernel_tells_user_and_groups() -> None:
    peer = peer_of(FakeConnection(uid=1000, gid=1000, groups=[27, TALKBOX]))
    assert peer == Peer(uid=1000, gids=frozenset({1000, 27, TALKBOX}))


def test_where_it_does_not_tell_the_groups_the_first_one_counts() -> None:
    assert peer_of(FakeConnection(uid=1, gid=2, groups=None)) == Peer(uid=1, gids=frozenset({2}))


@pytest.mark.parametrize(
    ("uid", "gids", "allowed"),
    [
        (0, {0}, True),
        (BROKER, {BROKER}, True),
        (TALKBOX, {TALKBOX}, True),
        (1000, {1000, TALKBOX}, True),
        (1000, {1000, BROKER}, False),
        (65534, {65534}, False),
    ],
)
def test_root_the_broker_and_the_sockets_group_may_ask(uid: int, gids: set[int], *, allowed: bool) -> None:
    assert may_ask(Peer(uid=uid, gids=frozenset(gids)), own_uid=BROKER, socket_gid=TALKBOX) is allowed
