"""What goes over the wire is what the contract says."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.conversation import outgoing


def test_an_opening_message_says_only_what_is_set() -> None:
    assert json.loads(outgoing.initiation()) == {"type": "conversation_initiation_client_data"}
    assert json.loads(
        outgoing.initiation(overrides={"agent": {"language": None}}, dynamic_variables={}, user_id="")
    ) == {"type": "conversation_initiation_client_data"}


def test_an_opening_message_says_all_that_is_set() -> None:
    said = outgoing.initiation(
        overrides={"agent": {"first_message": "", "prompt": {"prompt": "be nice"}}, "tts": {"speed": 1.1}},
        dynamic_variables={"name": "Ann", "count": 0, "ok": False},
        user_id="u",
        custom_llm_extra_body={"temperature": 0},
        source_info={"source": "talkbox", "version": "1"},
    )
    assert json.loads(said) == {
        "type": "conversation_initiation_client_data",
        "conversation_config_override": {
            "agent": {"first_message": "", "prompt": {"prompt": "be nice"}},
            "tts": {"speed": 1.1},
        },
        "dynamic_variables": {"name": "Ann", "count": 0, "ok": False},
        "user_id": "u",
        "custom_llm_extra_body": {"temperature": 0},
        "source_info": {"source": "talkbox", "version": "1"},
    }


@pytest.mark.parametrize("conversation", [None, {"client_events": ["audio"]}, {"text_only": False}, "nonsense"])
def test_text_only_wins_over_the_overrides(conversation: object) -> None:
    said = json.loads(outgoing.initiation(text_only=True, overrides={"conversation": conversation}))
    asked = said["conversation_config_override"]["conversation"]
    assert asked["text_only"] is True
    if isinstance(conversation, Mapping) and "client_events" in conversation:
        assert asked["client_events"] == ["audio"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (outgoing.user_audio(b"\0\1"), {"user_audio_chunk": "AAE="}),
        (outgoing.pong(event_id=3), {"type": "pong", "event_id": 3}),
        (outgoing.user_message("hi"), {"type": "user_message", "text": "hi"}),
        (
            outgoing.user_message("hi", rich_content_id="r"),
            {"type": "user_message", "text": "hi", "rich_content_id": "r"},
        ),
        (outgoing.user_activity(), {"type": "user_activity"}),
        (outgoing.contextual_update("x"), {"type": "contextual_update", "text": "x"}),
        (
            outgoing.contextual_update("x", context_id="c"),
            {"type": "contextual_update", "text": "x", "context_id": "c"},
        ),
        (outgoing.feedback(like=True, event_id=2), {"type": "feedback", "event_id": 2, "score": "like"}),
        (outgoing.feedback(like=False, event_id=2), {"type": "feedback", "event_id": 2, "score": "dislike"}),
        (outgoing.feedback(like=None, event_id=2), {"type": "feedback", "event_id": 2, "score": None}),
        (
            outgoing.multimodal_message(text="look", file_id="f"),
            {
                "type": "multimodal_message",
                "text": {"type": "user_message", "text": "look"},
                "file": {"type": "file_input", "file_id": "f"},
            },
        ),
        (
            outgoing.multimodal_message(text=None, file_id="f"),
            {"type": "multimodal_message", "file": {"type": "file_input", "file_id": "f"}},
        ),
        (
            outgoing.multimodal_message(text="", file_id=None),
            {"type": "multimodal_message", "text": {"type": "user_message", "text": ""}},
        ),
        (
            outgoing.client_tool_result(tool_call_id="t", result="", is_error=False),
            {"type": "client_tool_result", "tool_call_id": "t", "result": "", "is_error": False},
        ),
        (
            outgoing.mcp_tool_approval_result(tool_call_id="t", is_approved=True),
            {"type": "mcp_tool_approval_result", "tool_call_id": "t", "is_approved": True},
        ),
    ],
)
def test_messages_are_the_contracts(said: str, expected: dict[str, Any]) -> None:
    assert json.loads(said) == expected


def test_a_multimodal_message_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a text or a file_id"):
        outgoing.multimodal_message(text=None, file_id=None)


@pytest.mark.parametrize("value", [object(), float("nan"), {1, 2}])
def test_what_json_cannot_say_is_refused_before_anything_is_opened(value: object) -> None:
    with pytest.raises(ValueError, match="conversation_initiation_client_data cannot be sent as JSON"):
        outgoing.initiation(dynamic_variables={"x": value})


@given(st.text())
def test_any_text_can_be_sent(text: str) -> None:
    said = outgoing.user_message(text)
    assert json.loads(said.decode("utf-8"))["text"] == text


@given(st.text(st.characters(categories=["Cs"]), min_size=1))
def test_halves_of_surrogate_pairs_become_question_marks(halves: str) -> None:
    said = outgoing.client_tool_result(tool_call_id="t", result=halves, is_error=False)
    assert json.loads(said.decode("utf-8"))["result"] == "?" * len(halves)
