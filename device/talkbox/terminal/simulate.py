"""`talkbox simulate`: a device without a board, in a process of its own; the keyboard is its button and its knob."""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from rich.console import Console
from rich.live import Live

from talkbox.errors import ControlError, NotRunning

from .button import HOLD_S, Asked, KeyButton, requested
from .child import exit_code, last_lines, ready, running
from .client import connect
from .follow import draw, follow, listen
from .keyboard import Keyboard, keyboard
from .keys import Key
from .monitor import leave_on_signals, print_event
from .scene import Scene
from .view import View

logger = logging.getLogger(__name__)

_SPACE_WITH_RELEASES = "space = the button: tap it, or hold it to talk"
_SPACE_GUESSED = "space = the button: tap it, or hold it down to talk (let go: 0.25 s later)"
_OTHER_KEYS = "p = press, p again = release · arrows = volume · m = mute · q = quit"


def main(*, config: Path | None, overrides: Sequence[str]) -> int:
    """
    Run a simulated device until the user quits.

    Args:
        config: Passed on to `talkbox run`.
        overrides: ``"table.key=value"``, passed on as well.

    Returns:
        The exit code: the device's own, where it ended by itself.
    """
    leave_on_signals()
    with tempfile.TemporaryDirectory(prefix="talkbox-") as folder:
        log = Path(tempfile.gettempdir()) / f"{Path(folder).name}.log"
        try:
            code = asyncio.run(_simulate(Path(folder) / "control.sock", log, config=config, overrides=overrides))
        except KeyboardInterrupt:
            code = 0  # that is one way to leave
    if code:
        sys.stderr.write(f"{last_lines(log)}\nerror: the simulated device ended with exit code {code}\n")
    sys.stderr.write(f"its log: {log}\n")
    return code


async def _simulate(path: Path, log: Path, *, config: Path | None, overrides: Sequence[str]) -> int:
    console = Console()
    if not (console.is_terminal and sys.stdin.isatty()):
        async with running(_command(config, overrides, path=path), log=log) as device:
            if await ready(device, path):
                with suppress(NotRunning):
                    await listen(path, print_event)
            return await exit_code(device)
    scene = Scene()
    view = View(scene, title=f"Talkbox, simulated   log: {log}")
    live = Live(view, console=console, screen=True, auto_refresh=False)
    # The alternate screen first: a terminal that tells releases does so for one screen.
    with live, keyboard(sys.stdin.fileno()) as keys:
        await keys.ask()
        view.footer = f"{_SPACE_WITH_RELEASES if keys.tells_releases else _SPACE_GUESSED}\n{_OTHER_KEYS}"
        guessed = [] if keys.tells_releases else [f"controls.hold_s={HOLD_S}"]
        async with running(_command(config, [*guessed, *overrides], path=path), log=log) as device:
            return await _play(keys, path, device, scene=scene, live=live, log=log)


async def _play(
    keys: Keyboard, path: Path, device: asyncio.subprocess.Process, *, scene: Scene, live: Live, log: Path
) -> int:
    """Let the user play with the device until either has had enough."""
    async with asyncio.TaskGroup() as group:
        drawing = group.create_task(draw(live))
        showing = group.create_task(_show(path, device, scene, log=log))
        typing = group.create_task(_type(keys, path))
        done, _ = await asyncio.wait((showing, typing), return_when=asyncio.FIRST_COMPLETED)
        for task in (drawing, showing, typing):
            task.cancel()
    return showing.result() if showing in done else 0


async def _show(path: Path, device: asyncio.subprocess.Process, scene: Scene, *, log: Path) -> int:
    if await ready(device, path):
        scene.take_log(last_lines(log))  # which sound card it uses, or why it has none
        with suppress(NotRunning):  # gone already: its exit code says why
            await follow(path, scene)
    return await exit_code(device)


async def _type(keys: Keyboard, path: Path) -> None:
    """Do what the keys say, until one says quit."""
    button, clock = KeyButton(tells_releases=keys.tells_releases), asyncio.get_running_loop().time
    while True:
        try:
            async with asyncio.timeout_at(button.deadline()):
                stroke = await keys.next()
        except TimeoutError:
            asked = button.expire(clock())
        else:
            if stroke is None or stroke.key is Key.QUIT:
                return
            asked = requested(stroke, button, clock())
        if asked is not None:
            await _ask(path, asked)


async def _ask(path: Path, asked: Asked) -> None:
    try:
        async with connect(path) as client:
            await client.request(asked.command, **asked.fields)
    except ControlError as error:  # not up yet, or on its way out: the view says which
        logger.debug("= %s", error)


def _command(config: Path | None, overrides: Sequence[str], *, path: Path) -> list[str]:
    """Return what runs the device. The last settings are not the user's to change."""
    settings = (*overrides, "hardware.board=simulated", f"control.socket={path}")
    named = ["--config", str(config)] if config else []
    return [sys.executable, "-m", "talkbox", "run", *named, *(part for one in settings for part in ("--set", one))]
