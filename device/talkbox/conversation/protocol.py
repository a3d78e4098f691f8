"""
Sans-I/O core of one conversation: frames in, events and frames out.

Nothing in this module opens a socket, reads a clock, starts a task or logs, so every rule of the protocol can be
tested with strings. Three of them decide what the user hears, and are decided here and nowhere else:

* After an `interruption` with event id N, audio with an id up to N is stale, however late it comes.
* After `silence_agent`, all audio is discarded until the first `interruption` or `user_transcript` that follows,
  or until the time given to `expect_agent`: the service does not know of the button, and goes on with its answer.
* Before the metadata there is no audio: nobody knows its format.
"""

from __future__ import annotations

import math
from collections import Counter, deque

from . import outgoing
from .events import (
    AgentAudio,
    AgentResponse,
    AgentToolResponse,
    AgentToolResponseFullPayload,
    ConversationMetadata,
    ErrorReport,
    Event,
    Interruption,
    Malformed,
    McpState,
    McpToolCall,
    Ping,
    Unknown,
    UserTranscript,
)
from .parse import malformed, parse
from .values import Counters


class ConversationProtocol:
    """
    State of one conversation, from the opening frame to the last.

    After every call, send what `next_to_send` returns until it returns `None`.

    Args:
        initiation: The opening message, from `outgoing.initiation`.

    Attributes:
        metadata: The service's first message, or `None` before it.
        feedback_event_id: The answer that feedback is about, unless told otherwise. 1 before the first, as in the
            JavaScript client.
    """

    def __init__(self, initiation: bytes) -> None:
        self.metadata: ConversationMetadata | None = None
        self._counts: Counter[str] = Counter()  # by the names of `Counters`
        self.feedback_event_id = 1
        self._outbox: deque[bytes] = deque([initiation])
        self._stale_up_to = -math.inf
        self._silent_until_s = -math.inf
        self._asked: set[str] = set()

    def receive(self, frame: bytes | str, *, now_s: float) -> Event | None:
        """
        Take one frame from the service. Never raises: what cannot be used is a `Malformed` event.

        Args:
            frame: A text or binary frame; see `parse`.
            now_s: Now, in seconds on any clock that the caller also uses for `expect_agent`.

        Returns:
            What the application must know, or `None` for audio that must not be heard. Pings are answered already.
        """
        self._counts["bytes_received"] += _size(frame)
        event = parse(frame)
        match event:
            case ConversationMetadata() if self.metadata:
                # The formats of a session never change; a second one is not ours to obey.
                event = malformed(frame, kind="conversation_initiation_metadata", reason="the metadata came twice")
            case ConversationMetadata():
                self.metadata = event
            case AgentAudio() if not self.metadata:
                event = malformed(frame, kind="audio", reason="audio came before the metadata")
            case AgentAudio():
                if event.event_id <= self._stale_up_to or now_s < self._silent_until_s:
                    self._counts["stale_audio"] += 1
                    return None
                self._silent_until_s = -math.inf  # the time is up, if there was one
                self._counts["audio_received"] += 1
                self.feedback_event_id = event.event_id
            case Interruption():
                self._stale_up_to = max(self._stale_up_to, event.event_id)
                self._silent_until_s = -math.inf
            case UserTranscript():
                self._silent_until_s = -math.inf
            case AgentResponse(event_id=int(event_id)):
                self.feedback_event_id = event_id
            case Ping():
                self.send(outgoing.pong(event_id=event.event_id))
            case _:
                pass
        if isinstance(event, Unknown):
            self._counts["unknown"] += 1
        elif isinstance(event, Malformed):
            self._counts["malformed"] += 1
        return event

    def silence_agent(self) -> None:
        """Discard all agent audio from now on; see the top of this module for how long."""
        self._silent_until_s = math.inf

    def expect_agent(self, *, deadline_s: float) -> None:
        """End what `silence_agent` began at `deadline_s` at the latest. Changes nothing where nothing is discarded."""
        if self._silent_until_s == math.inf:
            self._silent_until_s = deadline_s

    def must_deny(self, call: McpToolCall) -> bool:
        """Return whether to deny `call` where nobody can be asked: once for each one that awaits approval."""
        if call.state is not McpState.AWAITING_APPROVAL or call.tool_call_id in self._asked:
            return False
        self._asked.add(call.tool_call_id)
        return True

    def send(self, frame: bytes) -> None:
        """Queue one message of `outgoing`."""
        self._outbox.append(frame)

    @property
    def counters(self) -> Counters:
        """What came and went so far, but for the chunks sent."""
        return Counters(**self._counts)

    @property
    def unsent(self) -> int:
        """How many frames `next_to_send` has still to return."""
        return len(self._outbox)

    def next_to_send(self) -> bytes | None:
        """Return the next frame to send, and forget it; `None` when there is none."""
        if not self._outbox:
            return None
        frame = self._outbox.popleft()
        self._counts["bytes_sent"] += len(frame)
        return frame


def hangs_up(event: Event) -> str:
    """Return why the agent ends the session with `event`, or ``""`` if it does not."""
    match event:
        case AgentToolResponse(tool_name="end_call", is_error=False):
            return "the agent ended the call"
        case AgentToolResponseFullPayload(tool_name="end_call", is_error=False):
            return "the agent ended the call"
        case ErrorReport(error_type="max_duration_exceeded"):
            return "max_duration_exceeded"
        case _:
            return ""


def _size(frame: bytes | str) -> int:
    return len(frame) if isinstance(frame, bytes) else len(frame.encode())
