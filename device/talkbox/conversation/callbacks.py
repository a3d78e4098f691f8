"""The application's callbacks: their names, and the one task that calls them, one after the other."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from typing import TypedDict, TypeVar

from talkbox.errors import TalkboxError

from . import events
from .values import Disconnected, Message, Mode, Status

_log = logging.getLogger(__name__)
_EVENT = {"event": "callback"}

T = TypeVar("T")
_Result = Awaitable[object] | object
_Callback = Callable[[T], _Result]


class Callbacks(TypedDict, total=False):
    """
    Every callback of `Conversation.start_session`. Each is plain or async, and takes one argument.

    The first six are the documented ones. The others take the event that the service sent, as `events` describes it,
    and are named as in the JavaScript client.
    """

    on_connect: _Callback[str]
    on_disconnect: _Callback[Disconnected]
    on_message: _Callback[Message]
    on_error: _Callback[TalkboxError]
    on_status_change: _Callback[Status]
    on_mode_change: _Callback[Mode]
    on_audio: _Callback[events.AgentAudio]
    on_audio_alignment: _Callback[events.AudioAlignment]
    on_interruption: _Callback[events.Interruption]
    on_vad_score: _Callback[events.VadScore]
    on_ping: _Callback[events.Ping]
    on_agent_response_correction: _Callback[events.AgentResponseCorrection]
    on_agent_chat_response_part: _Callback[events.AgentChatResponsePart]
    on_agent_reasoning_response_part: _Callback[events.AgentReasoningResponsePart]
    on_unhandled_client_tool_call: _Callback[events.ClientToolCall]
    on_mcp_tool_call: _Callback[events.McpToolCall]
    on_mcp_connection_status: _Callback[events.McpConnectionStatus]
    on_agent_tool_request: _Callback[events.AgentToolRequest]
    on_agent_tool_response: _Callback[events.AgentToolResponse | events.AgentToolResponseFullPayload]
    on_conversation_metadata: _Callback[events.ConversationMetadata]
    on_asr_initiation_metadata: _Callback[events.AsrInitiationMetadata]
    on_rich_content: _Callback[events.RichContent]
    on_guardrail_triggered: _Callback[events.GuardrailTriggered]
    on_agent_typing: _Callback[events.AgentTyping]
    on_external_agent_connected: _Callback[events.ExternalAgentConnected]
    on_external_agent_disconnected: _Callback[events.ExternalAgentDisconnected]
    on_can_send_feedback_change: _Callback[bool]
    on_context_usage: _Callback[events.ContextUsage]
    on_debug: _Callback[events.Event]


# Where an event goes as it is. Transcripts, answers, errors and client tool calls are more than a call.
_CALLBACK_OF: dict[type[events.Event], str] = {
    events.ConversationMetadata: "on_conversation_metadata",
    events.Interruption: "on_interruption",
    events.VadScore: "on_vad_score",
    events.Ping: "on_ping",
    events.AgentResponseCorrection: "on_agent_response_correction",
    events.AgentChatResponsePart: "on_agent_chat_response_part",
    events.AgentReasoningResponsePart: "on_agent_reasoning_response_part",
    events.McpToolCall: "on_mcp_tool_call",
    events.McpConnectionStatus: "on_mcp_connection_status",
    events.AgentToolRequest: "on_agent_tool_request",
    events.AgentToolResponse: "on_agent_tool_response",
    events.AgentToolResponseFullPayload: "on_agent_tool_response",
    events.AsrInitiationMetadata: "on_asr_initiation_metadata",
    events.RichContent: "on_rich_content",
    events.GuardrailTriggered: "on_guardrail_triggered",
    events.AgentTyping: "on_agent_typing",
    events.ExternalAgentConnected: "on_external_agent_connected",
    events.ExternalAgentDisconnected: "on_external_agent_disconnected",
    events.ContextUsage: "on_context_usage",
    events.InternalTurnProbability: "on_debug",
    events.InternalTentativeAgentResponse: "on_debug",
    events.Unknown: "on_debug",
    events.Malformed: "on_debug",
}

_running: ContextVar[object] = ContextVar("running", default=None)


class CallbackRunner:
    """
    Call callbacks one after the other, in order, in the one task that runs `run`. Never delays who calls `put`.

    Args:
        callbacks: By name; those that are `None` or missing are not called.
        grace_s: How long, once the session is over, an async callback may still take. After one that took longer, the
            others must not wait for anything, but for `on_disconnect`: the end comes soon, however many hang.
    """

    def __init__(self, callbacks: Mapping[str, object], *, grace_s: float = 10.0) -> None:
        self._callbacks: dict[str, Callable[[object], object]] = {
            name: callback for name, callback in callbacks.items() if callable(callback)
        }
        self._grace_s = grace_s
        self._queue: asyncio.Queue[tuple[str, object] | None] = asyncio.Queue()
        self._limit = asyncio.Timeout(None)
        self._current: object = None
        self._patience_s = grace_s
        self._finished = False

    def __contains__(self, name: str) -> bool:
        """Whether the application gave a callback of that name."""
        return name in self._callbacks

    def put(self, name: str, argument: object) -> None:
        """Have the callback `name` called, after those before it."""
        if name in self._callbacks:
            self._queue.put_nowait((name, argument))

    def put_event(self, event: events.Event) -> None:
        """Have the callback for `event` called, if there is one for it as it is."""
        if name := _CALLBACK_OF.get(type(event)):
            self.put(name, event)
        elif isinstance(event, events.AgentAudio):
            if event.alignment is not None:
                self.put("on_audio_alignment", event.alignment)
            if event.payload:
                self.put("on_audio", event)

    def finish(self) -> None:
        """Let `run` return after what was put so far. What has not returned `grace_s` from now is canceled."""
        self._queue.put_nowait(None)
        self._finished = True
        if self._current is not None:
            self._limit.reschedule(asyncio.get_running_loop().time() + self._grace_s)

    async def see_out(self, calling: asyncio.Task[None]) -> None:
        """
        Wait for the task that runs `run`, after `finish`.

        When a program is interrupted all tasks are canceled, that one and the one that waits here. Then this one calls
        what is left: the application hears of the end even so.
        """
        try:
            await asyncio.wait({calling})
        except asyncio.CancelledError:
            calling.cancel()
            await asyncio.wait({calling})
        if calling.cancelled():
            await self.run()

    def running_here(self) -> bool:
        """Return whether the caller is inside the callback that runs now, or in a task that this one started."""
        return self._current is not None and _running.get() is self._current

    async def run(self) -> None:
        """Call what is put, until `finish`."""
        while (item := await self._queue.get()) is not None:
            name, argument = item
            self._current = item
            _running.set(item)
            try:
                await self._call(name, argument)
            finally:
                self._current = None

    async def _call(self, name: str, argument: object) -> None:
        patience_s = self._grace_s if name == "on_disconnect" else self._patience_s
        try:
            async with asyncio.timeout(patience_s if self._finished else None) as self._limit:
                result = self._callbacks[name](argument)
                if inspect.isawaitable(result):
                    await result
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            _log.warning("callback %s was canceled from within", name, extra=_EVENT)
        except Exception as error:  # noqa: BLE001  the application's code: whatever it raises, the session goes on
            if isinstance(error, TimeoutError) and self._limit.expired():
                self._patience_s = 0
                _log.warning("callback %s did not return within %s s of the end", name, patience_s, extra=_EVENT)
            else:
                _log.exception("callback %s failed", name, extra=_EVENT)
