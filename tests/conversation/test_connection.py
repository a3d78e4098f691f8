"""A line that is full, on virtual time. What a real WebSocket does is shown by tests/integration/test_conversation*."""

import asyncio
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosedError

from talkbox.conversation.connection import SEND_TIMEOUT_S, WebSocketLink
from talkbox.conversation.ports import Closed
from tests.support.virtual_time import run


class FakeWebSocket:
    """Sends each frame in the time that the frame says, in seconds; its own transport."""

    def __init__(self) -> None:
        self.transport = self
        self.sent: list[bytes] = []
        self.cut_s: list[float] = []
        self._aborted = asyncio.Event()

    async def send(self, frame: bytes, *, text: bool) -> None:
        assert text
        try:
            async with asyncio.timeout(float(frame)):
                await self._aborted.wait()
        except TimeoutError:
            self.sent.append(frame)
            return
        raise ConnectionClosedError(None, None)

    async def recv(self, *, decode: bool) -> bytes:
        assert not decode
        await self._aborted.wait()
        raise ConnectionClosedError(None, None)

    def abort(self) -> None:
        self.cut_s.append(asyncio.get_running_loop().time())
        self._aborted.set()


def line() -> tuple[FakeWebSocket, WebSocketLink]:
    websocket: Any = FakeWebSocket()
    return websocket, WebSocketLink(websocket)


def test_a_line_that_stays_full_is_cut_and_says_so() -> None:
    async def story() -> None:
        websocket, link = line()
        await link.send(b"1000")
        assert websocket.cut_s == pytest.approx([SEND_TIMEOUT_S])
        assert await link.receive() == Closed(code=None, reason="nothing could be sent for 20 s")

    run(story())


@pytest.mark.parametrize("began_s", [0.0, 0.5, 19.5, 20.0, 20.5, 47.0])
def test_it_is_cut_when_the_frame_has_waited_so_long_whatever_was_sent_before(began_s: float) -> None:
    async def story() -> None:
        websocket, link = line()
        await link.send(b"0.1")
        await asyncio.sleep(began_s)
        await link.send(b"1000")
        assert websocket.cut_s == pytest.approx([0.1 + began_s + SEND_TIMEOUT_S])

    run(story())


def test_of_several_frames_each_has_its_own_time() -> None:
    async def story() -> None:
        websocket, link = line()
        async with asyncio.TaskGroup() as group:
            for frame in (b"19", b"1000", b"0.5", b"1000"):
                group.create_task(link.send(frame))
                await asyncio.sleep(1)
        assert websocket.cut_s == pytest.approx([1 + SEND_TIMEOUT_S])
        assert websocket.sent == [b"0.5", b"19"]

    run(story())


def test_a_line_that_moves_is_left_alone_and_so_is_one_that_nobody_uses() -> None:
    async def story() -> None:
        websocket, link = line()
        for _ in range(10):
            await link.send(b"19.9")
        await asyncio.sleep(100)
        await link.send(b"0.1")
        assert (len(websocket.sent), websocket.cut_s) == (11, [])

    run(story())


def test_a_frame_that_is_given_up_is_no_longer_waited_for() -> None:
    async def story() -> None:
        websocket, link = line()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(link.send(b"1000"), 5)
        await asyncio.sleep(100)
        assert websocket.cut_s == []

    run(story())


def test_nothing_is_left_to_wait_for_when_nothing_is_sent() -> None:
    async def story() -> None:
        _, link = line()
        for _ in range(50):
            await link.send(b"0.02")
        await asyncio.Event().wait()  # a deadlock, unless a timer is set

    with pytest.raises(RuntimeError, match="no timer is set"):
        run(story())
