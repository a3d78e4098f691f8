from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_agent.messages import (
    BODY_KEYS,
    Bad,
    Initiation,
    Noted,
    Pong,
    ToolResult,
    UserAudio,
    UserMessage,
    build,
    read,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


def test_a_message_has_its_body_under_the_contracts_key() -> None:
    assert json.loads(build("ping", {"event_id": 3})) == {"type": "ping", "ping_event": {"event_id": 3}}
    assert set(BODY_KEYS) >= {"audio", "interruption", "user_transcript", "client_tool_call", "vad_score"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"user_audio_chunk": "AAEC"}', UserAudio(b"\0\1\2")),
        ('{"type": "pong", "event_id": 7}', Pong(7)),
        ('{"type": "user_message", "text": "hi"}', UserMessage("hi")),
        ('{"type": "user_message", "text": null}', UserMessage("")),
        ('{"type": "multimodal_message", "text": {"type": "user_message", "text": "look"}}', UserMessage("look")),
        ('{"type": "multimodal_message", "file": {"type": "file_input", "file_id": "1"}}', UserMessage("")),
        (
            '{"type": "client_tool_result", "tool_call_id": "c", "result": "", "is_error": true}',
            ToolResult(tool_call_id="c", result="", is_error=True),
        ),
        ('{"type": "user_activity"}', Noted("user_activity")),
        ('{"type": "contextual_update", "text": "x"}', Noted("contextual_update")),
        ('{"type": "feedback", "event_id": 1, "score": "like"}', Noted("feedback")),
        (
            '{"type": "mcp_tool_approval_result", "tool_call_id": "1", "is_approved": false}',
            Noted("mcp_tool_approval_result"),
        ),
        ('{"type": "conversation_initiation_client_data"}', Initiation()),
        (b'{"type": "user_activity"}', Noted("user_activity")),
    ],
)
def test_every_client_message_is_read(text: str | bytes, message: object) -> None:
    assert read(text) == message


def test_an_initiation_is_read_whole() -> None:
    overrides = {
        "agent": {"first_message": "", "language": "en", "prompt": {"prompt": "be kind"}},
        "tts": {"voice_id": "rms", "speed": 1.2},
        "conversation": {"text_only": True, "client_events": ["audio", "ping"]},
    }
    body = {"conversation_config_override": overrides, "dynamic_variables": {"a": 1}, "user_id": "u", "source_info": {}}
    assert read(json.dumps({"type": "conversation_initiation_client_data", **body})) == Initiation(
        first_message="",
        text_only=True,
        client_events=frozenset({"audio", "ping"}),
        voice_id="rms",
        speed=1.2,
        dynamic_variables={"a": 1},
        user_id="u",
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "JSONDecodeError"),
        ("[1]", "not an object but list"),
        ("{}", "KeyError: 'type'"),
        ('{"type": "from_the_future"}', "unknown type 'from_the_future'"),
        ('{"type": 7}', "unknown type 7"),
        ('{"type": "pong"}', "KeyError: 'event_id'"),
        ('{"user_audio_chunk": "?"}', "Error"),
        ('{"user_audio_chunk": 7}', "TypeError"),
        (
            '{"type": "client_tool_result", "tool_call_id": "c", "result": 7, "is_error": false}',
            "result is not a string",
        ),
        (
            '{"type": "conversation_initiation_client_data", "dynamic_variables": 7}',
            "dynamic_variables is not an object",
        ),
        ('{"type": "multimodal_message", "text": "x"}', "text is not an object"),
        ('{"type": "pong", "event_id": Infinity}', "OverflowError"),
        (
            json.dumps(
                {
                    "type": "conversation_initiation_client_data",
                    "conversation_config_override": {"conversation": {"client_events": "audio"}},
                }
            ),
            "client_events is not an array",
        ),
        ("[" * 100_000, "RecursionError"),
        (b"\xff", "UnicodeDecodeError"),
    ],
)
def test_what_is_no_message_is_bad_and_says_why(text: str | bytes, reason: str) -> None:
    message = read(text)
    assert isinstance(message, Bad)
    assert reason in message.reason


@given(st.text() | st.binary())
def test_any_frame_can_be_read(frame: str | bytes) -> None:
    read(frame)


@given(
    st.sampled_from(
        ["pong", "user_message", "multimodal_message", "client_tool_result", "conversation_initiation_client_data"]
    ),
    st.data(),
)
def test_any_fields_can_be_read(kind: str, data: st.DataObject) -> None:
    names = [
        "event_id",
        "text",
        "tool_call_id",
        "result",
        "is_error",
        "conversation_config_override",
        "dynamic_variables",
    ]
    message: dict[str, Any] = data.draw(st.dictionaries(st.sampled_from(names), JSON))
    read(json.dumps({"type": kind, **message}))
