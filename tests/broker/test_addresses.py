"""Where the key may go, and what is a signed URL (`addresses`)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_broker.addresses import is_loopback, server_flaw, signed_url_flaw

SERVICE = "https://api.elevenlabs.io"
PATH = "/v1/convai/conversation"
SIGNED = f"wss://api.elevenlabs.io{PATH}?agent_id=a&conversation_signature=hush"


@pytest.mark.parametrize(
    "url",
    [
        SERVICE,
        "https://api.eu.residency.elevenlabs.io/",
        "https://proxy.example:8443/eleven",
        "http://localhost:1",
        "http://127.0.0.1:8787",
        "http://[::1]:8787",
    ],
)
def test_the_key_may_go_where_it_is_encrypted_or_stays_here(url: str) -> None:
    assert server_flaw(url) == ""


@pytest.mark.parametrize(
    ("url", "flaw"),
    [
        ("http://api.elevenlabs.io", "must be https://"),
        ("http://127.0.0.1.example.com", "must be https://"),
        ("wss://api.elevenlabs.io", "must be https://"),
        ("ftp://localhost", "must be https://"),
        ("https://user:hush@api.elevenlabs.io", "must not have a user"),
        ("https://api.elevenlabs.io?key=hush", "must not have a user, a query"),
        ("https://api.elevenlabs.io#x", "must not have a user, a query or a fragment"),
        ("", "is not an address"),
        ("https://", "is not an address"),
        ("https://[", "is not an address"),
        ("https://host:port", "is not an address"),
        ("https://host\r\nX-Evil: 1", "is not an address"),
        ("https://höst", "is not an address"),
        ("https://" + "h" * 5000, "is not an address"),
    ],
)
def test_the_key_goes_nowhere_else(url: str, flaw: str) -> None:
    assert flaw in server_flaw(url)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (SIGNED, SERVICE),
        (SIGNED, f"{SERVICE}/"),
        (f"wss://api.elevenlabs.io:443{PATH}?conversation_signature=hush&agent_id=a&more=1", SERVICE),
        (f"wss://api.us.elevenlabs.io{PATH}?agent_id=a&conversation_signature=hush", SERVICE),
        (f"wss://proxy.example:8443/x{PATH}?agent_id=a&conversation_signature=hush", "https://proxy.example:8443/x"),
        (f"ws://127.0.0.1:8787{PATH}?agent_id=a&conversation_signature=hush", "http://127.0.0.1:8787"),
    ],
)
def test_a_signed_url_is_taken(url: str, server: str) -> None:
    assert signed_url_flaw(url, server=server, agent_id="a") == ""


@pytest.mark.parametrize(
    ("url", "flaw"),
    [
        (None, "not an address"),
        (5, "not an address"),
        ("", "not an address"),
        ("wss://", "not an address"),
        (f"{SIGNED}\r\nSet-Cookie: x", "not an address"),
        (f"{SIGNED} ", "not an address"),
        (SIGNED + "x" * 5000, "not an address"),
        (SIGNED.replace("wss:", "ws:"), "scheme is not wss"),
        (SIGNED.replace("wss:", "https:"), "scheme is not wss"),
        (SIGNED.replace("api.elevenlabs.io", "evil.example"), "another host"),
        (SIGNED.replace("api.elevenlabs.io", "api.elevenlabs.io.evil.example"), "another host"),
        (SIGNED.replace("api.elevenlabs.io", "evilelevenlabs.io"), "another host"),
        (SIGNED.replace("api.elevenlabs.io", "api.elevenlabs.io:444"), "another host"),
        (SIGNED.replace("wss://", "wss://evil.example@"), "a user or a fragment"),
        (f"{SIGNED}#x", "a user or a fragment"),
        (SIGNED.replace("conversation?", "elsewhere?"), "does not lead to a conversation"),
        (SIGNED.replace("agent_id=a", "agent_id=b"), "another agent"),
        (SIGNED.replace("agent_id=a&", ""), "another agent"),
        (SIGNED.replace("agent_id=a", "agent_id=a&agent_id=b"), "another agent"),
        (SIGNED.replace("conversation_signature", "x"), "not signed"),
        (SIGNED.replace("hush", ""), "not signed"),
        (f"{SIGNED}&conversation_signature=2", "not signed"),
    ],
)
def test_what_is_no_signed_url_is_refused_and_not_shown(url: object, flaw: str) -> None:
    said = signed_url_flaw(url, server=SERVICE, agent_id="a")
    assert flaw in said
    assert "hush" not in said


def test_a_host_of_the_service_is_not_at_home_for_another_server() -> None:
    assert "another host" in signed_url_flaw(SIGNED, server="https://proxy.example", agent_id="a")


@given(st.text())
def test_no_text_makes_it_fail(text: str) -> None:
    assert isinstance(server_flaw(text), str)
    assert signed_url_flaw(text, server=SERVICE, agent_id="a")


@pytest.mark.parametrize(
    ("host", "stays"),
    [("localhost", True), ("127.9.9.9", True), ("::1", True), ("10.0.0.1", False), ("localhost.evil.example", False)],
)
def test_loopback_is_this_very_machine(host: str, *, stays: bool) -> None:
    assert is_loopback(host) is stays
