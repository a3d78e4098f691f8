"""Where a session may go, and what a log may say of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.conversation.urls import (
    check_websocket_url,
    conversation_url,
    host_of,
    is_loopback,
    masked,
    one_line,
    with_source,
)


@pytest.mark.parametrize(
    ("server", "url"),
    [
        ("wss://api.elevenlabs.io", "wss://api.elevenlabs.io/v1/convai/conversation?agent_id=a%2Fb%261"),
        ("wss://host:8443/", "wss://host:8443/v1/convai/conversation?agent_id=a%2Fb%261"),
        ("wss://host/prefix/", "wss://host/prefix/v1/convai/conversation?agent_id=a%2Fb%261"),
        ("ws://127.0.0.1:8787", "ws://127.0.0.1:8787/v1/convai/conversation?agent_id=a%2Fb%261"),
        ("ws://[::1]:1", "ws://[::1]:1/v1/convai/conversation?agent_id=a%2Fb%261"),
        ("ws://localhost", "ws://localhost/v1/convai/conversation?agent_id=a%2Fb%261"),
    ],
)
def test_a_public_agent_has_an_address(server: str, url: str) -> None:
    assert conversation_url(server=server, agent_id="a/b&1") == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "api.elevenlabs.io",
        "https://api.elevenlabs.io",
        "ws://api.elevenlabs.io",
        "ws://10.0.0.1:8787",
        "ws://127.0.0.1.example.com",
        "ws://localhost.example.com",
        "wss://",
        "wss:///path",
        "wss://host:port",
        "wss://host:99999",
        "wss://[::1",
        "wss://host/a b",
        "wss://host/\n",
        "wss://höst",
    ],
)
def test_anything_but_tls_or_loopback_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="server must be wss://, or ws:// to loopback"):
        conversation_url(server=url, agent_id="a")


@pytest.mark.parametrize("url", ["wss://host?x=1", "wss://host#x", "wss://me:secret@host"])
def test_a_server_is_an_address_and_nothing_else(url: str) -> None:
    with pytest.raises(ValueError, match="without query or user"):
        conversation_url(server=url, agent_id="a")


def test_a_refused_url_is_shown_without_its_secrets() -> None:
    with pytest.raises(ValueError, match="not 'http://host/x'") as caught:
        check_websocket_url("http://host/x?conversation_signature=hush", what="signed_url")
    assert "hush" not in str(caught.value)
    with pytest.raises(ValueError, match="not 'host'") as caught:
        check_websocket_url("http://me:hush@host", what="signed_url")
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "source_info", "whole"),
    [
        ("wss://h/c?a=1", {"source": "talk box", "version": "1"}, "wss://h/c?a=1&source=talk+box&version=1"),
        ("wss://h/c", {"source": "s", "version": "1"}, "wss://h/c?source=s&version=1"),
        ("wss://h/c", {"version": ""}, "wss://h/c"),
        ("wss://h/c", {"secret": "x"}, "wss://h/c"),
    ],
)
def test_the_source_is_appended_to_the_query(url: str, source_info: dict[str, str], whole: str) -> None:
    assert with_source(url, source_info) == whole


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1"])
def test_loopback_never_leaves_the_machine(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize("host", ["", "example.com", "192.0.2.1", "10.0.0.1", "::2", "127.0.0.1.evil.org"])
def test_anything_else_does(host: str) -> None:
    assert not is_loopback(host)


@pytest.mark.parametrize(("url", "host"), [("wss://A.b:1/c", "a.b"), ("ws://[::1]:2", "::1"), ("x", ""), ("//[", "")])
def test_an_address_has_a_host(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("wss://h/c?agent_id=a&conversation_signature=hush&x=1", "wss://h/c?agent_id=a&conversation_signature=***&x=1"),
        ("xi-api-key: hush", "xi-api-key: ***"),
        ('{"token": "hush", "a": 1}', '{"token": "***", "a": 1}'),
        ("Authorization: Bearer hush.hush", "Authorization: Bearer ***"),
        ("a Bearer hush", "a Bearer ***"),
        ("> Authorization: Basic aHVzaDpodXNo", "> Authorization: Basic ***"),
        ("Proxy-Authorization: Digest hush", "Proxy-Authorization: Digest ***"),
        ("http://me:hu&;s@h@proxy:1/x isn't valid: me@home", "http://***@proxy:1/x isn't valid: me@home"),
        ("wss://host/me@home", "wss://host/me@home"),
        ("the key sk_0123456789abcdef is bad", "the key *** is bad"),
        ("an invalid token was sent", "an invalid token was sent"),
        ("requires authentication", "requires authentication"),
    ],
)
def test_secrets_are_masked_and_nothing_else(text: str, shown: str) -> None:
    assert masked(text) == shown


@given(st.text())
def test_anything_becomes_one_printable_line(text: str) -> None:
    line = one_line(text, limit=50)
    assert line.isprintable()
    assert len(line) <= 50


@given(st.text(), st.text())
def test_no_text_around_it_uncovers_a_secret(before: str, after: str) -> None:
    assert "hush-0123" not in masked(f"{before}?conversation_signature=hush-0123 {after}")
