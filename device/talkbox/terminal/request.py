"""One question to a running device, and its answer. No event loop: a verb of the command line must start at once."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from talkbox.errors import ControlError, NotRunning

Answer = dict[str, object]

ANSWER_S = 10.0
"""A device that takes longer to answer is not running any more."""


def request(path: Path, command: str, **fields: object) -> Answer:
    """
    Ask the device behind the control socket `path` for one thing.

    Raises:
        NotRunning: If nobody answers.
        ControlError: If the device refuses.
    """
    with _connected(path) as connection, connection.makefile("rb") as answers:
        return _ask(connection, answers, encoded(command, **fields), path)


def events(path: Path) -> Iterator[Answer]:
    """
    Yield what happens, as it happens, until the device goes away.

    Raises:
        NotRunning: If nobody answers.
    """
    with _connected(path) as connection, connection.makefile("rb") as answers:
        _ask(connection, answers, encoded("events"), path)
        connection.settimeout(None)  # an idle device has nothing to say
        for line in answers:
            if line.endswith(b"\n"):  # a device that is killed may leave half a line
                yield json.loads(line)


def encoded(command: str, **fields: object) -> bytes:
    """Return one request as it goes over the wire."""
    return json.dumps({"command": command, **fields}).encode("ascii") + b"\n"


def decoded(line: bytes, path: Path) -> Answer:
    """
    Read one answer.

    Raises:
        NotRunning: If it is not whole: the device went away.
        ControlError: If it is a refusal.
    """
    if not line.endswith(b"\n"):
        raise NotRunning(f"the device on {path} went away")
    answer: Answer = json.loads(line)
    if answer.get("ok") is not True:
        raise ControlError(str(answer.get("error", "the device refused, and did not say why")))
    return answer


def translated(error: OSError, path: Path) -> ControlError:
    """Return the error to raise when the control socket `path` answered with `error`."""
    if isinstance(error, PermissionError):
        hint = "be a member of the socket's group (`ls -l` names it), or use sudo"
        return ControlError(f"no permission to use {path}", hint=hint)
    if isinstance(error, FileNotFoundError | ConnectionError | NotADirectoryError):
        return NotRunning(f"nothing answers on {path}")
    if isinstance(error, TimeoutError):
        return NotRunning(f"no answer on {path} for {ANSWER_S:g} s", hint="restart it: `systemctl restart talkbox`")
    return ControlError(f"cannot use {path}: {error.strerror or error}")


@contextmanager
def _connected(path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(ANSWER_S)
        try:
            connection.connect(os.fspath(path))
        except OSError as error:
            raise translated(error, path) from error
        yield connection


def _ask(connection: socket.socket, answers: BinaryIO, line: bytes, path: Path) -> Answer:
    try:
        with suppress(BrokenPipeError):  # it refused before it was asked: what it said is still to be read
            connection.sendall(line)
        return decoded(answers.readline(), path)
    except OSError as error:
        raise translated(error, path) from error
