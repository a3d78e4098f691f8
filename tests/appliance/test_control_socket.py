import asyncio
import json
from collections.abc import Callable

import pytest

from talkbox.appliance.control_protocol import MAX_LINE_BYTES
from talkbox.appliance.control_socket import STALLED_S, serve
from tests.support.fake_device import FakeDevice
from tests.support.virtual_time import run

TAP = b'{"command": "tap"}\n'
EVENTS = b'{"command": "events"}\n'


class FakeTransport:
    """Remembers whether it was aborted."""

    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


class FakeWriter:
    """Keeps what is written; a peer that reads nothing never lets `drain` end, one that left raises."""

    def __init__(self, *, reads: bool = True, gone: bool = False) -> None:
        self.transport = FakeTransport()
        self.lines: list[dict[str, object]] = []
        self.closed = False
        self._reads, self._gone = reads, gone

    def write(self, data: bytes, /) -> None:
        self.lines += [json.loads(line) for line in data.splitlines()]

    async def drain(self) -> None:
        if self._gone:
            raise BrokenPipeError
        if not self._reads:
            await asyncio.Event().wait()

    def close(self) -> None:
        self.closed = True


def reader_of(*received: bytes, ends: bool = True) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=MAX_LINE_BYTES)
    for data in received:
        reader.feed_data(data)
    if ends:
        reader.feed_eof()
    return reader


def served(*received: bytes, device: FakeDevice | None = None, writer: FakeWriter | None = None) -> FakeWriter:
    """What was written to a client that sent `received` and closed."""
    client = writer or FakeWriter()

    async def main() -> None:
        await serve(reader_of(*received), client, device or FakeDevice())

    run(main())
    return client


def test_a_connection_takes_any_number_of_requests() -> None:
    device = FakeDevice()
    client = served(TAP, b'{"command":', b' "mute"}\n', TAP, device=device)
    assert client.lines == [{"ok": True}] * 3
    assert device.asked == ["tap", "mute", "tap"]
    assert client.closed
    assert not client.transport.aborted


def test_a_client_with_many_requests_takes_turns_with_everybody_else() -> None:
    writer, turns = FakeWriter(), [0]

    async def others() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    async def main() -> None:
        running = asyncio.ensure_future(others())
        await serve(reader_of(b'{"command": "mute"}\n' * 200), writer, FakeDevice())
        running.cancel()

    run(main())
    assert len(writer.lines) == 200
    assert turns[0] >= 200


def test_a_last_line_without_its_end_counts() -> None:
    assert served(TAP.rstrip()).lines == [{"ok": True}]


def test_junk_is_refused_and_the_next_request_taken() -> None:
    assert [line["ok"] for line in served(b"\x00\xff\n\n[]\n", TAP).lines] == [False, False, False, True]


@pytest.mark.parametrize("length", [MAX_LINE_BYTES + 1, 5 * MAX_LINE_BYTES])
def test_a_line_that_is_too_long_is_refused_once_and_the_next_request_taken(length: int) -> None:
    client = served(b"x" * length + b"\n" + TAP)
    assert client.lines == [{"ok": False, "error": "a line has 65536 bytes at most"}, {"ok": True}]


def test_a_line_that_is_too_long_may_come_in_pieces_and_never_end() -> None:
    client = served(*[b"x" * 1000] * 200)
    assert client.lines == [{"ok": False, "error": "a line has 65536 bytes at most"}]


def with_events(after: Callable[[FakeDevice, asyncio.StreamReader], None]) -> FakeWriter:
    """Serve a client that asked for events (twice); call `after` once it hears them."""
    device, writer = FakeDevice(), FakeWriter()

    async def main() -> None:
        reader = reader_of(EVENTS, EVENTS, ends=False)
        loop = asyncio.get_running_loop()
        loop.call_later(1, after, device, reader)
        loop.call_later(2, reader.feed_eof)
        await serve(reader, writer, device)

    run(main())
    return writer


def test_events_follow_their_answer_and_requests_are_still_taken() -> None:
    def after(device: FakeDevice, reader: asyncio.StreamReader) -> None:
        device.events.publish("one")
        reader.feed_data(TAP)

    lines = with_events(after).lines
    assert lines[:2] == [{"ok": True}] * 2
    assert [line.get("event", line.get("ok")) for line in lines[2:]] in (["one", True, "asked"], [True, "one", "asked"])


def test_a_client_that_reads_no_answer_is_let_go() -> None:
    client = served(TAP, TAP, writer=FakeWriter(reads=False))
    assert client.transport.aborted
    assert client.lines == [{"ok": True}]


def test_a_client_that_left_is_let_go() -> None:
    assert served(TAP, writer=FakeWriter(gone=True)).transport.aborted


def test_a_client_that_reads_no_events_is_let_go_and_holds_nobody_up() -> None:
    device, writer = FakeDevice(), FakeWriter()

    async def main() -> float:
        reader = reader_of(EVENTS, ends=False)
        loop = asyncio.get_running_loop()

        def stall() -> None:
            writer._reads = False
            for _ in range(10_000):
                device.events.publish("n")

        loop.call_later(1, stall)
        await serve(reader, writer, device)
        return loop.time()

    assert run(main()) == pytest.approx(1 + STALLED_S)
    assert writer.transport.aborted
    assert len(writer.lines) == 2  # the answer, and the one event that nobody took


def test_closing_the_socket_closes_the_client() -> None:
    writer = FakeWriter()

    async def main() -> None:
        async with asyncio.timeout(5):
            await serve(reader_of(ends=False), writer, FakeDevice())

    with pytest.raises(TimeoutError):
        run(main())
    assert writer.transport.aborted


def test_a_bug_in_the_device_is_not_hidden() -> None:
    class Broken(FakeDevice):
        def press(self) -> None:
            raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        served(b'{"command": "press"}\n', device=Broken())
    assert caught.group_contains(ZeroDivisionError)
