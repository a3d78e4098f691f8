"""The control socket on a real unix socket: `socket_path`, the server, and its two clients, `request` and `client`."""

import asyncio
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from talkbox.appliance.control_protocol import refusal
from talkbox.appliance.control_socket import MAX_CLIENTS, control_socket
from talkbox.errors import ControlError, ControlSocketInUse, NotRunning
from talkbox.terminal.client import connect, subscribe
from talkbox.terminal.request import Answer, _ask, encoded, events, request
from tests.support.fake_device import STATUS, FakeDevice

pytestmark = pytest.mark.integration

LONG_S = 30.0


def run(main: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(main, LONG_S))


async def wait_until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  what happens elsewhere sets no event here
        await asyncio.sleep(0.01)


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_the_verbs_reach_the_device_and_the_socket_goes_with_it(tmp_path: Path) -> None:
    path, device = tmp_path / "s", FakeDevice()

    async def main() -> None:
        async with control_socket(path, device):
            assert stat.S_IMODE(path.stat().st_mode) == 0o660
            assert names(tmp_path) == ["s"]
            assert await asyncio.to_thread(request, path, "tap") == {"ok": True}
            await asyncio.to_thread(lambda: request(path, "turn", detents=-2))
            assert (await asyncio.to_thread(request, path, "status"))["status"] == STATUS
            with pytest.raises(ControlError, match="no such sound card"):
                await asyncio.to_thread(lambda: request(path, "turn", detents=99))
        assert names(tmp_path) == []

    run(main())
    assert device.asked == ["tap", "turn -2"]


def test_events_come_as_they_happen_until_the_device_goes_away(tmp_path: Path) -> None:
    path, device = tmp_path / "s", FakeDevice()
    heard: list[Answer] = []
    listener = threading.Thread(target=lambda: heard.extend(events(path)))

    async def main() -> None:
        async with control_socket(path, device):
            listener.start()
            await wait_until(lambda: bool(device.events._subscriptions))
            for number in range(3):
                device.events.publish("n", number=number)
            # What was published reaches who reads, though the device stops right after the answer to this.
            await asyncio.to_thread(request, path, "status")

    run(main())
    listener.join(LONG_S)
    assert [event["number"] for event in heard] == [0, 1, 2]


def test_a_view_asks_and_listens_at_once(tmp_path: Path) -> None:
    path, device = tmp_path / "s", FakeDevice()

    async def main() -> None:
        async with control_socket(path, device), connect(path) as client, subscribe(path) as happening:
            await asyncio.gather(client.request("tap"), client.request("mute"), client.status())
            heard = [await anext(happening), await anext(happening)]
            assert [event["what"] for event in heard] == ["tap", "mute"]
            with pytest.raises(ControlError, match="did you mean tap"):
                await client.request("tapp")
            assert (await client.status())["muted"] is True

    run(main())


def test_a_view_is_told_that_the_device_went_away(tmp_path: Path) -> None:
    path, device = tmp_path / "s", FakeDevice()

    async def main() -> None:
        async with AsyncExitStack() as views:
            async with control_socket(path, device):
                client = await views.enter_async_context(connect(path))
                happening = await views.enter_async_context(subscribe(path))
            assert [event async for event in happening] == []
            with pytest.raises(NotRunning):
                await client.status()

    run(main())


@pytest.mark.parametrize("left", [None, "file", "stale"])
def test_nobody_answers(tmp_path: Path, left: str | None) -> None:
    path = tmp_path / "s"
    if left == "file":
        path.write_text("")
    elif left == "stale":
        leave_stale(path)
    with pytest.raises(NotRunning, match=f"nothing answers on {path}"):
        request(path, "tap")
    with pytest.raises(NotRunning):
        next(events(path))
    with pytest.raises(NotRunning):
        run(ask_once(path))


async def ask_once(path: Path) -> None:
    async with connect(path) as client:
        await client.status()


def leave_stale(path: Path) -> None:
    """Leave what a killed process leaves: a socket that nobody listens on."""
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))


def test_a_dead_process_s_socket_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "s"
    leave_stale(path)
    leave_stale(tmp_path / "s.new")  # and it died in mid-way

    async def main() -> None:
        async with control_socket(path, FakeDevice()):
            assert await asyncio.to_thread(request, path, "tap") == {"ok": True}
            assert names(tmp_path) == ["s"]

    run(main())


def test_a_killed_device_s_socket_is_replaced_and_a_living_one_s_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    other = subprocess.Popen([sys.executable, "-m", "tests.support.fake_device", str(path)])
    try:
        wait_for(path)
        with pytest.raises(ControlSocketInUse, match=f"in use by process {other.pid} ") as caught:
            run(serve_once(path))
        assert "--set control.socket=PATH" in caught.value.hint
        assert request(path, "status")["ok"] is True  # and it is none the worse
    finally:
        other.kill()
        other.wait(LONG_S)
    assert path.is_socket()
    run(serve_once(path))
    assert not path.exists()


def wait_for(path: Path) -> None:
    async def main() -> None:
        await wait_until(path.exists)

    run(main())


async def serve_once(path: Path) -> None:
    async with control_socket(path, FakeDevice()):
        await asyncio.to_thread(request, path, "tap")


def test_of_many_that_start_at_once_on_a_stale_socket_one_gets_it(tmp_path: Path) -> None:
    path = tmp_path / "s"
    leave_stale(path)
    command = [sys.executable, "-m", "tests.support.fake_device", str(path)]
    started = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(4)]
    try:
        losers = [process for process in started if ended(process)]
        assert len(losers) == 3
        assert request(path, "status")["ok"] is True
    finally:
        for process in started:
            process.send_signal(signal.SIGKILL)
            process.wait(LONG_S)


def ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        return False
    return True


def test_what_is_not_a_socket_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "s"
    path.write_text("precious")
    with pytest.raises(ControlSocketInUse, match="is in the way, and is not a socket"):
        run(serve_once(path))
    assert path.read_text() == "precious"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ControlSocketInUse, match=f"no folder for the control socket: {tmp_path / 'x'}") as caught:
        run(serve_once(tmp_path / "x" / "s"))
    assert caught.value.hint.startswith("make it (`mkdir -p")
    assert caught.value.exit_code == os.EX_CANTCREAT


def test_a_path_that_cannot_be_a_socket_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ControlSocketInUse, match="cannot make the control socket"):
        run(serve_once(tmp_path / ("x" * 120)))
    (tmp_path / "file").write_text("")
    with pytest.raises(ControlSocketInUse, match="cannot make the control socket"):
        run(serve_once(tmp_path / "file" / "s"))


def test_a_socket_that_somebody_else_made_since_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "s"

    async def main() -> None:
        async with control_socket(path, FakeDevice()):
            path.unlink()
            path.write_text("another's")

    run(main())
    assert path.read_text() == "another's"


def test_one_client_too_many_is_refused_and_the_next_is_served_once_one_leaves(tmp_path: Path) -> None:
    path = tmp_path / "s"

    async def main() -> None:
        async with control_socket(path, FakeDevice()):
            clients = []
            for _ in range(MAX_CLIENTS):
                reader, writer = await asyncio.open_unix_connection(path)
                writer.write(b'{"command": "status"}\n')
                await reader.readline()
                clients.append(writer)
            with pytest.raises(ControlError, match="too many clients, 64 at most"):
                await asyncio.to_thread(request, path, "tap")
            for writer in clients:
                writer.close()
            await answered(path)

    async def answered(path: Path) -> None:
        while True:
            try:
                await asyncio.to_thread(request, path, "tap")
            except ControlError:  # the server has not noticed yet
                await asyncio.sleep(0.01)
            else:
                return

    run(main())


def test_a_refusal_that_overtakes_the_request_is_read_all_the_same(tmp_path: Path) -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(refusal("too many clients"))
    theirs.close()
    with ours, ours.makefile("rb") as answers, pytest.raises(ControlError, match="too many clients"):
        _ask(ours, answers, encoded("tap"), tmp_path)


def test_a_client_that_reads_nothing_holds_nobody_up(tmp_path: Path) -> None:
    path, device = tmp_path / "s", FakeDevice()

    async def main() -> None:
        async with control_socket(path, device):
            _, deaf = await asyncio.open_unix_connection(path)
            deaf.write(b'{"command": "events"}\n')
            await wait_until(lambda: bool(device.events._subscriptions))
            for _ in range(200):
                for _ in range(100):
                    device.events.publish("n", padding="x" * 1000)
                await asyncio.sleep(0)
            assert await asyncio.to_thread(request, path, "tap") == {"ok": True}
            deaf.close()

    run(main())


def test_junk_on_the_wire_disturbs_nobody(tmp_path: Path) -> None:
    path, device = tmp_path / "s", FakeDevice()

    async def main() -> None:
        async with control_socket(path, device):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(os.urandom(300_000).replace(b"\n", b"") + b'\n{"command": "tap"}\n')
            assert json.loads(await reader.readline())["ok"] is False
            assert json.loads(await reader.readline()) == {"ok": True}
            writer.transport.abort()
            assert await asyncio.to_thread(request, path, "tap") == {"ok": True}

    run(main())
    assert device.asked == ["tap", "tap"]
