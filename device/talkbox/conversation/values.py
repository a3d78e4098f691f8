"""The values of the API that are not messages of the service: words, a transcript's line, an end, counts."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """Where the session is, in the JavaScript client's words."""

    DISCONNECTED = "disconnected"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    DISCONNECTING = "disconnecting"


class Mode(StrEnum):
    """Who has the floor, as far as the loudspeaker is concerned."""

    SPEAKING = "speaking"
    LISTENING = "listening"


class Source(StrEnum):
    """Who said it."""

    USER = "user"
    AGENT = "agent"


class Reason(StrEnum):
    """Who ended the session: the application, the agent, or a fault."""

    USER = "user"
    AGENT = "agent"
    ERROR = "error"


class AudioFormat(StrEnum):
    """The contract's encodings: 16-bit little-endian mono PCM, or G.711 mu-law; the number is the rate in Hz."""

    PCM_8000 = "pcm_8000"
    PCM_16000 = "pcm_16000"
    PCM_22050 = "pcm_22050"
    PCM_24000 = "pcm_24000"
    PCM_44100 = "pcm_44100"
    PCM_48000 = "pcm_48000"
    ULAW_8000 = "ulaw_8000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One line of the transcript; a tentative transcript, which may still change, is not `final`."""

    text: str
    source: Source
    final: bool = True
    event_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """How a session ended. `code` is the WebSocket close code or HTTP status, `None` where there was none."""

    reason: Reason
    code: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """
    What a session has done so far.

    Attributes:
        chunks_sent: Chunks of the microphone that were handed to the socket.
        audio_received: Audio messages that were played.
        stale_audio: Audio messages that were not, because the answer had been interrupted or silenced.
        unknown, malformed: Messages that nobody understood.
        bytes_sent, bytes_received: Of messages, both ways.
    """

    chunks_sent: int = 0
    audio_received: int = 0
    stale_audio: int = 0
    unknown: int = 0
    malformed: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
