"""The door's rules, without a socket; with one: tests/integration/test_agent_server.py."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, cast

import pytest
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from talkbox_agent.abilities import find_abilities
from talkbox_agent.script import Refusal, Script
from talkbox_agent.server import CONVERSATION_PATH, AgentServer

SIGNED_URL = f"{CONVERSATION_PATH}/get-signed-url"


def a_server(script: Script | None = None, *, api_key: str = "", private: bool = False) -> AgentServer:
    abilities = find_abilities(tones=True, voice="", now=lambda: datetime(2026, 11, 22, tzinfo=UTC))
    return AgentServer(
        script=script or Script(), abilities=abilities, api_key=api_key, private=private, now_s=lambda: 1000.0
    )


def ask(server: AgentServer, target: str, **headers: str) -> Response | None:
    given = Headers({name.replace("_", "-"): value for name, value in headers.items()})
    return server._process_request(cast("Any", None), Request(target, given))


def status_of(response: Response | None) -> int | None:
    return response.status_code if response else None


def test_a_conversation_is_let_through() -> None:
    assert ask(a_server(), f"{CONVERSATION_PATH}?agent_id=home&source=test") is None


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/", 404),
        (CONVERSATION_PATH, 400),
        (f"{CONVERSATION_PATH}?agent_id=", 400),
        (f"{CONVERSATION_PATH}?agent_id=x", 404),
    ],
)
def test_what_is_no_conversation_is_not(target: str, status: int) -> None:
    assert status_of(ask(a_server(Script(agents=("home",))), target)) == status


def test_refusals_of_a_script_end_after_the_first_ones() -> None:
    server = a_server(Script(refuse=Refusal(status=429, body="too many", first=1)))
    response = ask(server, f"{CONVERSATION_PATH}?agent_id=home")
    assert response is not None
    assert response.status_code == 429
    assert json.loads(response.body)["detail"]["message"] == "too many"
    assert ask(server, f"{CONVERSATION_PATH}?agent_id=home") is None


@pytest.mark.parametrize(("key", "status"), [("sk_test", 200), ("sk_wrong", 401), ("", 401), ("schlüssel", 401)])
def test_a_signed_url_is_given_to_who_has_the_key(key: str, status: int) -> None:
    assert status_of(ask(a_server(api_key="sk_test"), f"{SIGNED_URL}?agent_id=home", xi_api_key=key)) == status


def test_a_signed_url_leads_where_it_was_asked_for() -> None:
    response = ask(a_server(), f"{SIGNED_URL}?agent_id=my+home", Host="box.local:8787")
    assert response is not None
    url = json.loads(response.body)["signed_url"]
    assert url.startswith(f"ws://box.local:8787{CONVERSATION_PATH}?agent_id=my+home&conversation_signature=")


def test_only_a_private_agent_asks_for_a_signature() -> None:
    assert a_server()._not_allowed({"agent_id": "home"}) == ""
    assert a_server(private=True)._not_allowed({"agent_id": "home"}) == "This agent requires authentication"
    assert a_server()._not_allowed({"agent_id": "home", "conversation_signature": "1.2"}) == "invalid signature"
