"""The units, and whether the journal outlives the power."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from .check import SETUP, Figures, Fix, Result, failed, ok, skipped, unseen, warning
from .host import run
from .ports import Machine

PROPERTIES = "LoadState,ActiveState,SubState,UnitFileState,Result,NRestarts,ExecMainStatus,StatusText"
LOGS = "`talkbox logs --errors` says why"
STORAGE = "Storage=persistent in /etc/systemd/journald.conf.d/"
OFTEN = 3
CONFIGURATION = "78"
MISTAKE = "`talkbox config` names what is wrong in it; then `sudo systemctl restart talkbox`"
AT_BOOT = ("enabled", "enabled-runtime", "static", "indirect", "generated", "transient")


def unit(machine: Machine, name: str) -> Result:
    """Tell how a unit of systemd stands."""
    shown = machine.run("systemctl", "show", name, f"--property={PROPERTIES}")
    if shown is None or shown.code:
        return skipped("systemd does not run here")
    state = {key: value for key, _, value in (line.partition("=") for line in shown.said.splitlines())}
    if state.get("LoadState") != "loaded":
        return warning(f"{name} is not installed", SETUP)
    text = state.get("StatusText")
    said = f"{state.get('ActiveState')} ({state.get('SubState')}){f': {text}' if text else ''}"
    if (trouble := _trouble(state, said, partial(_fix, machine, name))) is not None:
        return trouble
    restarts = int(state.get("NRestarts") or 0)
    figures: Figures = {"active": state.get("ActiveState", ""), "restarts": restarts}
    if state.get("UnitFileState") not in AT_BOOT:
        return warning(f"{said}, but not at boot", f"`sudo systemctl enable {name}`", fix=_fix(machine, name, "enable"))
    if restarts > OFTEN:
        return warning(f"{said}, after {restarts} restarts", LOGS, figures=figures)
    return ok(said, figures=figures)


def _trouble(state: Mapping[str, str], said: str, fix: Callable[[str], Fix]) -> Result | None:
    """Return what is wrong with a unit that should run and does not, or `None`."""
    match state.get("ActiveState"), state.get("SubState"):
        case "failed", _ if state.get("ExecMainStatus") == CONFIGURATION:
            return failed(f"{said}: the configuration cannot be used", MISTAKE)
        case "failed", _:
            why = f"{said}: {state.get('Result')}, exit status {state.get('ExecMainStatus')}"
            return failed(why, LOGS, fix=fix("restart"))
        case "inactive", _:
            return failed(f"{said}: it does not run", "`sudo talkbox doctor --fix` starts it", fix=fix("start"))
        case "activating", "auto-restart" | "auto-restart-queued":
            return failed(f"{said}: it does not stay up; {state.get('NRestarts')} restarts so far", LOGS)
    return None


def _fix(machine: Machine, name: str, verb: str) -> Fix:
    return Fix(says=f"systemctl {verb} {name}", act=partial(_mend, machine, verb, name))


def journal(machine: Machine) -> Result:
    """Tell whether the journal is kept over a reboot."""
    machines = machine.find("/var/log/journal/*")
    if not machines and not machine.find("/run/log/journal/*"):
        return skipped("there is no journal")
    used = machine.run("journalctl", "--disk-usage")
    size = used.said.rpartition("take up ")[2].partition(" ")[0] if used is not None and not used.code else ""
    if not machines:
        said = "in memory only: what is said before the power goes is lost"
        return warning(said, f"{SETUP}; or {STORAGE}", figures={"persistent": False})
    if used is not None and "not seeing messages" in used.said:
        return unseen("kept over a reboot; this user may not read it", "`sudo`, or the group systemd-journal")
    return ok(f"kept over a reboot{f', {size}' if size else ''}", figures={"persistent": True})


def _mend(machine: Machine, verb: str, name: str) -> None:
    # Nobody is asked for a password in the middle of the list: who may not is told to use sudo.
    machine.run("systemctl", "--no-ask-password", "reset-failed", name)
    run(machine, "systemctl", "--no-ask-password", verb, name)
