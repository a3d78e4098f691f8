"""The command line. A shell: it reads what was typed, calls who can do it, and says in one way what went wrong."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from .arguments import parser
from .errors import TalkboxError
from .masking import mask, printable

_INTERRUPTED = 130  # as a shell says it: 128 + SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command.

    Args:
        arguments: What was typed after ``talkbox``; the process's own if left out.

    Returns:
        The exit code (sysexits.h).
    """
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # `talkbox events | head` has seen enough. Python would complain once more when it flushes at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return os.EX_OK
    except Exception as error:  # noqa: BLE001  the top of the program: a bug gets its traceback and its exit code
        return _report(error)
    return code


def _report(error: Exception) -> int:
    """Say what went wrong, and return the exit code."""
    from . import logs  # noqa: PLC0415  nothing went wrong: nothing is imported for it

    expected, bugs = _sorted(error)
    code = os.EX_SOFTWARE if bugs else expected[0].exit_code
    if logs.told_the_journal(expected, bugs):
        return code
    for one in bugs:
        for line in "".join(traceback.format_exception(one)).splitlines():
            _complain(line)
    for one in expected:
        first, *rest = str(one).splitlines() or [type(one).__name__]
        _complain(f"error: {first}")
        for line in rest:
            _complain(f"       {line}")
        if one.hint:
            _complain(f"  hint: {one.hint}")
    return code


def _sorted(error: Exception) -> tuple[list[TalkboxError], list[Exception]]:
    """Part what can be expected to happen from bugs; a group of tasks raises its errors together."""
    if isinstance(error, ExceptionGroup):
        expected, bugs = error.split(TalkboxError)
        return _leaves(expected), [bugs] if bugs else []
    return ([error], []) if isinstance(error, TalkboxError) else ([], [error])


def _leaves(group: ExceptionGroup[TalkboxError] | None) -> list[TalkboxError]:
    if group is None:
        return []
    nested = (_leaves(one) if isinstance(one, ExceptionGroup) else [one] for one in group.exceptions)
    return [leaf for leaves in nested for leaf in leaves]


def _complain(line: str) -> None:
    print(printable(mask(line)), file=sys.stderr)
