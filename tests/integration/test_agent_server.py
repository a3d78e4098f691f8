"""The agent's door: HTTP and WebSocket, with and without keys, and the faults that a script orders."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, ConnectionClosedError, InvalidStatus
from websockets.typing import Subprotocol

from talkbox_agent import script_file
from talkbox_agent.abilities import find_abilities
from talkbox_agent.errors import ListenError
from talkbox_agent.server import CONVERSATION_PATH, AgentServer

pytestmark = pytest.mark.integration

Message = dict[str, Any]
ABILITIES = find_abilities(tones=True, voice="", now=lambda: datetime(2026, 11, 22, tzinfo=UTC))


@dataclass
class Clock:
    now_s: float = 1_000_000.0


@dataclass
class Door:
    url: str
    clock: Clock = field(default_factory=Clock)

    def conversation(self, query: str = "agent_id=home") -> str:
        return f"{self.url}{CONVERSATION_PATH}?{query}"

    async def get(self, path: str, key: str = "") -> tuple[int, Message]:
        """GET over HTTP, as a program without WebSockets would."""
        request = urllib.request.Request(self.url.replace("ws://", "http://") + path, headers={"xi-api-key": key})  # noqa: S310  loopback
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

        def ask() -> tuple[int, Message]:
            try:
                with opener.open(request, timeout=20) as response:
                    return response.status, json.load(response)
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, json.load(error)

        return await asyncio.to_thread(ask)


@asynccontextmanager
async def a_door(script: str = "", *, api_key: str = "", private: bool = False) -> AsyncIterator[Door]:
    clock = Clock()
    server = AgentServer(
        script=script_file.parse(script, name="test"),
        abilities=ABILITIES,
        api_key=api_key,
        private=private,
        now_s=lambda: clock.now_s,
    )
    async with asyncio.timeout(60), server.listening(host="127.0.0.1", port=0) as url:
        yield Door(url, clock)


async def begin(connection: ClientConnection) -> None:
    await connection.send('{"type": "conversation_initiation_client_data"}')


async def receive(connection: ClientConnection, kind: str) -> Message:
    while True:
        message: Message = json.loads(await connection.recv())
        if message["type"] == kind:
            return message


async def read_to_the_end(connection: ClientConnection) -> None:
    while True:
        await connection.recv()


async def refused(door: Door, query: str = "agent_id=home") -> int:
    with pytest.raises(InvalidStatus) as caught:
        async with connect(door.conversation(query), proxy=None):
            pass
    return caught.value.response.status_code


async def close_of(door: Door, query: str) -> tuple[int | None, str | None]:
    async with connect(door.conversation(query), proxy=None) as connection:
        with pytest.raises(ConnectionClosed):
            await connection.recv()
        return connection.close_code, connection.close_reason


def test_a_client_with_and_one_without_the_subprotocol_are_both_served() -> None:
    async def visit() -> None:
        async with a_door() as door:
            for offered in (None, [Subprotocol("convai")], [Subprotocol("other"), Subprotocol("convai")]):
                async with connect(door.conversation(), subprotocols=offered, proxy=None) as connection:
                    await begin(connection)
                    await receive(connection, "conversation_initiation_metadata")
                    assert connection.subprotocol == ("convai" if offered else None)

    asyncio.run(visit())


def test_two_conversations_at_once_have_ids_of_their_own() -> None:
    async def visit() -> None:
        async with (
            a_door() as door,
            connect(door.conversation(), proxy=None) as one,
            connect(door.conversation(), proxy=None) as other,
        ):
            ids = set()
            for connection in (one, other):
                await begin(connection)
                metadata = await receive(connection, "conversation_initiation_metadata")
                ids.add(metadata["conversation_initiation_metadata_event"]["conversation_id"])
            assert len(ids) == 2

    asyncio.run(visit())


@pytest.mark.parametrize("path", ["get_signed_url", "get-signed-url"])
def test_a_signed_url_opens_a_private_agent_for_a_quarter_of_an_hour(path: str) -> None:
    async def visit() -> None:
        async with a_door(api_key="sk_test", private=True) as door:
            status, answer = await door.get(f"{CONVERSATION_PATH}/{path}?agent_id=home", "sk_test")
            assert status == 200
            door.clock.now_s += 14 * 60
            async with connect(answer["signed_url"] + "&source=test", proxy=None) as connection:
                await begin(connection)
                await receive(connection, "conversation_initiation_metadata")
            door.clock.now_s += 2 * 60
            _, _, query = answer["signed_url"].partition("?")
            assert await close_of(door, query) == (1008, "expired signature")
            assert await close_of(door, query.replace("home", "work")) == (1008, "invalid signature")

    asyncio.run(visit())


def test_a_private_agent_takes_nobody_without_a_signature() -> None:
    async def visit() -> None:
        async with a_door(private=True) as door:
            assert await close_of(door, "agent_id=home") == (1008, "This agent requires authentication")

    asyncio.run(visit())


def test_what_http_asks_for_wrongly_is_refused_with_a_reason() -> None:
    async def visit() -> None:
        async with a_door('agents = ["home"]', api_key="sk_test") as door:
            signed = f"{CONVERSATION_PATH}/get-signed-url"
            assert (await door.get(f"{signed}?agent_id=home", "wrong"))[0] == 401
            assert (await door.get(f"{signed}?agent_id=home"))[0] == 401
            assert (await door.get(signed, "sk_test"))[0] == 422
            assert (await door.get(f"{signed}?agent_id=work", "sk_test"))[0] == 404
            assert (await door.get("/elsewhere"))[1] == {"detail": "no such path: /elsewhere"}
            assert await refused(door, "agent_id=work") == 404
            assert await refused(door, "agent=home") == 400

    asyncio.run(visit())


@pytest.mark.parametrize("status", [401, 403, 404, 429, 499, 500])
def test_a_script_refuses_the_first_connections_with_an_http_status(status: int) -> None:
    async def visit() -> None:
        async with a_door(f"refuse = {{status = {status}, first = 2}}") as door:
            assert await refused(door) == status
            assert await refused(door) == status
            async with connect(door.conversation(), proxy=None) as connection:
                await begin(connection)
                await receive(connection, "conversation_initiation_metadata")

    asyncio.run(visit())


def test_a_script_closes_with_a_code() -> None:
    async def visit() -> None:
        script = '[[when]]\nwhen = "started"\ndo = [{close = 1008, reason = "quota exceeded"}]'
        async with a_door(script) as door, connect(door.conversation(), proxy=None) as connection:
            await begin(connection)
            with pytest.raises(ConnectionClosedError):
                await read_to_the_end(connection)
            assert (connection.close_code, connection.close_reason) == (1008, "quota exceeded")

    asyncio.run(visit())


def test_a_script_drops_the_connection() -> None:
    async def visit() -> None:
        script = '[[when]]\nwhen = "started"\nafter_s = 0.1\ndo = [{drop = true}]'
        async with a_door(script) as door, connect(door.conversation(), proxy=None) as connection:
            await begin(connection)
            with pytest.raises(ConnectionClosedError):
                await read_to_the_end(connection)
            assert connection.close_code == 1006

    asyncio.run(visit())


def test_a_script_sends_what_is_no_message() -> None:
    async def visit() -> None:
        script = """
            [[when]]
            when = "opened"
            do = [
                {send_text = "{"}, {send_binary = "00ff"}, {send = {type = "from_the_future"}},
                {stall_s = 0.2}, {send_text = "after the stall"},
            ]
        """
        async with a_door(script) as door, connect(door.conversation(), proxy=None) as connection:
            frames = [await connection.recv() for _ in range(4)]
            assert frames == ["{", b"\x00\xff", '{"type": "from_the_future"}', "after the stall"]

    asyncio.run(visit())


def test_clients_are_sent_away_when_the_agent_ends() -> None:
    async def visit() -> None:
        async with a_door() as door:
            connection = await connect(door.conversation(), proxy=None)
            await begin(connection)
            await receive(connection, "conversation_initiation_metadata")
        with pytest.raises(ConnectionClosed):
            await read_to_the_end(connection)
        assert connection.close_code == 1001

    asyncio.run(visit())


def test_a_port_in_use_is_reported_with_a_remedy() -> None:
    async def visit() -> None:
        async with a_door() as door:
            port = int(door.url.rsplit(":", 1)[1])
            with pytest.raises(ListenError, match=f"cannot listen on 127.0.0.1:{port}: .*in use") as caught:
                async with AgentServer(
                    script=script_file.parse("", name="test"),
                    abilities=ABILITIES,
                    api_key="",
                    private=False,
                    now_s=lambda: 0.0,
                ).listening(host="127.0.0.1", port=port):
                    pass
            assert "--port 0" in caught.value.hint

    asyncio.run(visit())
