"""
What can be asked of a running device, and what it answers: one JSON object a line, both ways.

Knows no socket: it turns a line into an answer. `control_socket` carries the lines.
"""

from __future__ import annotations

import difflib
import json
from enum import StrEnum, auto
from typing import Protocol

from talkbox.errors import TalkboxError

from .event_stream import Event, EventStream

MAX_LINE_BYTES = 64 * 1024
_MAX_DETENTS = 1000


class Command(StrEnum):
    """The verbs of the control socket."""

    TAP = auto()
    PRESS = auto()
    RELEASE = auto()
    TURN = auto()
    MUTE = auto()
    STATUS = auto()
    EVENTS = auto()


class Device(Protocol):
    """What the control socket needs of the appliance. Called on the event loop; nothing blocks it."""

    @property
    def events(self) -> EventStream:
        """What happens, as it happens."""
        ...

    def press(self) -> None:
        """Push the button down."""
        ...

    def release(self) -> None:
        """Let the button go."""
        ...

    async def tap(self) -> None:
        """Push the button down and let it go, as a finger does."""
        ...

    def turn(self, detents: int) -> None:
        """Turn the encoder; clockwise is positive."""
        ...

    def mute(self) -> None:
        """Push the encoder's switch: mute the microphone, or open it again."""
        ...

    def status(self) -> dict[str, object]:
        """Return what `talkbox status --json` prints, fit for JSON."""
        ...


class BadRequest(Exception):
    """A line that is no request. ``str(error)`` says why."""


def encode(answer: Event) -> bytes:
    """Return `answer` as one line of ASCII: no control character of a transcript goes out raw."""
    return json.dumps(answer).encode("ascii") + b"\n"


def refusal(reason: str) -> bytes:
    """Return the line that says no."""
    return encode({"ok": False, "error": reason})


def parse(line: bytes) -> tuple[Command, int]:
    """
    Read one request.

    Returns:
        The command, and how many detents to turn (0 for every other command).

    Raises:
        BadRequest: If the line is not a request.
    """
    try:
        request = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadRequest("a request is one JSON object on a line") from error
    if not isinstance(request, dict):
        raise BadRequest(f"a request is a JSON object, not {_kind(request)}")
    name = request.get("command")
    if name not in list(Command):
        raise BadRequest(_unknown(name))
    command = Command(name)
    return command, _detents(request.get("detents")) if command is Command.TURN else 0


async def perform(line: bytes, device: Device) -> tuple[bytes, Command | None]:
    """
    Do what one line asks for.

    Returns:
        The line to answer, and the command that was carried out (`None`: none was). ``EVENTS`` is only answered
        here; whoever carries the lines lets the events follow.
    """
    try:
        command, detents = parse(line)
        answer: Event = {"ok": True}
        match command:  # for EVENTS there is nothing to do yet
            case Command.TAP:
                await device.tap()
            case Command.PRESS:
                device.press()
            case Command.RELEASE:
                device.release()
            case Command.TURN:
                device.turn(detents)
            case Command.MUTE:
                device.mute()
            case Command.STATUS:
                answer["status"] = device.status()
    except (BadRequest, TalkboxError) as error:
        return refusal(str(error)), None
    return encode(answer), command


def _detents(detents: object) -> int:
    if isinstance(detents, bool) or not isinstance(detents, int) or not -_MAX_DETENTS <= detents <= _MAX_DETENTS:
        raise BadRequest(f"detents must be a whole number, {-_MAX_DETENTS}..{_MAX_DETENTS}")
    return detents


def _unknown(name: object) -> str:
    if not isinstance(name, str):
        return f"command must be one of {', '.join(Command)}"
    close = difflib.get_close_matches(name[:40], list(Command), n=1)
    meant = f"did you mean {close[0]}?" if close else f"it is one of {', '.join(Command)}"
    return f"unknown command {name[:40]!r}; {meant}"


def _kind(value: object) -> str:
    return {list: "a list", str: "text", bool: "true or false", type(None): "null"}.get(type(value), "a number")
