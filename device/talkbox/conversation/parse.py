"""
From one frame of the service to one event. Pure, and never raises: what cannot be used is a `Malformed` event.

A field of the wrong type makes the whole message malformed; a field that is not in the contract is ignored. Reasons
name fields and types, never their content, so they may be logged.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import TypeVar, cast

from . import events

T = TypeVar("T")
Body = Mapping[str, object]

_EXCERPT_CHARS = 80
_TYPE_CHARS = 60


def parse(frame: bytes | str) -> events.Event:
    """
    Return what one WebSocket frame says; `Unknown` for a type from the future, `Malformed` for junk.

    Args:
        frame: Text, or its UTF-8 bytes. Whether it came as a text or as a binary frame makes no difference.
    """
    kind = ""
    try:
        message = _load(frame)
        kind = _get(message, "type", str)[:_TYPE_CHARS]
        if kind not in _READERS:
            return events.Unknown(type=kind, body=message)
        body_name, read = _READERS[kind]
        return read(_get(message, body_name, dict) if body_name else message)
    except (ValueError, RecursionError) as error:
        return malformed(frame, kind=kind, reason=_reason(error))


def malformed(frame: bytes | str, *, kind: str, reason: str) -> events.Malformed:
    """Return the event for a `frame` that says something, but nothing that can be used."""
    start = frame[:_EXCERPT_CHARS]
    excerpt = start if isinstance(start, str) else start.decode("utf-8", "replace")
    return events.Malformed(type=kind, reason=reason, excerpt=excerpt)


def _load(frame: bytes | str) -> Body:
    text = frame if isinstance(frame, str) else frame.decode("utf-8")
    message = json.loads(text, parse_constant=_refuse_constant)
    if "\\ud" in text or "\\uD" in text:
        # An escaped half of a surrogate pair is legal JSON, but no text: it could be neither logged nor sent on.
        message = json.loads(json.dumps(message, ensure_ascii=False).encode("utf-8", "replace"))
    if not isinstance(message, dict):
        raise _Unusable("the message is not an object")
    return message


def _reason(error: ValueError | RecursionError) -> str:
    match error:
        case _Unusable():
            return str(error)
        case UnicodeDecodeError():
            return "the frame is not UTF-8"
        case json.JSONDecodeError():
            return f"the frame is not JSON: {error.msg} at {error.pos}"
        case _:  # nested too deeply, or a number of thousands of digits
            return f"the frame cannot be decoded: {type(error).__name__}"


class _Unusable(ValueError):
    """A field is missing or of the wrong type."""


def _refuse_constant(name: str) -> object:
    raise _Unusable(f"{name} is not JSON")


def _maybe(body: Body, name: str, kind: type[T]) -> T | None:
    value = body.get(name)
    if value is None:
        return None
    # `True` is an `int` in Python, and not in JSON.
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _Unusable(f"{name} must be {_NAMES[kind]}, not {_NAMES.get(type(value), 'null')}")
    return value


def _get(body: Body, name: str, kind: type[T]) -> T:
    value = _maybe(body, name, kind)
    if value is None:
        raise _Unusable(f"{name} is missing")
    return value


def _number(body: Body, name: str) -> float:
    if (value := _maybe_number(body, name)) is None:
        raise _Unusable(f"{name} is missing")
    return value


def _maybe_number(body: Body, name: str) -> float | None:
    value = _maybe(body, name, int) if isinstance(body.get(name), int) else _maybe(body, name, float)
    # 1e999 is legal JSON, and infinite in Python; a whole number of thousands of digits is no float at all.
    return None if value is None else float(min(max(value, -(2**53)), 2**53))


def _list_of(body: Body, name: str, kind: type[T]) -> tuple[T, ...]:
    return tuple(_get({name: item}, name, kind) for item in _get(body, name, list))


_NAMES: dict[type, str] = {
    str: "text",
    int: "an integer",
    float: "a number",
    bool: "a boolean",
    dict: "an object",
    list: "a list",
}


def _metadata(body: Body) -> events.Event:
    return events.ConversationMetadata(
        conversation_id=_get(body, "conversation_id", str),
        input_format=_maybe(body, "user_input_audio_format", str) or "pcm_16000",
        output_format=_get(body, "agent_output_audio_format", str),
    )


def _audio(body: Body) -> events.Event:
    alignment = _maybe(body, "alignment", dict)
    try:
        payload = base64.b64decode(_get(body, "audio_base_64", str), validate=True)
    except _Unusable:
        raise
    except ValueError as error:
        raise _Unusable("audio_base_64 is not base64") from error
    return events.AgentAudio(
        payload=payload,
        event_id=_get(body, "event_id", int),
        alignment=None if alignment is None else _alignment(alignment),
    )


def _alignment(body: Body) -> events.AudioAlignment:
    return events.AudioAlignment(
        chars=_list_of(body, "chars", str),
        char_start_times_ms=_list_of(body, "char_start_times_ms", int),
        char_durations_ms=_list_of(body, "char_durations_ms", int),
    )


def _user_transcript(body: Body) -> events.Event:
    return events.UserTranscript(text=_get(body, "user_transcript", str), event_id=_maybe(body, "event_id", int))


def _tentative_user_transcript(body: Body) -> events.Event:
    return events.TentativeUserTranscript(
        text=_get(body, "user_transcript", str), event_id=_maybe(body, "event_id", int)
    )


def _agent_response(body: Body) -> events.Event:
    return events.AgentResponse(text=_get(body, "agent_response", str), event_id=_maybe(body, "event_id", int))


def _agent_response_correction(body: Body) -> events.Event:
    return events.AgentResponseCorrection(
        original=_get(body, "original_agent_response", str),
        corrected=_get(body, "corrected_agent_response", str),
        event_id=_maybe(body, "event_id", int),
    )


def _chat_part(body: Body) -> events.Event:
    return events.AgentChatResponsePart(
        text=_get(body, "text", str), part=_get(body, "type", str), event_id=_maybe(body, "event_id", int)
    )


def _reasoning_part(body: Body) -> events.Event:
    return events.AgentReasoningResponsePart(
        text=_get(body, "text", str), part=_get(body, "type", str), event_id=_maybe(body, "event_id", str)
    )


def _interruption(body: Body) -> events.Event:
    return events.Interruption(event_id=_get(body, "event_id", int))


def _client_tool_call(body: Body) -> events.Event:
    return events.ClientToolCall(
        tool_name=_get(body, "tool_name", str),
        tool_call_id=_get(body, "tool_call_id", str),
        parameters=_maybe(body, "parameters", dict) or {},
        event_id=_maybe(body, "event_id", int),
    )


def _rich_content(body: Body) -> events.Event:
    return events.RichContent(
        rich_content_id=_get(body, "rich_content_id", str),
        component=_get(body, "component", str),
        props=_get(body, "props", dict),
        event_id=_maybe(body, "event_id", int),
    )


def _agent_tool_request(body: Body) -> events.Event:
    return events.AgentToolRequest(
        tool_name=_get(body, "tool_name", str),
        tool_call_id=_get(body, "tool_call_id", str),
        tool_type=_get(body, "tool_type", str),
        event_id=_maybe(body, "event_id", int),
    )


def _agent_tool_response(body: Body) -> events.Event:
    return events.AgentToolResponse(
        tool_name=_get(body, "tool_name", str),
        tool_call_id=_get(body, "tool_call_id", str),
        tool_type=_get(body, "tool_type", str),
        is_error=_get(body, "is_error", bool),
        is_called=_maybe(body, "is_called", bool) is not False,
        is_blocked=_maybe(body, "is_blocked", bool) or False,
        event_id=_maybe(body, "event_id", int),
    )


def _agent_tool_response_full_payload(body: Body) -> events.Event:
    return events.AgentToolResponseFullPayload(
        tool_name=_get(body, "tool_name", str),
        tool_call_id=_get(body, "tool_call_id", str),
        tool_type=_get(body, "tool_type", str),
        is_error=_get(body, "is_error", bool),
        is_called=_maybe(body, "is_called", bool) is not False,
        is_blocked=_maybe(body, "is_blocked", bool) or False,
        event_id=_maybe(body, "event_id", int),
        full_tool_result=_get(body, "full_tool_result", str),
        truncated=_maybe(body, "truncated", bool) or False,
    )


def _mcp_tool_call(body: Body) -> events.Event:
    try:
        state = events.McpState(_get(body, "state", str))
    except ValueError as error:
        raise _Unusable("state is missing, or not one of the contract's") from error
    waiting, timeout_s = state is events.McpState.AWAITING_APPROVAL, _maybe(body, "approval_timeout_secs", int)
    return events.McpToolCall(
        state=state,
        service_id=_get(body, "service_id", str),
        tool_call_id=_get(body, "tool_call_id", str),
        tool_name=_get(body, "tool_name", str),
        tool_description=_maybe(body, "tool_description", str),
        parameters=_get(body, "parameters", dict),
        timestamp=_maybe(body, "timestamp", str) or "",
        approval_timeout_s=(300 if timeout_s is None else timeout_s) if waiting else None,
        result=tuple(_maybe(body, "result", list) or ()),
        error_message=_maybe(body, "error_message", str) or "",
    )


def _mcp_connection_status(body: Body) -> events.Event:
    return events.McpConnectionStatus(
        integrations=tuple(
            events.McpIntegration(
                integration_id=_get(item, "integration_id", str),
                integration_type=_get(item, "integration_type", str),
                is_connected=_get(item, "is_connected", bool),
                tool_count=_maybe(item, "tool_count", int) or 0,
            )
            for item in cast("tuple[Body, ...]", _list_of(body, "integrations", dict))
        )
    )


def _vad_score(body: Body) -> events.Event:
    return events.VadScore(vad_score=_number(body, "vad_score"))


def _ping(body: Body) -> events.Event:
    return events.Ping(event_id=_get(body, "event_id", int), ping_ms=_maybe_number(body, "ping_ms"))


def _context_usage(body: Body) -> events.Event:
    return events.ContextUsage(
        model=_get(body, "model", str),
        context_tokens=_get(body, "context_tokens", int),
        context_limit_tokens=_get(body, "context_limit_tokens", int),
        event_id=_maybe(body, "event_id", int),
    )


def _asr_initiation_metadata(body: Body) -> events.Event:
    return events.AsrInitiationMetadata(metadata=body)


def _turn_probability(body: Body) -> events.Event:
    return events.InternalTurnProbability(turn_probability=_number(body, "turn_probability"))


def _tentative_agent_response(body: Body) -> events.Event:
    return events.InternalTentativeAgentResponse(text=_get(body, "tentative_agent_response", str))


def _agent_typing(body: Body) -> events.Event:
    return events.AgentTyping(is_typing=_get(body, "is_typing", bool), duration_ms=_maybe(body, "duration_ms", int))


def _error(body: Body) -> events.Event:
    return events.ErrorReport(
        code=_maybe(body, "code", int),
        error_type=_maybe(body, "error_type", str) or "",
        message=_maybe(body, "message", str) or _maybe(body, "reason", str) or "",
        details=_maybe(body, "details", dict) or {},
    )


# Type -> where its body is ("" for the message itself), and who reads it.
_READERS: dict[str, tuple[str, Callable[[Body], events.Event]]] = {
    "conversation_initiation_metadata": ("conversation_initiation_metadata_event", _metadata),
    "audio": ("audio_event", _audio),
    "user_transcript": ("user_transcription_event", _user_transcript),
    "tentative_user_transcript": ("tentative_user_transcription_event", _tentative_user_transcript),
    "agent_response": ("agent_response_event", _agent_response),
    "agent_response_correction": ("agent_response_correction_event", _agent_response_correction),
    "agent_chat_response_part": ("text_response_part", _chat_part),
    "agent_reasoning_response_part": ("reasoning_response_part", _reasoning_part),
    "interruption": ("interruption_event", _interruption),
    "client_tool_call": ("client_tool_call", _client_tool_call),
    "rich_content": ("rich_content", _rich_content),
    "agent_tool_request": ("agent_tool_request", _agent_tool_request),
    "agent_tool_response": ("agent_tool_response", _agent_tool_response),
    "agent_tool_response_full_payload": ("agent_tool_response_full_payload", _agent_tool_response_full_payload),
    "mcp_tool_call": ("mcp_tool_call", _mcp_tool_call),
    "mcp_connection_status": ("mcp_connection_status", _mcp_connection_status),
    "vad_score": ("vad_score_event", _vad_score),
    "ping": ("ping_event", _ping),
    "context_usage": ("context_usage_event", _context_usage),
    "asr_initiation_metadata": ("asr_initiation_metadata_event", _asr_initiation_metadata),
    "guardrail_triggered": ("", lambda _body: events.GuardrailTriggered()),
    "internal_turn_probability": ("turn_probability_internal_event", _turn_probability),
    "internal_tentative_agent_response": ("tentative_agent_response_internal_event", _tentative_agent_response),
    "agent_typing": ("agent_typing_event", _agent_typing),
    "external_agent_connected": ("", lambda _body: events.ExternalAgentConnected()),
    "external_agent_disconnected": ("", lambda _body: events.ExternalAgentDisconnected()),
    "error": ("error_event", _error),
}
