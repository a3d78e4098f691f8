"""What the application is told of a session, and when: on change only, and once a kind."""

from __future__ import annotations

import logging

from talkbox.errors import TalkboxError

from . import events
from .callbacks import CallbackRunner
from .values import Message, Mode, Source, Status

_log = logging.getLogger(__name__)

_KINDS_LOGGED = 50


class Announcer:
    """
    Keep a session's status and mode, and announce what happens to it.

    Args:
        callbacks: Where announcements go.

    Attributes:
        status, mode: See `values`.
    """

    def __init__(self, callbacks: CallbackRunner) -> None:
        self.status = Status.DISCONNECTED
        self.mode = Mode.LISTENING
        self._callbacks = callbacks
        self._logged: set[str] = set()

    def set_status(self, status: Status) -> None:
        """Announce `status`, if it is news; feedback can be sent while connected, as in the JavaScript client."""
        if status is not self.status:
            could, self.status = self.status is Status.CONNECTED, status
            self._callbacks.put("on_status_change", status)
            if could is not (can := status is Status.CONNECTED):
                self._callbacks.put("on_can_send_feedback_change", can)

    def set_mode(self, mode: Mode) -> None:
        """Announce `mode`, if it is news."""
        if mode is not self.mode:
            self.mode = mode
            self._callbacks.put("on_mode_change", mode)

    def event(self, event: events.Event) -> None:
        """Hand `event` to its callback; log one that nobody understands, once a kind and without its content."""
        self._callbacks.put_event(event)
        if (message := message_of(event)) is not None:
            self._callbacks.put("on_message", message)
        match event:
            case events.Unknown():
                self._log_once(f"unknown message of type {event.type!r}")
            case events.Malformed():
                self._log_once(f"malformed message of type {event.type!r}: {event.reason}")
            case _:
                pass

    def error(self, error: TalkboxError) -> None:
        """Report `error`; to the journal, if the application does not want to know."""
        if "on_error" in self._callbacks:
            self._callbacks.put("on_error", error)
        else:
            _log.warning("%s", error, extra={"event": "error", "hint": error.hint})

    def _log_once(self, text: str) -> None:
        if text not in self._logged and len(self._logged) < _KINDS_LOGGED:
            self._logged.add(text)
            _log.warning("%s", text, extra={"event": "protocol"})


def message_of(event: events.Event) -> Message | None:
    """Return the line of the transcript that `event` adds, or `None`."""
    match event:
        case events.UserTranscript():
            return Message(text=event.text, source=Source.USER, event_id=event.event_id)
        case events.TentativeUserTranscript():
            return Message(text=event.text, source=Source.USER, final=False, event_id=event.event_id)
        case events.AgentResponse():
            return Message(text=event.text, source=Source.AGENT, event_id=event.event_id)
        case _:
            return None
