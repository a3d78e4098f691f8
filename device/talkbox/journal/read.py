"""
Reads the journal: runs journalctl, and shows what it prints. Everything that decides is in the modules beside it.

A child and its two pipes; no loop, no thread. It ends when journalctl does, at Ctrl-C, and when nobody reads any more.
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import IO, NoReturn, Protocol

from talkbox.errors import JournalError, JournalRefused, MissingFeature
from talkbox.masking import mask, printable

from .entry import as_json, parse
from .query import Query
from .text import Text

MOST_COLUMNS = 100
_QUIET_S = 1.0
_LONGEST_WAIT_S = 60.0
_REFUSALS = ("insufficient permissions", "not seeing messages from other users")


def main(query: Query, *, json: bool, color: bool) -> int:
    """
    Show what `query` finds, until it ends. Return the exit status.

    Args:
        query: What is wanted.
        json: Whether to show it for programs, an object a line.
        color: Whether to color it for people.

    Raises:
        MissingFeature: If there is no journalctl.
        JournalRefused: If this user may not read the journal.
        JournalError: If journalctl fails: over a `since` that it does not understand, for example.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    sink: _Sink = _Json() if json else _People(color=color)
    with _journalctl(query) as child:
        complaint = _pump(child, sink)
        status = child.wait()
    sink.end()
    if status > 0:
        raise _failed(status, complaint)
    if not sink.shown:
        sys.stderr.write("nothing in the journal that fits\n" if query != Query() else "nothing in the journal\n")
    return os.EX_OK


class _Sink(Protocol):
    """Where journalctl's lines go."""

    shown: bool

    def line(self, line: bytes) -> None:
        """Take one line."""
        ...

    def idle(self) -> None:
        """Note that nothing has come for `_QUIET_S`."""
        ...

    def end(self) -> None:
        """Note that nothing more comes."""
        ...


class _Json:
    """For programs."""

    def __init__(self) -> None:
        self.shown = False

    def line(self, line: bytes) -> None:
        if (entry := parse(line)) is not None:
            self.shown = True
            _write([as_json(entry)])

    def idle(self) -> None:
        """Nothing is held back."""

    def end(self) -> None:
        """Nothing is held back."""


class _People:
    """For people. How often something repeats is said soon, and then less and less often."""

    def __init__(self, *, color: bool) -> None:
        width = min(MOST_COLUMNS, shutil.get_terminal_size().columns - 1)
        self._text = Text(width=width, color=color)
        self._wait_s, self._told_s = _QUIET_S, time.monotonic()
        self.shown = False

    def line(self, line: bytes) -> None:
        if (entry := parse(line)) is not None:
            self.shown = True
            if lines := self._text.feed(entry):
                self._wait_s, self._told_s = _QUIET_S, time.monotonic()
                _write(lines)

    def idle(self) -> None:
        _write(self._text.settle())
        now_s = time.monotonic()
        if now_s - self._told_s >= self._wait_s and (lines := self._text.tell()):
            self._wait_s, self._told_s = min(2 * self._wait_s, _LONGEST_WAIT_S), now_s
            _write(lines)

    def end(self) -> None:
        _write(self._text.tell())


def _write(lines: Iterable[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)


@contextmanager
def _journalctl(query: Query) -> Iterator[subprocess.Popen[bytes]]:
    """Run journalctl while the body does, and not longer."""
    try:
        child = subprocess.Popen(
            ["journalctl", *query.arguments()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "LC_ALL": "C.UTF-8"},  # its complaints are read below
        )
    except OSError as error:
        raise MissingFeature(
            f"journalctl cannot be run: {(error.strerror or str(error)).lower()}",
            hint="run this on the device; from elsewhere: `provisioning/logs.sh user@host`",
        ) from error
    with child:
        try:
            yield child
        finally:
            child.terminate()


def _pump(child: subprocess.Popen[bytes], sink: _Sink) -> str:
    """Give the child's lines to `sink` until there are no more. Return what it complained of."""
    assert child.stdout is not None  # noqa: S101  they are pipes
    assert child.stderr is not None  # noqa: S101
    out, err, ours = child.stdout.fileno(), child.stderr.fileno(), _descriptor(sys.stdout)
    rest, complaint, open_pipes = b"", b"", {out, err}
    poller = select.poll()
    for pipe in open_pipes:
        poller.register(pipe, select.POLLIN)
    if ours is not None:
        poller.register(ours, 0)  # is told of when nobody reads it any more, whether we write or not
    while open_pipes:
        ready = poller.poll(_QUIET_S * 1000)
        if not ready:
            sink.idle()
        for descriptor, _ in ready:
            if descriptor == ours:
                raise BrokenPipeError
            if not (read := os.read(descriptor, 65536)):
                open_pipes.discard(descriptor)
                poller.unregister(descriptor)
            elif descriptor == err:
                complaint += read
                _check(complaint)
            else:
                *lines, rest = (rest + read).split(b"\n")
                for line in lines:
                    sink.line(line)
        sys.stdout.flush()
    return complaint.decode("utf-8", "replace")


def _check(complaint: bytes) -> None:
    """Raise `JournalRefused` where that is what journalctl complains of; following, it would go on without a word."""
    if any(refusal.encode() in complaint for refusal in _REFUSALS):
        raise JournalRefused("this user may not read the system's journal")


def _failed(status: int, complaint: str) -> JournalError:
    said = printable(mask((complaint.strip().splitlines() or ["without a word"])[-1]))
    hint = "try --since today, '1 hour ago' or '2026-01-31 12:00'" if "parse timestamp" in complaint else None
    return JournalError(f"journalctl ended with {status}: {said}", hint=hint)


def _descriptor(stream: IO[str]) -> int | None:
    try:
        return stream.fileno()
    except (OSError, ValueError):  # no real file: somebody collects what is printed
        return None


def _leave(number: int, _frame: FrameType | None) -> NoReturn:
    """End in good order, and journalctl with us."""
    raise SystemExit(128 + number)
