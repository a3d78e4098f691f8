"""What the appliance needs of a conversation, of a sound engine and of a memory. They are fitted in `compose/`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from talkbox.audio.cues import Cue
from talkbox.audio.timing import Timing
from talkbox.conversation.values import Disconnected


class SessionCounters(Protocol):
    """What a session counted."""

    @property
    def chunks_sent(self) -> int:
        """Chunks of microphone sound that went out."""
        ...

    @property
    def stale_audio(self) -> int:
        """Messages of agent audio that came too late to be heard."""
        ...

    @property
    def bytes_sent(self) -> int:
        """Bytes of messages to the service."""
        ...

    @property
    def bytes_received(self) -> int:
        """Bytes of messages from the service."""
        ...


class Session(Protocol):
    """A conversation that is open: the part of `talkbox.conversation.Conversation` that the appliance uses."""

    @property
    def counters(self) -> SessionCounters:
        """What was counted so far."""
        ...

    def get_id(self) -> str:
        """Return the conversation's id."""
        ...

    def silence_agent(self) -> None:
        """Cut the agent off, and discard what it still sends of its old answer."""
        ...

    def expect_agent(self, *, within_s: float = 5.0) -> None:
        """Listen to the agent again once it has noticed, or after ``within_s``."""
        ...

    def hang_up(self) -> None:
        """Let what was received be heard, then end."""
        ...

    async def end_session(self) -> None:
        """End now."""
        ...

    async def wait_closed(self) -> Disconnected:
        """Wait for the end, and return how it came."""
        ...


class Converse(Protocol):
    """`Conversation.start_session`, with everything but the callbacks and the tools already given."""

    async def __call__(
        self, *, client_tools: Mapping[str, Callable[..., Any]], **callbacks: Callable[..., Any]
    ) -> Session:
        """Open a session. Raises `TalkboxError` when it cannot be opened; canceling it leaves nothing open."""
        ...


class SoundCounters(Protocol):
    """What the sound engine counted since it was made."""

    @property
    def underruns(self) -> int:
        """Times the card had nothing to play."""
        ...

    @property
    def starved(self) -> int:
        """Times the agent's voice broke off because the network was late."""
        ...

    @property
    def overruns(self) -> int:
        """Times the microphone was not read in time."""
        ...

    @property
    def periods_clipped(self) -> int:
        """Periods in which the microphone was overdriven."""
        ...

    @property
    def chunks_dropped(self) -> int:
        """Chunks of speech dropped because they could not be sent in time."""
        ...

    @property
    def frames_written(self) -> int:
        """Frames handed to the playback device."""
        ...


class Memory(Protocol):
    """What outlives a restart."""

    def recall(self) -> float | None:
        """Return the volume of the last time, 0 to 1, or `None` where none is known."""
        ...

    def remember(self, volume: float) -> None:
        """Keep ``volume``, soon. Call it as often as you like; it never fails."""
        ...


class Sound(Protocol):
    """The part of `talkbox.audio.engine.AudioEngine` that the appliance itself uses."""

    @property
    def counters(self) -> SoundCounters:
        """What was counted so far."""
        ...

    @property
    def echo(self) -> Mapping[str, object]:
        """What the status says of the echo canceller: ``{"canceller": "none"}`` at the least."""
        ...

    @property
    def timing(self) -> Timing:
        """How quick the sound of the session was that is open, or was last."""
        ...

    @property
    def input_level(self) -> float:
        """The microphone's level for a person's eye, 0 to 1; 0 while it is closed or muted."""
        ...

    @property
    def output_level(self) -> float:
        """The agent's level for a person's eye, 0 to 1."""
        ...

    def set_volume(self, volume: float) -> None:
        """Set the loudspeaker's gain, 0 to 1."""
        ...

    def set_mic_muted(self, muted: bool) -> None:
        """Send zeros, or sound again."""
        ...

    def watch_card(self, changed: Callable[[bool], object]) -> None:
        """Call ``changed`` on the loop, with `False` when a session's card is lost, and `True` when it works again."""
        ...

    def play_cue(self, cue: Cue) -> None:
        """Play a short sound now, in a session or without one."""
        ...
