"""
What the service can say, one frozen value a message. Knows no JSON and no socket.

`event_id` is the service's own counter; `None` where a message came without one. Times of an alignment are
milliseconds from the start of its audio.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationMetadata:
    """The first message of a session. The formats are names of the service, not yet checked."""

    conversation_id: str
    input_format: str
    output_format: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioAlignment:
    """When each character of an `AgentAudio` is heard."""

    chars: tuple[str, ...]
    char_start_times_ms: tuple[int, ...]
    char_durations_ms: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAudio:
    """Speech of the agent, decoded from base64, in the session's output format; may be empty."""

    payload: bytes = field(repr=False)
    event_id: int
    alignment: AudioAlignment | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class UserTranscript:
    """What the user said."""

    text: str
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TentativeUserTranscript:
    """What the user seems to be saying."""

    text: str
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResponse:
    """The text of the agent's answer."""

    text: str
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentResponseCorrection:
    """An answer cut short by an interruption: what was planned, and what was heard."""

    original: str
    corrected: str
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentChatResponsePart:
    """A piece of an answer in a text-only session. `part` is ``"start"``, ``"delta"`` or ``"stop"``."""

    text: str
    part: str
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentReasoningResponsePart:
    """A piece of the agent's reasoning. Its `event_id` is a text, by the contract."""

    text: str
    part: str
    event_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """The user spoke: audio up to and including `event_id` must not be heard any more."""

    event_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientToolCall:
    """The agent wants this client to do something and to answer with a result."""

    tool_name: str
    tool_call_id: str
    parameters: Mapping[str, object]
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RichContent:
    """A component to display; `props` depends on the component."""

    rich_content_id: str
    component: str
    props: Mapping[str, object]
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentToolRequest:
    """The agent is about to use a tool of its own."""

    tool_name: str
    tool_call_id: str
    tool_type: str
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentToolResponse:
    """A tool of the agent has run; `end_call` among them, which hangs up."""

    tool_name: str
    tool_call_id: str
    tool_type: str
    is_error: bool
    is_called: bool
    is_blocked: bool
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentToolResponseFullPayload:
    """`AgentToolResponse` with what the tool answered, verbatim, unless `truncated`."""

    tool_name: str
    tool_call_id: str
    tool_type: str
    is_error: bool
    is_called: bool
    is_blocked: bool
    event_id: int | None
    full_tool_result: str
    truncated: bool


class McpState(StrEnum):
    """How far an MCP tool call has got."""

    LOADING = "loading"
    AWAITING_APPROVAL = "awaiting_approval"
    SUCCESS = "success"
    FAILURE = "failure"


@dataclass(frozen=True, slots=True, kw_only=True)
class McpToolCall:
    """
    A call of a Model Context Protocol tool.

    Attributes:
        approval_timeout_s: How long the service waits, while `state` is `AWAITING_APPROVAL`; else `None`.
        result: Content blocks, when `state` is `SUCCESS`; else empty.
        error_message: What went wrong, when `state` is `FAILURE`; else ``""``.
    """

    state: McpState
    service_id: str
    tool_call_id: str
    tool_name: str
    tool_description: str | None
    parameters: Mapping[str, object]
    timestamp: str
    approval_timeout_s: int | None = None
    result: tuple[object, ...] = ()
    error_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class McpIntegration:
    """One MCP server of the agent, as `McpConnectionStatus` lists it."""

    integration_id: str
    integration_type: str
    is_connected: bool
    tool_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class McpConnectionStatus:
    """Which MCP servers the agent reaches."""

    integrations: tuple[McpIntegration, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VadScore:
    """How sure the service is that the user speaks, 0 to 1."""

    vad_score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    """A sign of life, answered already. `ping_ms` is the service's estimate of the round trip."""

    event_id: int
    ping_ms: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextUsage:
    """How full the model's context window was in the last turn, in tokens."""

    model: str
    context_tokens: int
    context_limit_tokens: int
    event_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AsrInitiationMetadata:
    """What the service says of its speech recognition; free form."""

    metadata: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardrailTriggered:
    """A guardrail of the agent stepped in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalTurnProbability:
    """How likely a change of turn is, 0 to 1. The service's own; may vanish."""

    turn_probability: float


@dataclass(frozen=True, slots=True, kw_only=True)
class InternalTentativeAgentResponse:
    """An answer the agent may or may not give. The service's own; may vanish."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentTyping:
    """A human agent is typing, for `duration_ms` unless told otherwise."""

    is_typing: bool
    duration_ms: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAgentConnected:
    """A human agent took over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExternalAgentDisconnected:
    """The human agent left; the agent is back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorReport:
    """A fault of the service's own. `code` is a WebSocket close code."""

    code: int | None
    error_type: str
    message: str
    details: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A message of a type that this client does not know, with its whole body."""

    type: str
    body: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """A message that cannot be used: its type, ``""`` if there was none, why, and how it began."""

    type: str
    reason: str
    excerpt: str = field(repr=False)


Event = (
    ConversationMetadata
    | AgentAudio
    | UserTranscript
    | TentativeUserTranscript
    | AgentResponse
    | AgentResponseCorrection
    | AgentChatResponsePart
    | AgentReasoningResponsePart
    | Interruption
    | ClientToolCall
    | RichContent
    | AgentToolRequest
    | AgentToolResponse
    | AgentToolResponseFullPayload
    | McpToolCall
    | McpConnectionStatus
    | VadScore
    | Ping
    | ContextUsage
    | AsrInitiationMetadata
    | GuardrailTriggered
    | InternalTurnProbability
    | InternalTentativeAgentResponse
    | AgentTyping
    | ExternalAgentConnected
    | ExternalAgentDisconnected
    | ErrorReport
    | Unknown
    | Malformed
)
