"""What an agent is told to do, as values: its manner, and the rules of a script. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto

from .audio import AudioFormat
from .turns import TurnSettings


class Trigger(StrEnum):
    """What a rule waits for."""

    OPENED = auto()
    """A client connected; nothing was sent yet."""
    STARTED = auto()
    """The metadata was sent."""
    SPEAKING = auto()
    """The first sound of an answer (or the greeting) was sent."""
    QUIET = auto()
    """An answer was heard to its end."""
    TURN = auto()
    """The user said or typed something; by default the rule answers instead of the agent."""
    INTERRUPTED = auto()
    """The user interrupted an answer."""
    TOOL_RESULT = auto()
    """A client tool gave its result."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Answer with ``text``; as a tone of ``tone_hz``, ``duration_s`` long, if that is given."""

    text: str
    tone_hz: float = 0.0
    duration_s: float = 3.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallTool:
    """Call a client tool and wait for its result."""

    name: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message as it is: any type, any fields."""

    message: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SendText:
    """Send a text frame that need not be a message at all."""

    text: str


@dataclass(frozen=True, slots=True)
class SendBinary:
    """Send a binary frame, which the protocol does not have."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class StaleAudio:
    """Send audio with event ids that the last interruption made stale: so many chunks of an 880 Hz tone."""

    chunks: int


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for so long."""

    duration_s: float


@dataclass(frozen=True, slots=True)
class StallFor:
    """Send nothing at all for so long, no ping either; then everything at once."""

    duration_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseWith:
    """Close the connection with this code."""

    code: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Drop:
    """Break the connection without a close frame."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """Call the tool ``end_call``, and close with 1000 when what was said has been heard."""


Action = Say | CallTool | Send | SendText | SendBinary | StaleAudio | Wait | StallFor | CloseWith | Drop | HangUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """When something happens, do something."""

    when: Trigger
    do: tuple[Action, ...]
    nth: int = 0
    """Only the so-many-th time, counted from 1; 0 = every time."""
    text: str = ""
    """Only if what was said (or the tool's result) contains this, in any case."""
    after_s: float = 0.0
    """So much later."""
    answer: bool = False
    """For a turn: the agent answers as well."""

    def matches(self, trigger: Trigger, *, count: int, text: str) -> bool:
        """Say whether this is what the rule waits for, the ``count``-th time."""
        return self.when is trigger and self.nth in (0, count) and self.text.lower() in text.lower()


class Metadata(StrEnum):
    """How a session begins."""

    SEND = auto()
    WITHOUT_INPUT_FORMAT = auto()
    """As the service sometimes does; the input is pcm_16000 then."""
    NEVER = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    """How every session is held."""

    input_format: AudioFormat = AudioFormat.PCM_16000
    output_format: AudioFormat = AudioFormat.PCM_16000
    first_message: str = "Hello! What can I do for you?"
    """What the agent says first; "" = it waits for the user."""
    metadata: Metadata = Metadata.SEND
    metadata_delay_s: float = 0.0
    ping_every_s: float = 2.0
    """0 = never."""
    vad_every_s: float = 0.3
    """How often a VAD score is sent; 0 = never."""
    chunk_ms: int = 250
    """Sound in one `audio` message."""
    lead_s: float = 8.0
    """How far the audio sent may be ahead of what has been heard; more is one burst."""
    alignment: bool = True
    thinking_s: float = 0.0
    """A pause before every answer."""
    tool_timeout_s: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Connections that are refused before they are WebSockets."""

    status: int
    body: str = ""
    first: int = 0
    """Only the first so many; 0 = all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """Everything that can be told to an agent. The default is a well-behaved one."""

    manner: Manner = field(default_factory=Manner)
    turns: TurnSettings = field(default_factory=TurnSettings)
    refuse: Refusal | None = None
    agents: tuple[str, ...] = ()
    """The known agent ids; others are refused with 404. Empty = every id is known."""
    rules: tuple[Rule, ...] = ()
