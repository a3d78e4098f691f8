"""What this client can say: the contract's messages to the service, in UTF-8 as they go over the wire. Pure."""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping


def initiation(
    *,
    text_only: bool = False,
    overrides: Mapping[str, object] | None = None,
    dynamic_variables: Mapping[str, object] | None = None,
    user_id: str | None = None,
    custom_llm_extra_body: Mapping[str, object] | None = None,
    source_info: Mapping[str, str] | None = None,
) -> bytes:
    """
    Return the opening message, without what is `None` or empty: the service refuses what the agent has not enabled.

    Args:
        text_only: Ask for a session without audio. Wins over the same key in `overrides`.
        overrides: `conversation_config_override`, by the contract's names.
        dynamic_variables: Values for the agent's ``{{placeholders}}``.
        user_id: The owner's name for the user.
        custom_llm_extra_body: Passed on to the language model.
        source_info: ``source`` and ``version`` of this client.

    Raises:
        ValueError: If something cannot be said in JSON.
    """
    override = _without_none(overrides or {})
    if text_only:
        conversation = override.get("conversation")
        override["conversation"] = {**(conversation if isinstance(conversation, dict) else {}), "text_only": True}
    body = {
        "conversation_config_override": override,
        "custom_llm_extra_body": custom_llm_extra_body,
        "dynamic_variables": dynamic_variables,
        "user_id": user_id,
        "source_info": source_info,
    }
    return message("conversation_initiation_client_data", **{name: value for name, value in body.items() if value})


def user_audio(payload: bytes) -> bytes:
    """Return one chunk of microphone audio. It has no `type`, by the contract."""
    # By hand, since it is said fifty times a second: no sign of base64 needs an escape.
    return b'{"user_audio_chunk": "' + binascii.b2a_base64(payload, newline=False) + b'"}'


def pong(*, event_id: int) -> bytes:
    """Return the answer to a ping."""
    return message("pong", event_id=event_id)


def user_message(text: str, *, rich_content_id: str | None = None) -> bytes:
    """Return a message of the user, typed rather than spoken."""
    extra = {} if rich_content_id is None else {"rich_content_id": rich_content_id}
    return message("user_message", text=text, **extra)


def user_activity() -> bytes:
    """Return the sign that the user is busy: the agent waits."""
    return message("user_activity")


def contextual_update(text: str, *, context_id: str | None = None) -> bytes:
    """Return something the agent should know; with a `context_id` it replaces the last one of that name."""
    extra = {} if context_id is None else {"context_id": context_id}
    return message("contextual_update", text=text, **extra)


def feedback(*, like: bool | None, event_id: int) -> bytes:
    """Return what the user thinks of an answer; `None` takes it back."""
    return message("feedback", event_id=event_id, score={True: "like", False: "dislike", None: None}[like])


def multimodal_message(*, text: str | None, file_id: str | None) -> bytes:
    """
    Return a text, an uploaded file, or both, as one message.

    Raises:
        ValueError: If there is neither.
    """
    parts: dict[str, object] = {}
    if text is not None:
        parts["text"] = {"type": "user_message", "text": text}
    if file_id is not None:
        parts["file"] = {"type": "file_input", "file_id": file_id}
    if not parts:
        raise ValueError("a multimodal message needs a text or a file_id")
    return message("multimodal_message", **parts)


def client_tool_result(*, tool_call_id: str, result: str, is_error: bool) -> bytes:
    """Return the answer to a client tool call."""
    return message("client_tool_result", tool_call_id=tool_call_id, result=result, is_error=is_error)


def mcp_tool_approval_result(*, tool_call_id: str, is_approved: bool) -> bytes:
    """Return whether an MCP tool may run."""
    return message("mcp_tool_approval_result", tool_call_id=tool_call_id, is_approved=is_approved)


def message(kind: str, **body: object) -> bytes:
    """
    Return one message. No text is unsendable: half a surrogate pair becomes a question mark.

    Raises:
        ValueError: If `body` cannot be said in JSON.
    """
    try:
        text = json.dumps({"type": kind, **body}, allow_nan=False, ensure_ascii=False)
        # Such halves come with file names that are not UTF-8, for instance; services refuse them, escaped or not.
        return text.encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"{kind} cannot be sent as JSON: {error}") from error


def _without_none(values: Mapping[str, object]) -> dict[str, object]:
    cleaned = {
        name: _without_none(value) if isinstance(value, Mapping) else value
        for name, value in values.items()
        if value is not None
    }
    return {name: value for name, value in cleaned.items() if value != {}}
