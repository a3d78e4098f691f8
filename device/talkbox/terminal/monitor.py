"""`talkbox monitor`: a live view of a running device. It only looks."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.live import Live

from .follow import draw, follow_again, listen
from .keyboard import keyboard
from .keys import Key
from .scene import Scene
from .text import event_line
from .view import View

_FOOTER = "q = quit"


def main(path: Path) -> int:
    """
    Show the device behind the control socket `path` until the user quits; without a terminal, print its events.

    Returns:
        The exit code.

    Raises:
        NotRunning: If nobody answers to begin with.
    """
    console = Console()
    leave_on_signals()
    try:
        if console.is_terminal and sys.stdin.isatty():
            asyncio.run(_watch(path, console))
        else:
            asyncio.run(listen(path, print_event))
            sys.stderr.write("the device went away\n")
    except KeyboardInterrupt:
        return 0  # that is how one leaves
    return 0


async def _watch(path: Path, console: Console) -> None:
    scene = Scene()
    view = View(scene, title=f"Talkbox  {path}", footer=_FOOTER)
    live = Live(view, console=console, screen=True, auto_refresh=False)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(follow_again(path, scene))]
        with live, keyboard(sys.stdin.fileno()) as keys:
            tasks.append(group.create_task(draw(live)))
            while (stroke := await keys.next()) is not None and stroke.key is not Key.QUIT:
                continue
        for task in tasks:
            task.cancel()


def print_event(event: Mapping[str, object]) -> None:
    """Print one event on a line, now: a pipe is waiting."""
    sys.stdout.write(event_line(event) + "\n")
    sys.stdout.flush()


def leave_on_signals() -> None:
    """Leave as Ctrl-C does, terminal restored, when the window is closed or the program is told to stop."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job comes without
    for number in (signal.SIGTERM, signal.SIGHUP):
        # By way of Ctrl-C: `asyncio.run` makes an orderly cancellation of that one only.
        signal.signal(number, lambda _number, _frame: signal.raise_signal(signal.SIGINT))
