"""
The command line. A shell: it reads what was typed, calls who can do it, and says in one way what went wrong.

Everything a verb needs is imported when it runs: `talkbox tap` must not wait for numpy.
"""

# ruff: noqa: PLC0415  a verb imports what it needs when it runs, and nothing else

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from .doctor import options as doctor_options
from .errors import TalkboxError
from .journal import options as journal_options
from .masking import mask, printable

if TYPE_CHECKING:
    from .config import Config

DEFAULT_SOCKET = Path("/run/talkbox/control.sock")
_INTERRUPTED = 130  # as a shell says it: 128 + SIGINT


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run one command.

    Args:
        arguments: What was typed after ``talkbox``; the process's own if left out.

    Returns:
        The exit code (sysexits.h).
    """
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        code = run(options)
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
    from . import logs

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


class _Parser(argparse.ArgumentParser):
    """argparse, with the exit code that sysexits.h has for wrong usage."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"error: {message}\n  hint: `{self.prog} --help` says what can be typed\n")


# The verbs.


def _run(options: argparse.Namespace) -> int:
    from . import logs

    config = _load(options, require_agent=True)
    logs.set_up(
        config.logging.level,
        transcripts=config.logging.transcripts,
        secrets=[word for value in config.agent.signed_url_headers.values() for word in value.split()],
    )
    from .appliance import compose

    return compose.run(config)


def _monitor(options: argparse.Namespace) -> int:
    from .terminal import monitor

    return monitor.main(options.socket)


def _simulate(options: argparse.Namespace) -> int:
    from .terminal import simulate

    return simulate.main(config=options.config, overrides=options.set)


def _demo(options: argparse.Namespace) -> int:
    from .terminal import demo

    return demo.main(options.out)


def _config(options: argparse.Namespace) -> int:
    from . import config_text

    print(config_text.reference() if options.reference else config_text.show(_load(options)), end="")
    return os.EX_OK


def _board(options: argparse.Namespace) -> int:
    from .appliance import compose

    return compose.show_board(_load(options))


def _lights(options: argparse.Namespace) -> int:
    from .terminal.monitor import leave_on_signals

    config = _load(options)
    leave_on_signals()  # whatever ends it, the LEDs go out
    from .appliance import compose

    if options.action == "off":
        return compose.lights_off(config)
    return compose.show_lights(config, options.what, for_s=options.seconds)


def _stopped(options: argparse.Namespace) -> int:
    from . import logs
    from .appliance import stopped

    logs.set_up("warning")
    stopped.run(os.environ, lambda: _load(options))
    return os.EX_OK


def _doctor(options: argparse.Namespace) -> int:
    from .doctor import program
    from .examination import subject

    examined = subject(_path(options), lambda: _load(options))
    return program.doctor(examined, json=options.json, fix=options.fix, boot=options.boot)


def _bug_report(options: argparse.Namespace) -> int:
    from .doctor import program
    from .examination import subject

    return program.report(subject(_path(options), lambda: _load(options)), options.out)


def _tools(options: argparse.Namespace) -> int:
    from .appliance.device_tools import DEFINITIONS

    if options.json:
        print(json.dumps(DEFINITIONS, indent=2))
    else:
        print("\n".join(f"{tool['name']:<20} {tool['description']}" for tool in DEFINITIONS))
    return os.EX_OK


def _version(_options: argparse.Namespace) -> int:
    from importlib.metadata import PackageNotFoundError, version

    try:
        print(f"talkbox {version('talkbox')}")
    except PackageNotFoundError:  # run from its source, not installed
        print("talkbox (not installed)")
    return os.EX_OK


def _command(options: argparse.Namespace) -> int:
    from .terminal.request import request

    detents = {"detents": options.detents} if options.verb == "turn" else {}
    request(options.socket, options.verb, **detents)
    return os.EX_OK


def _status(options: argparse.Namespace) -> int:
    from .terminal.request import request
    from .terminal.status import read
    from .terminal.text import status_text

    status = request(options.socket, "status")["status"]
    print(json.dumps(status) if options.json else status_text(read(status if isinstance(status, dict) else {})))
    return os.EX_OK


def _events(options: argparse.Namespace) -> int:
    from .terminal.request import events
    from .terminal.text import event_line

    for event in events(options.socket):
        print(json.dumps(event) if options.json else event_line(event), flush=True)
    print("the device went away", file=sys.stderr)
    return os.EX_OK


def _logs(options: argparse.Namespace) -> int:
    from .journal import read
    from .journal.options import color, query

    colored = color(options, terminal=sys.stdout.isatty(), no_color="NO_COLOR" in os.environ)
    return read.main(query(options), json=options.json, color=colored)


def _load(options: argparse.Namespace, *, require_agent: bool = False) -> Config:
    from .config import load

    return load(_path(options), environ=os.environ, overrides=options.set, require_agent=require_agent)


def _path(options: argparse.Namespace) -> Path | None:
    from .config import DEFAULT_PATH

    return options.config or (DEFAULT_PATH if DEFAULT_PATH.exists() else None)


# What can be typed.


def _parser() -> _Parser:
    parser = _Parser(
        prog="talkbox",
        description="A press-to-talk voice appliance: run one, watch one, or tell a running one what to do.",
        epilog="`talkbox VERB --help` explains a verb. Settings: `talkbox config --reference`.",
    )
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")

    def verb(name: str, run: Callable[[argparse.Namespace], int], *, what: str, example: str) -> _Parser:
        added: _Parser = verbs.add_parser(name, help=what, description=what, epilog=f"example: {example}")
        added.set_defaults(run=run)
        return added

    run = verb("run", _run, what="be the appliance, until told to stop", example="talkbox run --config talkbox.toml")
    simulate = verb(
        "simulate",
        _simulate,
        what="try the appliance here, without a board: the keyboard is its button and its knob",
        example="talkbox simulate --set agent.agent_id=agent_0123",
    )
    config = verb(
        "config",
        _config,
        what="show the settings in force, and where each came from; no secret is shown",
        example="talkbox config --config talkbox.toml --set audio.volume=0.5",
    )
    config.add_argument(
        "--reference", action="store_true", help="print every setting there is, as a file to start from"
    )
    for configured in (run, simulate, config):
        _add_configuration(configured)
    demo = verb("demo", _demo, what="hear a whole conversation, without a board or an account", example="talkbox demo")
    demo.add_argument(
        "--out", type=Path, default=Path("demo"), metavar="DIR", help="where the results go (%(default)s)"
    )
    _add_configuration(
        verb(
            "board",
            _board,
            what="say which board is there, how one knows, and what is known of it",
            example="talkbox board",
        )
    )
    _add_lights(
        verb(
            "lights",
            _lights,
            what="try what the lights say, or put them out; of the configured board, without a running device",
            example="talkbox lights show listening",
        )
    )
    _add_configuration(
        verb(
            "stopped",
            _stopped,
            what="for systemd, when the device has ended: say why, if it ended badly, and put its LEDs out",
            example="ExecStopPost=/opt/talkbox/current/bin/talkbox stopped",
        )
    )
    tools = verb("tools", _tools, what="list what the agent may ask of the device", example="talkbox tools --json")
    tools.add_argument("--json", action="store_true", help="as JSON, to paste into the agent's settings")
    journal_options.add(verb("logs", _logs, what="read the device's log", example="talkbox logs -f"))
    _add_doctor(verb)
    verb("version", _version, what="print the version", example="talkbox version")
    _add_control_verbs(verb)
    return parser


def _add_control_verbs(verb: Callable[..., _Parser]) -> None:
    said = (
        ("tap", "press the button of a running device and let it go: start a session, or end it"),
        ("press", "press the button of a running device, and keep it down"),
        ("release", "let the button of a running device go"),
        ("mute", "mute the microphone of a running device, or open it again"),
    )
    added = [verb(name, _command, what=what, example=f"talkbox {name}") for name, what in said]
    turn = verb("turn", _command, what="turn the knob of a running device: its volume", example="talkbox turn -2")
    turn.add_argument("detents", type=int, metavar="N", help="detents to turn it by; positive is clockwise, and louder")
    status = verb("status", _status, what="show what a running device is doing", example="talkbox status --json")
    events = verb("events", _events, what="print what happens to a running device", example="talkbox events --json")
    for one in (status, events):
        one.add_argument("--json", action="store_true", help="as JSON, one object a line")
    monitor = verb("monitor", _monitor, what="watch a running device", example="talkbox monitor")
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
        _doctor,
        what="examine the device: one line a check, with the remedy; listens, plays a short sound, asks for a press",
        example="sudo talkbox doctor --fix",
    )
    report = verb(
        "report",
        _bug_report,
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
