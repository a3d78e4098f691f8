"""
What each verb of the command line does. Each calls who can do it, and returns the exit code.

Everything a verb needs is imported when it runs: `talkbox tap` must not wait for numpy.
"""

# ruff: noqa: PLC0415  a verb imports what it needs when it runs, and nothing else

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .config import Config


def run(options: argparse.Namespace) -> int:
    """Be the appliance."""
    from . import logs

    config = _load(options, require_agent=True)
    logs.set_up(
        config.logging.level,
        transcripts=config.logging.transcripts,
        secrets=[word for value in config.agent.signed_url_headers.values() for word in value.split()],
    )
    from .appliance.compose import program

    return program.run(config)


def monitor(options: argparse.Namespace) -> int:
    """Watch a running device."""
    from .terminal import monitor

    return monitor.main(options.socket)


def simulate(options: argparse.Namespace) -> int:
    """Be the appliance here, without a board."""
    from .terminal import simulate

    return simulate.main(config=options.config, overrides=options.set)


def demo(options: argparse.Namespace) -> int:
    """Hold a whole conversation."""
    from .terminal import demo

    return demo.main(options.out, room=options.room)


def config(options: argparse.Namespace) -> int:
    """Print the settings in force, or all there are."""
    from . import config_text

    print(config_text.reference() if options.reference else config_text.show(_load(options)), end="")
    return os.EX_OK


def board(options: argparse.Namespace) -> int:
    """Print which board there is."""
    from .appliance.compose import program

    return program.show_board(_load(options))


def lights(options: argparse.Namespace) -> int:
    """Try the lights, or put them out."""
    from .terminal.monitor import leave_on_signals

    config = _load(options)
    leave_on_signals()  # whatever ends it, the LEDs go out
    from .appliance.compose import program

    if options.action == "off":
        return program.lights_off(config)
    return program.show_lights(config, options.what, for_s=options.seconds)


def stopped(options: argparse.Namespace) -> int:
    """Say why the device ended, and put its LEDs out."""
    from . import logs
    from .appliance import stopped

    logs.set_up("warning")
    stopped.run(os.environ, lambda: _load(options))
    return os.EX_OK


def doctor(options: argparse.Namespace) -> int:
    """Examine the device."""
    from .doctor import program
    from .examination import subject

    examined = subject(_path(options), lambda: _load(options))
    return program.doctor(examined, json=options.json, fix=options.fix, boot=options.boot)


def bug_report(options: argparse.Namespace) -> int:
    """Write one file for a bug report."""
    from .doctor import program
    from .examination import subject

    return program.report(subject(_path(options), lambda: _load(options)), options.out)


def tools(options: argparse.Namespace) -> int:
    """Print what the agent may ask of the device."""
    from .appliance.device_tools import DEFINITIONS

    if options.json:
        print(json.dumps(DEFINITIONS, indent=2))
    else:
        print("\n".join(f"{tool['name']:<20} {tool['description']}" for tool in DEFINITIONS))
    return os.EX_OK


def version(_options: argparse.Namespace) -> int:
    """Print the version."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        print(f"talkbox {version('talkbox')}")
    except PackageNotFoundError:  # run from its source, not installed
        print("talkbox (not installed)")
    return os.EX_OK


def command(options: argparse.Namespace) -> int:
    """Do to a running device what a finger does."""
    from .terminal.request import request

    detents = {"detents": options.detents} if options.verb == "turn" else {}
    request(options.socket, options.verb, **detents)
    return os.EX_OK


def status(options: argparse.Namespace) -> int:
    """Print what a running device is doing."""
    from .terminal.request import request
    from .terminal.status import read
    from .terminal.text import status_text

    status = request(options.socket, "status")["status"]
    print(json.dumps(status) if options.json else status_text(read(status if isinstance(status, dict) else {})))
    return os.EX_OK


def events(options: argparse.Namespace) -> int:
    """Print what happens to a running device."""
    from .terminal.request import events
    from .terminal.text import event_line

    for event in events(options.socket):
        print(json.dumps(event) if options.json else event_line(event), flush=True)
    print("the device went away", file=sys.stderr)
    return os.EX_OK


def logs(options: argparse.Namespace) -> int:
    """Print the device's log."""
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
