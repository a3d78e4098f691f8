"""One whole message of every type the service sends, as the published contract has them."""

from __future__ import annotations

import json
from typing import Any

METADATA: dict[str, Any] = {
    "type": "conversation_initiation_metadata",
    "conversation_initiation_metadata_event": {
        "conversation_id": "conv_1",
        "agent_output_audio_format": "pcm_16000",
        "user_input_audio_format": "pcm_16000",
    },
}
TOOL_RESPONSE = {
    "tool_name": "end_call",
    "tool_call_id": "t2",
    "tool_type": "system",
    "is_error": False,
    "is_blocked": False,
    "is_called": True,
    "event_id": 9,
}

SAMPLES: dict[str, dict[str, Any]] = {
    str(message["type"]): message
    for message in (
        METADATA,
        {
            "type": "audio",
            "audio_event": {
                "audio_base_64": "AAECAw==",
                "event_id": 3,
                "alignment": {"chars": ["h", "i"], "char_start_times_ms": [0, 50], "char_durations_ms": [50, 60]},
            },
        },
        {"type": "user_transcript", "user_transcription_event": {"user_transcript": "hello", "event_id": 1}},
        {
            "type": "tentative_user_transcript",
            "tentative_user_transcription_event": {"user_transcript": "hell", "event_id": 1},
        },
        {"type": "agent_response", "agent_response_event": {"agent_response": "hi there", "event_id": 2}},
        {
            "type": "agent_response_correction",
            "agent_response_correction_event": {
                "original_agent_response": "hi there",
                "corrected_agent_response": "hi",
                "event_id": 2,
            },
        },
        {"type": "agent_chat_response_part", "text_response_part": {"text": "hi", "type": "delta", "event_id": 2}},
        {
            "type": "agent_reasoning_response_part",
            "reasoning_response_part": {"text": "hm", "type": "start", "event_id": "r2"},
        },
        {"type": "interruption", "interruption_event": {"event_id": 4}},
        {
            "type": "client_tool_call",
            "client_tool_call": {"tool_name": "dim", "tool_call_id": "t1", "parameters": {"to": 0.5}, "event_id": 5},
        },
        {
            "type": "rich_content",
            "rich_content": {"rich_content_id": "r", "component": "card", "props": {"a": 1}, "event_id": 6},
        },
        {
            "type": "agent_tool_request",
            "agent_tool_request": {"tool_name": "look", "tool_call_id": "t3", "tool_type": "mcp", "event_id": 7},
        },
        {"type": "agent_tool_response", "agent_tool_response": TOOL_RESPONSE},
        {
            "type": "agent_tool_response_full_payload",
            "agent_tool_response_full_payload": {**TOOL_RESPONSE, "full_tool_result": "{}", "truncated": True},
        },
        {
            "type": "mcp_tool_call",
            "mcp_tool_call": {
                "service_id": "s",
                "tool_call_id": "m1",
                "tool_name": "order",
                "tool_description": "orders",
                "parameters": {"n": 1},
                "timestamp": "2026-11-22T10:00:00Z",
                "state": "awaiting_approval",
                "approval_timeout_secs": 60,
            },
        },
        {
            "type": "mcp_connection_status",
            "mcp_connection_status": {
                "integrations": [
                    {"integration_id": "i", "integration_type": "mcp_server", "is_connected": True, "tool_count": 2}
                ]
            },
        },
        {"type": "vad_score", "vad_score_event": {"vad_score": 0.5}},
        {"type": "ping", "ping_event": {"event_id": 8, "ping_ms": None}},
        {
            "type": "context_usage",
            "context_usage_event": {
                "event_id": 2,
                "model": "m",
                "context_tokens": 10,
                "context_limit_tokens": 100,
            },
        },
        {"type": "asr_initiation_metadata", "asr_initiation_metadata_event": {"anything": 1}},
        {"type": "guardrail_triggered"},
        {"type": "internal_turn_probability", "turn_probability_internal_event": {"turn_probability": 1}},
        {
            "type": "internal_tentative_agent_response",
            "tentative_agent_response_internal_event": {"tentative_agent_response": "perhaps"},
        },
        {"type": "agent_typing", "agent_typing_event": {"is_typing": True, "duration_ms": 500}},
        {"type": "external_agent_connected", "external_agent_connected_event": {}},
        {"type": "external_agent_disconnected", "external_agent_disconnected_event": {}},
        {
            "type": "error",
            "error_event": {
                "code": 1002,
                "error_type": "llm_timeout",
                "message": "the model is slow",
                "reason": None,
                "debug_message": "d",
                "details": {"after_s": 20},
            },
        },
    )
}


def frame(message: object) -> bytes:
    """One message as it comes over the wire."""
    return json.dumps(message).encode()


def audio_frame(event_id: int, payload_base64: str = "AAAAAA==") -> bytes:
    return frame({"type": "audio", "audio_event": {"audio_base_64": payload_base64, "event_id": event_id}})


JUNK: dict[str, bytes] = {
    "nothing": b"",
    "no JSON": b"hello?",
    "half a message": b'{"type": "ping", "ping_',
    "not UTF-8": b"\xff\xfe\x00",
    "a list": b"[1, 2]",
    "null": b"null",
    "a number": b"7",
    "no type": b"{}",
    "type is a number": b'{"type": 3}',
    "type is null": b'{"type": null}',
    "no body": b'{"type": "audio"}',
    "body is a text": b'{"type": "audio", "audio_event": "x"}',
    "body is null": b'{"type": "ping", "ping_event": null}',
    "no event id": b'{"type": "audio", "audio_event": {"audio_base_64": ""}}',
    "event id is a text": b'{"type": "ping", "ping_event": {"event_id": "1"}}',
    "event id is true": b'{"type": "ping", "ping_event": {"event_id": true}}',
    "event id is a fraction": b'{"type": "ping", "ping_event": {"event_id": 1.5}}',
    "event id is huge": b'{"type": "ping", "ping_event": {"event_id": ' + b"9" * 5000 + b"}}",
    "not a number": b'{"type": "vad_score", "vad_score_event": {"vad_score": NaN}}',
    "infinite": b'{"type": "vad_score", "vad_score_event": {"vad_score": -Infinity}}',
    "odd base64": b'{"type": "audio", "audio_event": {"audio_base_64": "AAA", "event_id": 1}}',
    "no base64 at all": b'{"type": "audio", "audio_event": {"audio_base_64": "\xc3\xa4!", "event_id": 1}}',
    "alignment of texts": frame(
        {
            "type": "audio",
            "audio_event": {
                "audio_base_64": "",
                "event_id": 1,
                "alignment": {"chars": [1], "char_start_times_ms": [], "char_durations_ms": []},
            },
        }
    ),
    "unknown MCP state": frame({"type": "mcp_tool_call", "mcp_tool_call": {"state": "thinking"}}),
    "MCP list of texts": frame({"type": "mcp_connection_status", "mcp_connection_status": {"integrations": ["x"]}}),
    "transcript is a number": frame({"type": "user_transcript", "user_transcription_event": {"user_transcript": 5}}),
    "too deep": b'{"type": ' + b"[" * 100_000,
}
