"""The appliance as a program of its own user, on the virtual board."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from talkbox.errors import ControlError
from talkbox.terminal.request import request
from tests.support.programs import Device, eventually, program
from tests.virtual_pi.checks import pi

SOCKET = pi.RUN / "control.sock"


@contextmanager
def appliance(folder: Path, server: str, *settings: str, state: Path | None = None) -> Iterator[Device]:
    """Run the appliance as its user, until the body is over; it remembers things in `state`, or a new folder."""
    ours = [f"agent.server={server}", "agent.agent_id=test", f"control.socket={SOCKET}", *pi.settings()]
    options = [part for setting in (*ours, *settings) for part in ("--set", setting)]
    command = pi.as_user("talkbox", pi.PYTHON, "-m", "talkbox", "run", *options)
    log = folder / "device.log"
    state = state or pi.fresh_folder("state")
    with program(*command, log=log, RUNTIME_DIRECTORY=str(pi.RUN), STATE_DIRECTORY=str(state)) as process:

        def ready() -> bool:
            assert process.poll() is None, log.read_text("utf-8")
            with contextlib.suppress(ControlError):
                request(SOCKET, "status")
                return True
            return False

        eventually(ready, "the device to be ready")
        try:
            yield Device(socket=SOCKET, log=log, speaker=folder / "said.wav", process=process)
        finally:
            print(log.read_text("utf-8"))  # pytest shows it where a check fails
