"""What a view shows: the newest status, what was said, and what happened last. Pure: it is told, and remembers."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, replace

from talkbox.masking import printable

from . import status
from .status import Status
from .text import clock, event_line

_TRANSCRIPT_LINES = 200
_EVENT_LINES = 50
# Said elsewhere in the view, several times a second or in another form.
_LOGGED = re.compile(r"^(\d\d:\d\d:\d\d) \w+ +[\w.]+  ")  # the time; level and logger would push out the rest
_NOT_LISTED = {"message", "mode", "corrected", "error"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One utterance: when (``"12:03:04"``), by whom (``"user"`` or ``"agent"``), and whether it may still change."""

    at: str
    source: str
    text: str
    final: bool


class Scene:
    """
    Remember what a view needs of a device.

    Attributes:
        status: As last heard.
        connected: Whether the device answers now.
        transcript: What was said, oldest first.
        happened: The last events, oldest first, one line each.
        trouble: The last error and its remedy, until the next session is begun; ``""``: none.
        session_s: Seconds since the session began; `None` while there is none.
    """

    def __init__(self) -> None:
        self.status = Status()
        self.connected = False
        self.transcript: deque[Said] = deque(maxlen=_TRANSCRIPT_LINES)
        self.happened: deque[str] = deque(maxlen=_EVENT_LINES)
        self.trouble = ""
        self.session_s: float | None = None
        self._session_began_s = 0.0

    def take_status(self, raw: Mapping[str, object]) -> None:
        """Take what the device answered when asked for its status."""
        self.connected = True
        self.status = status.read(raw)
        if self.status.at_rest:
            self.session_s = None
            return
        if self.session_s is None:
            self._session_began_s = self.status.uptime_s
        self.session_s = self.status.uptime_s - self._session_began_s

    def take_event(self, event: Mapping[str, object]) -> None:
        """Take one event."""
        name = event.get("event")
        if name == "message":
            self._hear(event)
        if name == "corrected":
            self._cut(event)
        if name == "error":
            self.trouble = printable(" — ".join(str(part) for part in (event.get("text"), event.get("hint")) if part))
        if name == "state" and event.get("state") == "connecting":
            self.trouble = ""
        if name not in _NOT_LISTED:
            self.happened.append(event_line(event))

    def take_log(self, lines: str) -> None:
        """Take what a device wrote into its log, as something that happened."""
        self.happened.extend(printable(_LOGGED.sub(r"\1  ", line)) for line in lines.splitlines())

    def gone(self) -> None:
        """Note that the device does not answer any more."""
        self.connected, self.session_s = False, None

    def _hear(self, event: Mapping[str, object]) -> None:
        said = Said(
            at=clock(event.get("time"), timespec="seconds"),
            source=printable(str(event.get("source"))),
            text=printable(str(event.get("text"))),
            final=event.get("final") is not False,
        )
        # A tentative text is replaced by what follows it: a longer one, or the final.
        for index in range(len(self.transcript) - 1, -1, -1):
            if self.transcript[index].source == said.source:
                if not self.transcript[index].final:
                    del self.transcript[index]
                break
        self.transcript.append(said)

    def _cut(self, event: Mapping[str, object]) -> None:
        """Keep of the agent's last answer what was heard of it before the interruption."""
        for index in range(len(self.transcript) - 1, -1, -1):
            if self.transcript[index].source == "agent":
                heard = printable(str(event.get("text")))
                self.transcript[index] = replace(self.transcript[index], text=f"{heard} —")
                break
