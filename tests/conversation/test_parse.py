"""Any frame becomes an event; a good one the right event."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.conversation import events
from talkbox.conversation.parse import parse
from tests.support.messages import JUNK, SAMPLES, frame

EXPECTED: dict[str, events.Event] = {
    "conversation_initiation_metadata": events.ConversationMetadata(
        conversation_id="conv_1", input_format="pcm_16000", output_format="pcm_16000"
    ),
    "audio": events.AgentAudio(
        payload=b"\0\1\2\3",
        event_id=3,
        alignment=events.AudioAlignment(chars=("h", "i"), char_start_times_ms=(0, 50), char_durations_ms=(50, 60)),
    ),
    "user_transcript": events.UserTranscript(text="hello", event_id=1),
    "tentative_user_transcript": events.TentativeUserTranscript(text="hell", event_id=1),
    "agent_response": events.AgentResponse(text="hi there", event_id=2),
    "agent_response_correction": events.AgentResponseCorrection(original="hi there", corrected="hi", event_id=2),
    "agent_chat_response_part": events.AgentChatResponsePart(text="hi", part="delta", event_id=2),
    "agent_reasoning_response_part": events.AgentReasoningResponsePart(text="hm", part="start", event_id="r2"),
    "interruption": events.Interruption(event_id=4),
    "client_tool_call": events.ClientToolCall(tool_name="dim", tool_call_id="t1", parameters={"to": 0.5}, event_id=5),
    "rich_content": events.RichContent(rich_content_id="r", component="card", props={"a": 1}, event_id=6),
    "agent_tool_request": events.AgentToolRequest(tool_name="look", tool_call_id="t3", tool_type="mcp", event_id=7),
    "agent_tool_response": events.AgentToolResponse(
        tool_name="end_call",
        tool_call_id="t2",
        tool_type="system",
        is_error=False,
        is_called=True,
        is_blocked=False,
        event_id=9,
    ),
    "agent_tool_response_full_payload": events.AgentToolResponseFullPayload(
        tool_name="end_call",
        tool_call_id="t2",
        tool_type="system",
        is_error=False,
        is_called=True,
        is_blocked=False,
        event_id=9,
        full_tool_result="{}",
        truncated=True,
    ),
    "mcp_tool_call": events.McpToolCall(
        state=events.McpState.AWAITING_APPROVAL,
        service_id="s",
        tool_call_id="m1",
        tool_name="order",
        tool_description="orders",
        parameters={"n": 1},
        timestamp="2026-11-22T10:00:00Z",
        approval_timeout_s=60,
    ),
    "mcp_connection_status": events.McpConnectionStatus(
        integrations=(
            events.McpIntegration(integration_id="i", integration_type="mcp_server", is_connected=True, tool_count=2),
        )
    ),
    "vad_score": events.VadScore(vad_score=0.5),
    "ping": events.Ping(event_id=8, ping_ms=None),
    "context_usage": events.ContextUsage(model="m", context_tokens=10, context_limit_tokens=100, event_id=2),
    "asr_initiation_metadata": events.AsrInitiationMetadata(metadata={"anything": 1}),
    "guardrail_triggered": events.GuardrailTriggered(),
    "internal_turn_probability": events.InternalTurnProbability(turn_probability=1.0),
    "internal_tentative_agent_response": events.InternalTentativeAgentResponse(text="perhaps"),
    "agent_typing": events.AgentTyping(is_typing=True, duration_ms=500),
    "external_agent_connected": events.ExternalAgentConnected(),
    "external_agent_disconnected": events.ExternalAgentDisconnected(),
    "error": events.ErrorReport(
        code=1002, error_type="llm_timeout", message="the model is slow", details={"after_s": 20}
    ),
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_every_message_of_the_contract_becomes_its_event(kind: str) -> None:
    assert parse(frame(SAMPLES[kind])) == EXPECTED[kind]


def fields_of(kind: str) -> list[tuple[str, str]]:
    body_name = next((name for name, value in SAMPLES[kind].items() if isinstance(value, dict)), "")
    return [(body_name, name) for name in SAMPLES[kind].get(body_name, {})]


# Free-form, or of no use to anybody: whatever stands there is taken, or ignored.
FREE = {"anything", "debug_message", "reason"}


@pytest.mark.parametrize(
    ("kind", "body_name", "name"),
    [(kind, *where) for kind in SAMPLES for where in fields_of(kind) if where[1] not in FREE],
)
def test_a_field_of_the_wrong_type_makes_a_message_malformed(kind: str, body_name: str, name: str) -> None:
    message: dict[str, Any] = json.loads(json.dumps(SAMPLES[kind]))
    right = message[body_name][name]
    message[body_name][name] = 5 if isinstance(right, str | list | dict | bool) else "five"
    event = parse(frame(message))
    assert isinstance(event, events.Malformed)
    assert event.type == kind
    assert name in event.reason


@pytest.mark.parametrize("junk", JUNK)
def test_junk_is_malformed(junk: str) -> None:
    event = parse(JUNK[junk])
    assert isinstance(event, events.Malformed)
    assert event.reason
    assert len(event.excerpt) <= 80


def test_what_is_malformed_is_said_without_its_content() -> None:
    event = parse(frame({"type": "user_transcript", "user_transcription_event": {"user_transcript": ["my secret"]}}))
    assert isinstance(event, events.Malformed)
    assert event.reason == "user_transcript must be text, not a list"
    assert "secret" not in repr(event)


def test_a_type_from_the_future_is_unknown_and_keeps_its_body() -> None:
    assert parse('{"type": "smell", "smell_event": {"of": "coffee"}}') == events.Unknown(
        type="smell", body={"type": "smell", "smell_event": {"of": "coffee"}}
    )


def test_fields_that_the_contract_does_not_have_are_ignored() -> None:
    assert parse('{"type": "interruption", "new": 1, "interruption_event": {"event_id": 1, "why": "?"}}') == (
        events.Interruption(event_id=1)
    )


def test_a_missing_input_format_is_16_khz_pcm() -> None:
    event = parse(
        frame(
            {
                "type": "conversation_initiation_metadata",
                "conversation_initiation_metadata_event": {
                    "conversation_id": "c",
                    "agent_output_audio_format": "ulaw_8000",
                },
            }
        )
    )
    assert event == events.ConversationMetadata(
        conversation_id="c", input_format="pcm_16000", output_format="ulaw_8000"
    )


def test_an_event_id_may_be_missing_where_it_is_missing_in_the_documentation() -> None:
    event = parse(frame({"type": "agent_response", "agent_response_event": {"agent_response": "hi"}}))
    assert event == events.AgentResponse(text="hi", event_id=None)


def test_an_error_falls_back_to_its_reason() -> None:
    event = parse(frame({"type": "error", "error_event": {"code": 1008, "reason": "no"}}))
    assert event == events.ErrorReport(code=1008, error_type="", message="no", details={})


@pytest.mark.parametrize(("ping_ms", "read"), [(12, 12.0), (12.5, 12.5), (None, None), (10**400, float(2**53))])
def test_a_number_may_be_whole_or_not(ping_ms: float | None, read: float | None) -> None:
    assert parse(frame({"type": "ping", "ping_event": {"event_id": 1, "ping_ms": ping_ms}})) == events.Ping(
        event_id=1, ping_ms=read
    )


@pytest.mark.parametrize(("text", "read"), [(b"1e999", float(2**53)), (b"-1e999", -float(2**53))])
def test_no_number_is_infinite(text: bytes, read: float) -> None:
    event = parse(b'{"type": "ping", "ping_event": {"event_id": 1, "ping_ms": ' + text + b"}}")
    assert event == events.Ping(event_id=1, ping_ms=read)


@pytest.mark.parametrize(("said", "limit_s"), [(None, 300), (0, 0), (60, 60)])
def test_an_approval_has_its_own_time_or_the_contracts(said: int | None, limit_s: int) -> None:
    body = {**SAMPLES["mcp_tool_call"]["mcp_tool_call"], "approval_timeout_secs": said}
    event = parse(frame({"type": "mcp_tool_call", "mcp_tool_call": body}))
    assert isinstance(event, events.McpToolCall)
    assert event.approval_timeout_s == limit_s


def test_a_missing_number_is_malformed() -> None:
    assert isinstance(parse('{"type": "vad_score", "vad_score_event": {}}'), events.Malformed)


def test_half_a_surrogate_pair_becomes_a_question_mark_and_whole_ones_stay() -> None:
    text = rb'"\ud83d\ude00 \ud83d."'
    event = parse(
        b'{"type": "agent_response", "agent_response_event": {"agent_response": ' + text + b', "event_id": 1}}'
    )
    assert event == events.AgentResponse(text="\N{GRINNING FACE} ?.", event_id=1)


@given(st.text() | st.binary())
def test_any_frame_becomes_an_event(anything: str | bytes) -> None:
    assert isinstance(parse(anything), events.Malformed | events.Unknown)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.sampled_from(sorted(SAMPLES)), values)
def test_any_body_of_any_type_becomes_an_event(kind: str, body: object) -> None:
    names = [name for name in SAMPLES[kind] if name != "type"]
    assert isinstance(parse(frame({"type": kind, **dict.fromkeys(names, body)})), events.Event)


@given(st.data(), st.sampled_from(sorted(kind for kind in SAMPLES if fields_of(kind))), values)
def test_any_value_in_any_field_becomes_an_event(data: st.DataObject, kind: str, value: object) -> None:
    body_name, name = data.draw(st.sampled_from(fields_of(kind)))
    message = {**SAMPLES[kind], body_name: {**SAMPLES[kind][body_name], name: value}}
    assert isinstance(parse(frame(message)), events.Event)
