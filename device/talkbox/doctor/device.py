"""The running device, as its control socket shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from talkbox.errors import ControlError, NotRunning

from .check import Result, ok, unseen, warning
from .host import duration
from .ports import Ask

AT_REST = ("idle", "offline", "fault")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """
    How it stands now.

    Attributes:
        status: What `talkbox status --json` says; `None`: it does not run.
        hidden: Why it cannot be asked, or ``""``. It may run then, or not.
    """

    status: Mapping[str, object] | None = None
    hidden: str = ""

    @property
    def has_pins(self) -> bool:
        """Whether it runs, and so has the pins and the LEDs."""
        return self.status is not None

    @property
    def in_session(self) -> bool:
        """Whether it is in a session, and so has the sound card."""
        return self.status is not None and self.status.get("state") not in AT_REST


def running(ask: Ask) -> Running:
    """Ask the device how it stands."""
    try:
        status = ask("status").get("status")
    except NotRunning:
        return Running()
    except ControlError as error:
        return Running(hidden=str(error))
    return Running(status=status if isinstance(status, Mapping) else {})


def device(ask: Ask) -> Result:
    """Tell whether the device runs, and what it has counted."""
    now = running(ask)
    if now.hidden:
        return unseen(now.hidden)
    if now.status is None:
        return warning("it does not run", "`sudo systemctl start talkbox`; `talkbox logs` says why it stopped")
    counters = now.status.get("counters")
    counted = {name: value for name, value in (counters if isinstance(counters, Mapping) else {}).items() if value}
    up_s = now.status.get("uptime_s")
    told = ", ".join(f"{value} {str(name).replace('_', ' ')}" for name, value in counted.items())
    up = f", up {duration(up_s)}" if isinstance(up_s, int | float) else ""
    said = f"{now.status.get('state', 'runs')}{up}{f': {told}' if told else ''}"
    numbers = {str(name): value for name, value in counted.items() if isinstance(value, int | float)}
    return ok(said, figures={"state": str(now.status.get("state")), **numbers})
