"""The broker attacked: the wrong user, long inputs, slow clients, injected headers, two hundred at once."""

import asyncio
import contextlib
import logging
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from talkbox_broker.connections import MAX_CONNECTIONS, answering
from talkbox_broker.sockets import bound
from tests.support.broker import PATIENCE_S, FakeService, Reply, ask, broker, closed, http, request, say, until

pytestmark = pytest.mark.integration

GOOD = "/signed-url?agent_id=agent_1"
NOBODY, NOGROUP, OTHER_GROUP = 65534, 65534, 54321


@asynccontextmanager
async def attacked(folder: Path, service: FakeService | None = None, **changed: Any) -> AsyncIterator[Path]:
    async with (service or FakeService()).listening() as server, broker(folder, server, **changed) as path:
        yield path


def said(folder: Path, raw: bytes, **changed: Any) -> tuple[Reply, FakeService]:
    """Say one thing to the broker; then see that it still gives signed URLs."""

    async def story() -> tuple[Reply, FakeService]:
        service = FakeService()
        async with attacked(folder, service, **changed) as path:
            reply = await say(path, raw)
            asked = len(service.asked)
            assert (await ask(path)).status == 200
            service.asked = service.asked[:asked]
            return reply, service

    return asyncio.run(story())


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """What the broker logs, from INFO up, as in the journal."""
    caplog.set_level(logging.ERROR, logger="asyncio")  # it has news of its own when it is debugged
    caplog.set_level(logging.INFO)
    return caplog


# --- what may be asked --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "status", "code"),
    [
        (request("/"), 404, "not_found"),
        (request("/signed-url/"), 404, "not_found"),
        (request("/../signed-url"), 404, "not_found"),
        (request("//signed-url?agent_id=agent_1"), 404, "not_found"),
        (request("/signed-url"), 400, "bad_request"),
        (request("/signed-url?agent_id="), 400, "bad_request"),
        (request(f"{GOOD}&agent_id=agent_1"), 400, "bad_request"),
        (request("/signed-url?agent_id=agent_2"), 403, "unknown_agent"),
        (request("/signed-url?agent_id=agent_1%00"), 403, "unknown_agent"),
        (request("/signed-url?agent_id=agent_1%26x=y"), 403, "unknown_agent"),
        (request("/signed-url?agent_id=%ff%fe"), 403, "unknown_agent"),
        (request(GOOD, method="HEAD"), 405, "bad_request"),
        (request(GOOD, "Content-Length: 3", method="POST") + b"abc", 405, "bad_request"),
        (request("/health", method="DELETE"), 405, "bad_request"),
    ],
)
def test_what_is_not_asked_for_rightly_is_refused_in_json(tmp_path: Path, raw: bytes, status: int, code: str) -> None:
    reply, service = said(tmp_path, raw)
    assert reply.status == status
    assert reply.headers["Content-Type"] == "application/json"
    assert ("Allow" in reply.headers) == (status == 405)
    if not raw.startswith(b"HEAD"):
        assert reply.body["code"] == code
        assert reply.body["error"]
        assert reply.body["hint"]
    assert service.asked == []


def test_health_asks_nobody_and_shows_no_secret(tmp_path: Path) -> None:
    async def story() -> None:
        service = FakeService()
        async with attacked(tmp_path, service) as path:
            before = (await say(path, request("/health"))).body
            await ask(path)
            after = (await say(path, request("/health?agent_id=x"))).body
        assert (before["status"], before["key"], before["last"]) == ("ok", True, None)
        assert after["last"]["result"] == "ok"
        assert "hush" not in str(after)
        assert len(service.asked) == 1

    asyncio.run(story())


# --- injected headers, long inputs, no HTTP -----------------------------------------------------


@pytest.mark.parametrize(
    "agent",
    [
        "agent_1%0d%0aX-Evil:%201",
        "agent_1%0aX-Evil:%201",
        "agent_1%0d%0a%0d%0aevil",
        "agent_1%20HTTP/1.1%0d%0aX-Evil:1",
    ],
)
def test_a_line_break_in_a_query_reaches_neither_an_answer_nor_the_log_nor_the_service(
    tmp_path: Path, agent: str, log: pytest.LogCaptureFixture
) -> None:
    reply, service = said(tmp_path, request(f"/signed-url?agent_id={agent}"))
    assert (reply.status, reply.body["code"]) == (403, "unknown_agent")
    assert reply.raw.lower().count(b"x-evil") <= 1, "once, quoted, in the error"
    assert "X-Evil" not in reply.headers
    assert all(record.getMessage().isprintable() for record in log.records)
    assert service.asked == []


@pytest.mark.parametrize(
    "raw",
    [
        request(GOOD, "X-A: 1\r2"),
        request(GOOD, "X-A\x00: 1"),
        request(GOOD, "X A: 1"),
        request(GOOD, "Content-Length: 3", "Content-Length: 4"),
        request(GOOD, "Content-Length: 5", "Transfer-Encoding: chunked"),
        request(GOOD, "Content-Length: -1"),
        request("/signed-url?agent_id=" + "a" * 5000),
        request(GOOD, "X-Long: " + "a" * 5000),
        request(GOOD, "X" * 5000 + ": 1"),
        request(GOOD, *(f"X-{number}: 1" for number in range(100))),
        request("/\x1b[2J\x07" + "é" * 10),
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"{}\r\n\r\n",
    ],
    ids=range(15),
)
def test_what_is_no_http_or_too_long_is_refused_without_a_traceback(
    tmp_path: Path, raw: bytes, log: pytest.LogCaptureFixture
) -> None:
    reply, service = said(tmp_path, raw)
    assert (reply.status, reply.body["code"]) in {(400, "bad_request"), (404, "not_found")}
    assert "X-Evil" not in reply.headers
    assert service.asked == []
    assert len(log.records) == 2, "one line, and one for the good request after it"
    assert all(record.getMessage().isprintable() and len(record.getMessage()) < 500 for record in log.records)
    assert not any(record.exc_info for record in log.records)
    assert re.search(r"uid \d+", log.records[0].getMessage())


def test_a_line_that_never_ends_is_not_kept(tmp_path: Path) -> None:
    async def story() -> None:
        async with attacked(tmp_path) as path:
            _, writer = await asyncio.open_unix_connection(path)
            async with asyncio.timeout(PATIENCE_S):
                with pytest.raises(ConnectionError):
                    await go_on_for_ever(writer)
            await closed(writer)
            assert (await ask(path)).status == 200

    asyncio.run(story())


async def go_on_for_ever(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"a" * 10_000)
        await writer.drain()


def test_a_line_break_in_the_first_line_injects_nothing(tmp_path: Path) -> None:
    reply, service = said(tmp_path, request(f"{GOOD}\r\nX-Evil: 1"))
    assert "X-Evil" not in reply.headers
    assert "X-Evil" not in str(service.asked)


def test_a_request_hidden_behind_another_is_not_answered(tmp_path: Path, log: pytest.LogCaptureFixture) -> None:
    reply, service = said(tmp_path, request("/nothing") + request(GOOD))
    assert (reply.status, reply.raw.count(b"HTTP/1.1")) == (404, 1)
    assert service.asked == []
    assert len(log.records) == 2, "one line, and one for the good request after it"


def test_a_body_is_not_waited_for(tmp_path: Path) -> None:
    reply, _ = said(tmp_path, request(GOOD, "Content-Length: 1000000000") + b"x" * 1000)
    assert reply.status == 200


# --- slow clients -------------------------------------------------------------------------------


@pytest.mark.parametrize("beginning", [b"", b"GET /signed", request(GOOD)[:-2]])
def test_a_client_that_does_not_go_on_is_left(tmp_path: Path, beginning: bytes) -> None:
    reply, service = said(tmp_path, beginning, client_timeout_s=0.3)
    assert reply.raw == b""
    assert service.asked == []


def test_a_client_that_dribbles_is_left_too(tmp_path: Path) -> None:
    async def story() -> None:
        async with attacked(tmp_path, client_timeout_s=0.5) as path:
            reader, writer = await asyncio.open_unix_connection(path)
            async with asyncio.timeout(PATIENCE_S):
                with contextlib.suppress(ConnectionError):
                    writer.write(b"GET /health HTTP/1.1\r\nX: ")
                    while not reader.at_eof():
                        writer.write(b"a")
                        await writer.drain()
                        with contextlib.suppress(TimeoutError):
                            await asyncio.wait_for(reader.read(1), 0.05)
            await closed(writer)
            assert (await ask(path)).status == 200

    asyncio.run(story())


def test_slow_clients_keep_nobody_waiting_and_one_too_many_is_told_so(tmp_path: Path) -> None:
    async def story() -> None:
        async with attacked(tmp_path, client_timeout_s=PATIENCE_S) as path:
            idle = [await asyncio.open_unix_connection(path) for _ in range(MAX_CONNECTIONS - 1)]
            assert (await ask(path)).status == 200
            idle.append(await asyncio.open_unix_connection(path))
            reply = await ask(path)
            assert (reply.status, reply.body["error"]) == (503, "too many connections")
            assert reply.headers["Retry-After"] == "1"
            for _, writer in idle:
                await closed(writer)

            async def served() -> bool:
                return (await ask(path)).status == 200

            await until(served, "a place")

    asyncio.run(story())


def test_a_client_that_goes_away_stops_the_asking(tmp_path: Path) -> None:
    async def wait_for_it_to_leave(
        service: FakeService, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter
    ) -> None:
        service.go.set()
        await reader.readexactly(1)

    async def story() -> None:
        service = FakeService(wait_for_it_to_leave)
        async with attacked(tmp_path, service) as path, asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_unix_connection(path)
            writer.write(request(GOOD))
            await service.go.wait()
            await closed(writer)
            await until(lambda: service.left == 1, "the service to be left")

    asyncio.run(story())


def test_two_hundred_requests_at_once_cost_the_service_no_more_than_the_limits_allow(tmp_path: Path) -> None:
    async def take_a_moment(service: FakeService, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.1)
        writer.write(http(200, {"signed_url": service.signed_url()}))

    async def story() -> None:
        service = FakeService(take_a_moment)
        async with attacked(tmp_path, service, burst=10, per_minute=1, concurrency=4) as path:
            replies = await asyncio.gather(*(ask(path) for _ in range(200)))
            health = await say(path, request("/health"))
        given = [reply for reply in replies if reply.status == 200]
        refused = [reply for reply in replies if reply.status != 200]
        assert len(given) == len(service.asked) == 10
        assert service.busiest <= 4
        assert {reply.status for reply in refused} <= {429, 503}
        assert all(int(reply.headers["Retry-After"]) >= 1 and reply.body["hint"] for reply in refused)
        assert health.status == 200

    asyncio.run(story())


# --- the wrong user -----------------------------------------------------------------------------

CLIENT = """
import os, socket, sys
path, uid, gid, *groups = sys.argv[1:]
os.setgroups([int(group) for group in groups]); os.setgid(int(gid)); os.setuid(int(uid))
with socket.socket(socket.AF_UNIX) as client:
    client.connect(path)
    client.sendall(b"GET /health HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")
    print(client.makefile("rb").read().split()[1].decode())
"""


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Make a folder that everybody can reach; pytest's own are for their owner only."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize(
    ("mode", "ids", "answer"),
    [
        (0o660, [NOBODY, NOGROUP], "PermissionError"),
        (0o660, [NOBODY, OTHER_GROUP], "200"),
        (0o660, [NOBODY, NOGROUP, OTHER_GROUP], "200"),
        # Somebody got the mode wrong: the broker itself looks who it is.
        (0o666, [NOBODY, NOGROUP], "403"),
        (0o666, [NOBODY, NOGROUP, OTHER_GROUP], "200"),
        (0o666, [0, 0], "200"),
    ],
)
def test_only_the_sockets_group_may_ask(open_folder: Path, mode: int, ids: list[int], answer: str) -> None:
    async def story() -> subprocess.CompletedProcess[str]:
        with given_to(OTHER_GROUP):
            async with attacked(open_folder) as path:
                path.chmod(mode)
                command = [sys.executable, "-I", "-c", CLIENT, str(path), *map(str, ids)]
                return await asyncio.to_thread(
                    subprocess.run, command, capture_output=True, text=True, check=False, timeout=PATIENCE_S
                )

    finished = asyncio.run(story())
    assert answer in finished.stdout + finished.stderr


@contextlib.contextmanager
def given_to(gid: int) -> Iterator[None]:
    """Make files belong to the group `gid`, as systemd does with its socket."""
    before = os.getegid()
    os.setegid(gid)
    try:
        yield
    finally:
        os.setegid(before)


# --- bugs ---------------------------------------------------------------------------------------


def test_a_bug_is_logged_and_not_told(tmp_path: Path, log: pytest.LogCaptureFixture) -> None:
    async def buggy(_request: object) -> Any:
        raise ZeroDivisionError("hush")

    async def story() -> Reply:
        with bound(tmp_path / "http.sock") as listener:
            async with answering(listener, buggy, client_timeout_s=PATIENCE_S):
                return await say(tmp_path / "http.sock", request(GOOD))

    reply = asyncio.run(story())
    assert (reply.status, reply.body["code"]) == (500, "broken")
    assert b"hush" not in reply.raw
    assert [record.levelno for record in log.records] == [logging.ERROR, logging.WARNING]
    assert log.records[0].exc_info


def test_a_broker_that_ends_finishes_what_it_began(tmp_path: Path) -> None:
    async def wait(service: FakeService, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await service.go.wait()
        writer.write(http(200, {"signed_url": service.signed_url()}))

    async def answer_when_nobody_new_is_taken(service: FakeService, path: Path) -> None:
        await until(lambda: not accepts(path), "the broker to end")
        service.go.set()

    async def story() -> None:
        service = FakeService(wait)
        async with service.listening() as server, asyncio.TaskGroup() as group, broker(tmp_path, server) as path:
            asking = group.create_task(ask(path))
            await until(lambda: service.busy == 1, "the service to be asked")
            group.create_task(answer_when_nobody_new_is_taken(service, path))
        assert asking.result().status == 200

    asyncio.run(story())


def accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(os.fspath(path)) == 0
