"""
The service's messages as JSON objects: what we send is built here, what clients send is read here.

Pure, and ignorant of conversations: event ids are given by the outbox, meaning by the session.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

JsonObject = dict[str, Any]

BODY_KEYS: dict[str, str] = {
    "audio": "audio_event",
    "agent_response": "agent_response_event",
    "agent_response_correction": "agent_response_correction_event",
    "agent_chat_response_part": "text_response_part",
    "interruption": "interruption_event",
    "user_transcript": "user_transcription_event",
    "tentative_user_transcript": "tentative_user_transcription_event",
    "conversation_initiation_metadata": "conversation_initiation_metadata_event",
    "client_tool_call": "client_tool_call",
    "agent_tool_request": "agent_tool_request",
    "agent_tool_response": "agent_tool_response",
    "vad_score": "vad_score_event",
    "ping": "ping_event",
    "error": "error_event",
}
"""Type of message -> the key that holds its body."""

WITHOUT_EVENT_ID = frozenset({"conversation_initiation_metadata", "vad_score", "error"})
"""The types whose body has no `event_id`."""


def build(kind: str, body: Mapping[str, object]) -> str:
    """Give the text of a message of type ``kind``."""
    return json.dumps({"type": kind, BODY_KEYS[kind]: body})


@dataclass(frozen=True, slots=True, kw_only=True)
class Initiation:
    """``conversation_initiation_client_data``: what this client wants to be different."""

    first_message: str | None = None
    """What the agent says first; "" = it waits; `None` = the agent's own."""
    text_only: bool = False
    client_events: frozenset[str] | None = None
    """The only types to be sent; `None` = all."""
    voice_id: str = ""
    speed: float = 1.0
    dynamic_variables: Mapping[str, object] = field(default_factory=dict)
    user_id: str = ""


@dataclass(frozen=True, slots=True)
class UserAudio:
    """A chunk of the microphone, in the session's input format."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to one of our pings."""

    event_id: int


@dataclass(frozen=True, slots=True)
class UserMessage:
    """Something typed, to be answered as if it were spoken; ``""`` for a message without text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult:
    """What a client tool gave back."""

    tool_call_id: str
    result: str
    is_error: bool


@dataclass(frozen=True, slots=True)
class Noted:
    """A message that is taken note of and needs no answer."""

    kind: str


@dataclass(frozen=True, slots=True)
class Bad:
    """Something that is not a message of the contract."""

    reason: str


ClientMessage = Initiation | UserAudio | Pong | UserMessage | ToolResult | Noted | Bad

_NOTED = frozenset({"user_activity", "contextual_update", "feedback", "mcp_tool_approval_result"})


def read(text: str | bytes) -> ClientMessage:
    """Read one frame of a client's. Never raises: what cannot be used is `Bad`."""
    try:
        message = json.loads(text)
        if not isinstance(message, dict):
            return Bad(f"not an object but {type(message).__name__}")
        if "user_audio_chunk" in message:
            return UserAudio(base64.b64decode(message["user_audio_chunk"], validate=True))
        return _read_typed(message)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError) as error:
        return Bad(f"{type(error).__name__}: {error}")


def _read_typed(message: JsonObject) -> ClientMessage:  # noqa: PLR0911  one a type
    match message["type"]:
        case "conversation_initiation_client_data":
            return _read_initiation(message)
        case "pong":
            return Pong(int(message["event_id"]))
        case "user_message":
            return UserMessage(str(message.get("text") or ""))
        case "multimodal_message":
            return UserMessage(str(_table(message, "text").get("text") or ""))
        case "client_tool_result":
            return ToolResult(
                tool_call_id=str(message["tool_call_id"]),
                result=_string(message, "result"),
                is_error=bool(message["is_error"]),
            )
        case str(kind) if kind in _NOTED:
            return Noted(kind)
        case kind:
            return Bad(f"unknown type {kind!r}")


def _read_initiation(message: JsonObject) -> Initiation:
    override = _table(message, "conversation_config_override")
    agent, tts, conversation = (_table(override, name) for name in ("agent", "tts", "conversation"))
    first = agent.get("first_message")
    events = conversation.get("client_events")
    if not isinstance(events, list | None):
        raise TypeError("client_events is not an array")
    return Initiation(
        first_message=None if first is None else str(first),
        text_only=bool(conversation.get("text_only")),
        client_events=None if events is None else frozenset(map(str, events)),
        voice_id=str(tts.get("voice_id") or ""),
        speed=min(5.0, max(0.5, float(tts.get("speed") or 1.0))),
        dynamic_variables=_table(message, "dynamic_variables"),
        user_id=str(message.get("user_id") or ""),
    )


def _table(message: JsonObject, key: str) -> JsonObject:
    """Give the object under ``key``; an absent one and null are empty."""
    value = message.get(key) or {}
    if not isinstance(value, dict):
        raise TypeError(f"{key} is not an object")
    return value


def _string(message: JsonObject, key: str) -> str:
    value = message[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is not a string")
    return value
