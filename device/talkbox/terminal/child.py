"""A program of ours, run as a child for as long as somebody watches it."""

from __future__ import annotations

import asyncio
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from talkbox.errors import ControlError, TalkboxError
from talkbox.masking import printable

from .client import connect

START_S = 30.0
"""How long a program may take until it is ready; a Pi Zero 2 W with a cold disk is slow."""
STOP_S = 10.0
POLL_S = 0.05
LAST_LINES = 15


@asynccontextmanager
async def running(
    command: Sequence[str], *, log: Path, lines: bool = False, env: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """
    Run ``command`` while the body does; it is in our process group, so who closes the window closes it too.

    Args:
        command: Program and arguments.
        log: Takes what it says; standard output only without ``lines``.
        lines: Whether the body reads its standard output.
        env: Set in its environment, beside our own.
    """
    with log.open("wb") as output:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=DEVNULL,
            stdout=PIPE if lines else output,
            stderr=output,
            env={**os.environ, **(env or {})},
        )
    try:
        yield child
    finally:
        if child.returncode is None:
            child.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await child.wait()
            except TimeoutError:
                child.kill()
                await child.wait()


async def wait_for_line(child: Process, beginning: str) -> str:
    """
    Return the first line of its standard output that has this beginning.

    Raises:
        TalkboxError: If it ends instead, or says nothing for `START_S`.
    """
    assert child.stdout is not None  # noqa: S101  it was started with ``lines``
    try:
        async with asyncio.timeout(START_S):
            async for line in child.stdout:
                if (text := line.decode("utf-8", errors="replace").strip()).startswith(beginning):
                    return text
    except TimeoutError:
        raise TalkboxError(f"waited {START_S:.0f} s in vain for “{beginning.strip()}”") from None
    raise TalkboxError(f"a program ended with exit code {await exit_code(child)} before it was ready")


async def wait_for_socket(child: Process, path: Path, *, log: Path) -> None:
    """
    Return when the device takes commands.

    Raises:
        TalkboxError: If it ends instead, with the last lines of its log; or is not ready within `START_S`.
    """
    try:
        async with asyncio.timeout(START_S):
            if await ready(child, path):
                return
    except TimeoutError:
        raise TalkboxError(f"the device was not ready within {START_S:.0f} s", hint=f"see {log}") from None
    raise TalkboxError(f"the device ended with exit code {await exit_code(child)}:\n{last_lines(log)}")


async def ready(child: Process, path: Path) -> bool:
    """Wait until the device takes commands. `False`: it ended instead."""
    while child.returncode is None:
        try:
            async with connect(path):
                return True
        except ControlError:
            await asyncio.sleep(POLL_S)
    return False


async def exit_code(child: Process) -> int:
    """Wait for the end, and return the status as a shell says it."""
    code = await child.wait()
    return code if code >= 0 else 128 - code


def last_lines(log: Path) -> str:
    """Return the end of a log, fit for a terminal."""
    lines = log.read_text("utf-8", errors="replace").splitlines()[-LAST_LINES:]
    return "\n".join(printable(line) for line in lines)
