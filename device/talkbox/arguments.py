"""What can be typed after ``talkbox``, and the help on it. Refuses to know what a verb does."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from . import verbs
from .doctor import options as doctor_options
from .journal import options as journal_options

DEFAULT_SOCKET = Path("/run/talkbox/control.sock")


def parser() -> argparse.ArgumentParser:
    """Return what takes the command line apart; ``run`` of what it returns is the verb's function."""
    top = _Parser(
        prog="talkbox",
        description="A press-to-talk voice appliance: run one, watch one, or tell a running one what to do.",
        epilog="`talkbox VERB --help` explains a verb. Settings: `talkbox config --reference`.",
    )
    added_verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, run: Callable[[argparse.Namespace], int], *, what: str, example: str) -> _Parser:
        added: _Parser = added_verbs.add_parser(name, help=what, description=what, epilog=f"example: {example}")
        added.set_defaults(run=run)
        return added

    run = verb(
        "run", verbs.run, what="be the appliance, until told to stop", example="talkbox run --config talkbox.toml"
    )
    simulate = verb(
        "simulate",
        verbs.simulate,
        what="try the appliance here, without a board: the keyboard is its button and its knob",
        example="talkbox simulate --set agent.agent_id=agent_0123",
    )
    config = verb(
        "config",
        verbs.config,
        what="show the settings in force, and where each came from; no secret is shown",
        example="talkbox config --config talkbox.toml --set audio.volume=0.5",
    )
    config.add_argument(
        "--reference", action="store_true", help="print every setting there is, as a file to start from"
    )
    for configured in (run, simulate, config):
        _add_configuration(configured)
    demo = verb(
        "demo", verbs.demo, what="hear a whole conversation, without a board or an account", example="talkbox demo"
    )
    demo.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="where the results go (%(default)s)"
    )
    demo.add_argument(
        "--room", action="store_true", help="in a simulated room, where the microphone hears the loudspeaker"
    )
    _add_configuration(
        verb(
            "board",
            verbs.board,
            what="say which board is there, how one knows, and what is known of it",
            example="talkbox board",
        )
    )
    _add_lights(
        verb(
            "lights",
            verbs.lights,
            what="try what the lights say, or put them out; of the configured board, without a running device",
            example="talkbox lights show listening",
        )
    )
    _add_configuration(
        verb(
            "stopped",
            verbs.stopped,
            what="for systemd, when the device has ended: say why, if it ended badly, and put its LEDs out",
            example="ExecStopPost=/opt/talkbox/current/bin/talkbox stopped",
        )
    )
    tools = verb("tools", verbs.tools, what="list what the agent may ask of the device", example="talkbox tools --json")
    tools.add_argument("--json", action="store_true", help="as JSON, to paste into the agent's settings")
    journal_options.add(verb("logs", verbs.logs, what="read the device's log", example="talkbox logs -f"))
    _add_doctor(verb)
    verb("version", verbs.version, what="print the version", example="talkbox version")
    _add_control_verbs(verb)
    return top


def _add_control_verbs(verb: Callable[..., _Parser]) -> None:
    said = (
        ("tap", "press the button of a running device and let it go: start a session, or end it"),
        ("press", "press the button of a running device, and keep it down"),
        ("release", "let the button of a running device go"),
        ("mute", "mute the microphone of a running device, or open it again"),
    )
    added = [verb(name, verbs.command, what=what, example=f"talkbox {name}") for name, what in said]
    turn = verb("turn", verbs.command, what="turn the knob of a running device: its volume", example="talkbox turn -2")
    turn.add_argument("detents", type=int, metavar="N", help="detents to turn it by; positive is clockwise, and louder")
    status = verb("status", verbs.status, what="show what a running device is doing", example="talkbox status --json")
    events = verb(
        "events", verbs.events, what="print what happens to a running device", example="talkbox events --json"
    )
    for one in (status, events):
        one.add_argument("--json", action="store_true", help="as JSON, one object a line")
    monitor = verb("monitor", verbs.monitor, what="watch a running device", example="talkbox monitor")
    for one in (*added, turn, status, events, monitor):
        one.add_argument(
            "--socket",
            type=Path,
            default=DEFAULT_SOCKET,
            metavar="PATH",
            help="the device's control socket (%(default)s)",
        )


def _add_doctor(verb: Callable[..., _Parser]) -> None:
    doctor = verb(
        "doctor",
        verbs.doctor,
        what="examine the device: one line a check, with the remedy; listens, plays a short sound, asks for a press",
        example="sudo talkbox doctor --fix",
    )
    report = verb(
        "report",
        verbs.bug_report,
        what="write one file for a bug report: the doctor, the last session's log, settings, versions; secrets masked",
        example="sudo talkbox report --out report.tar.gz",
    )
    doctor_options.add_doctor(doctor)
    doctor_options.add_report(report)
    for one in (doctor, report):
        _add_configuration(one)


def _add_lights(lights: _Parser) -> None:
    actions = lights.add_subparsers(dest="action", required=True, metavar="ACTION")
    show = actions.add_parser("show", help="show a state or a notice, then put the lights out")
    show.add_argument(
        "what", metavar="STATE", help='idle, listening, speaking, refused, ...; "all": one after the other'
    )
    show.add_argument(
        "--for", dest="seconds", type=_seconds, default=6.0, metavar="SECONDS", help="how long each (%(default)s)"
    )
    off = actions.add_parser("off", help="put the lights out, whoever lit them")
    for action in (show, off):
        _add_configuration(action)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0.0 <= seconds <= 86400.0:
        raise argparse.ArgumentTypeError(f"must be 0..86400 seconds, not {text}")
    return seconds


def _add_configuration(parser: _Parser) -> None:
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="the settings (/etc/talkbox/talkbox.toml, if it exists)"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="TABLE.KEY=VALUE", help="change one setting; may be repeated"
    )


class _Parser(argparse.ArgumentParser):
    """argparse, with the exit code that sysexits.h has for wrong usage."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"error: {message}\n  hint: `{self.prog} --help` says what can be typed\n")
