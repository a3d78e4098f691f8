"""
Every error this firmware raises on purpose.

* `TalkboxError`
    * `ConfigError`              the operator must edit a file; retrying cannot help
    * `MissingFeature`           something asked for by name is not installed
    * `BoardUnusable`            a pin or a bus of the board cannot be used
    * `FileRefused`              a file that was asked for cannot be written
    * `JournalError`             the journal cannot be read
        * `JournalRefused`       not by this user
    * `ControlError`             the control socket
        * `ControlSocketInUse`   another Talkbox has it, or it cannot be made
        * `NotRunning`           nobody answers on it
    * `AudioError`               the sound card
        * `AudioDeviceMissing`   there is no such card
        * `AudioDeviceBusy`      another program has it
        * `AudioDeviceLost`      it was there, and now is not
    * `SessionError`             one conversation failed; the next may succeed
        * `SessionUnreachable`   no way to the service: DNS, route, TLS, clock
        * `SessionRefused`       the service said no (HTTP status, close code)
        * `SessionTimeout`       it did not answer in time
        * `SessionLost`          the connection broke in mid-conversation
        * `ServiceError`         the service reported a fault of its own
        * `ToolFailed`           a client tool raised, timed out, or is not known
        * `SessionEnded`         something was asked of a conversation that is over

What the service says and we cannot parse is no error: it is a `Malformed` event.
"""

from __future__ import annotations

import os


class TalkboxError(Exception):
    """
    Base class. ``str(error)`` is one line, fit for the journal and the doctor.

    Args:
        message: What happened: lower case, the fact then the value, no full stop.
        hint: What a person standing at the device can do; the class's own where it is left out.

    Attributes:
        hint: The remedy, or ``""``.
        exit_code: Process status when this error ends the program (sysexits.h).
    """

    hint: str = ""
    exit_code: int = os.EX_SOFTWARE

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        if hint is not None:
            self.hint = hint


class ConfigError(TalkboxError):
    """The configuration cannot be used; one line a problem, each with its file and key."""

    exit_code = os.EX_CONFIG


class MissingFeature(TalkboxError):
    """A feature that was asked for by name needs an extra or a program that is not installed."""

    exit_code = os.EX_UNAVAILABLE


class BoardUnusable(TalkboxError):
    """A pin or a bus of the board cannot be used: another program has it, or this user may not."""

    exit_code = os.EX_IOERR
    hint = "see which program has it with `gpioinfo`, and that this user is in the groups gpio and spi"


class FileRefused(TalkboxError):
    """A file that was asked for cannot be written."""

    exit_code = os.EX_CANTCREAT


class JournalError(TalkboxError):
    """The journal cannot be read."""

    exit_code = os.EX_UNAVAILABLE


class JournalRefused(JournalError):
    """This user may not read the system's journal."""

    exit_code = os.EX_NOPERM
    hint = "use sudo; or join the group: `sudo usermod -aG systemd-journal $USER`, and log in again"


class ControlError(TalkboxError):
    """The control socket refused an operation."""

    exit_code = os.EX_UNAVAILABLE


class ControlSocketInUse(ControlError):
    """The control socket cannot be made: another Talkbox has it, or its folder is missing."""

    exit_code = os.EX_CANTCREAT


class NotRunning(ControlError):
    """Nobody answers on the control socket."""

    hint = "`talkbox doctor` says why; by hand `talkbox run` starts one, and --socket names its socket"


class AudioError(TalkboxError):
    """The sound card refused an operation."""

    exit_code = os.EX_IOERR


class AudioDeviceMissing(AudioError):
    """There is no such sound card."""

    hint = "check that the board is seated and its overlay loaded; `arecord -L` lists what is there"


class AudioDeviceBusy(AudioError):
    """Another program has the sound card."""

    hint = "stop the other program; `fuser -v /dev/snd/*` names it"


class AudioDeviceLost(AudioError):
    """The sound card was there and now is not."""

    hint = "reseat the board, then press the button again"


class SessionError(TalkboxError):
    """One conversation failed; the appliance carries on."""

    exit_code = os.EX_UNAVAILABLE


class SessionUnreachable(SessionError):
    """There is no way to the service: DNS, route, TLS or the clock."""

    hint = "check the network, then press the button again"


class SessionRefused(SessionError):
    """
    The service rejected the session.

    Attributes:
        status: HTTP status, or WebSocket close code.
    """

    def __init__(self, *, status: int, reason: str, hint: str | None = None) -> None:
        super().__init__(f"session refused ({status}): {reason or 'no reason given'}", hint=hint)
        self.status = status
        if hint is None:
            self.hint = _REFUSALS.get(status, "")


_REFUSALS = {
    401: "check the agent id; a private agent needs a signed URL (agent.signed_url_from)",
    403: "check the agent id, and that this device may use the agent",
    404: "there is no such agent: check agent.agent_id and agent.server",
    429: "too many conversations, or the quota is spent: wait, or raise the plan's limit",
    1008: "check the agent id and its overrides; a private agent needs a signed URL (agent.signed_url_from)",
}


class SessionTimeout(SessionError):
    """The service accepted the connection and then said nothing, or did not accept it in time."""

    hint = "check the network, then press the button again"


class SessionLost(SessionError):
    """
    The connection broke in mid-conversation.

    Attributes:
        code: WebSocket close code, or `None` where there was none.
    """

    hint = "press the button to start again"

    def __init__(self, message: str, *, code: int | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.code = code


class ServiceError(SessionError):
    """
    The service reported a fault of its own.

    Attributes:
        code: The service's number for it (a WebSocket close code), or `None`.
        error_type: The service's name for it, for example ``"llm_timeout"``; ``""`` where it gave none.
    """

    def __init__(self, message: str, *, code: int | None = None, error_type: str = "") -> None:
        super().__init__(message)
        self.code, self.error_type = code, error_type


class ToolFailed(SessionError):
    """
    A client tool raised, did not return in time, or is not known.

    Attributes:
        tool: Its name.
    """

    def __init__(self, message: str, *, tool: str) -> None:
        super().__init__(message)
        self.tool = tool


class SessionEnded(SessionError):
    """Something was asked of a conversation that is over."""
