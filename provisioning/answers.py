"""
The setup script's TOML: what Bash cannot read. Prints `key=value` lines, or a file's new text; changes nothing.

Runs with the system's own Python (3.11 or newer) before anything is installed: nothing but the standard library.
"""

from __future__ import annotations

import argparse
import difflib
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

BROKER = "unix:/run/talkbox-broker/http.sock"
SERVICE = "wss://api.elevenlabs.io"
SETUP_KEYS: dict[str, type] = {"private": bool, "api_key": str, "consent": bool, "user": str}
EXTRAS = ("pi", "broker", "echo")
"""Of the project's optional parts, those that an appliance wants, as far as this version has them."""

NEW_CONFIGURATION = """\
# Talkbox's settings. Every one of them: talkbox config --reference
# After a change: sudo systemctl restart talkbox
"""

Table = dict[str, Any]


class AnswerError(Exception):
    """A file cannot be used: one line for each problem."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the shell asks for. Return the exit code (sysexits.h)."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], Iterator[str]] = options.run
    try:
        sys.stdout.writelines(f"{line}\n" for line in list(run(options)))
    except AnswerError as error:
        sys.stderr.write(f"{error}\n")
        return os.EX_CONFIG
    return os.EX_OK


# What an answer file says.


def read(options: argparse.Namespace) -> Iterator[str]:
    """Print the answers in one file: an answer file, the one on the boot partition, or the configuration in force."""
    tables = load(options.file)
    setup = tables.get("setup", {})
    problems = [*_setup_problems(setup, options.file), *_agent_problems(tables, options.file)]
    if problems:
        raise AnswerError("\n".join(problems))
    agent, board = tables.get("agent", {}), tables.get("hardware", {}).get("board", "auto")
    if agent.get("agent_id"):
        yield f"agent_id={agent['agent_id']}"
    if "private" in setup or "signed_url_from" in agent:
        yield f"access={_access(setup, agent)}"
    if board != "auto":
        yield f"board={board}"
    if setup.get("consent"):
        yield "consent=yes"
    if setup.get("user"):
        yield f"user={setup['user']}"
    if setup.get("api_key"):
        yield "has_key=yes"
    if tables.keys() - {"setup"}:
        yield "has_settings=yes"


def key(options: argparse.Namespace) -> Iterator[str]:
    """Print the API key in an answer file, for a pipe."""
    yield load(options.file).get("setup", {}).get("api_key", "")


def _access(setup: Table, agent: Table) -> str:
    source = agent.get("signed_url_from", "")
    if source and source != BROKER:
        return "own"  # signed URLs come from somewhere else: neither the broker nor its key is ours to set up
    return "private" if setup.get("private", bool(source)) else "public"


def _setup_problems(setup: object, path: Path) -> Iterator[str]:
    if not isinstance(setup, dict):
        yield f"{path}: setup must be a table"
        return
    for name, value in setup.items():
        if name not in SETUP_KEYS:
            near = difflib.get_close_matches(name, SETUP_KEYS, n=1)
            yield f"{path}: there is no setup.{name}" + (f"; did you mean {near[0]}?" if near else "")
        elif type(value) is not SETUP_KEYS[name]:
            yield f"{path}: setup.{name} must be {'true or false' if SETUP_KEYS[name] is bool else 'text'}"
        elif isinstance(value, str) and not (value.isprintable() and value == "".join(value.split())):
            yield f"{path}: setup.{name} must be one word"


def _agent_problems(tables: Table, path: Path) -> Iterator[str]:
    for table, name in (
        ("agent", "agent_id"),
        ("agent", "signed_url_from"),
        ("agent", "server"),
        ("hardware", "board"),
    ):
        value = tables.get(table, {}).get(name, "") if isinstance(tables.get(table, {}), dict) else None
        if not isinstance(value, str) or not (value.isprintable() and value == "".join(value.split())):
            yield f"{path}: {table}.{name} must be text without blanks"


def load(path: Path) -> Table:
    """
    Return a file's tables.

    Raises:
        AnswerError: If it cannot be read, or is no TOML.
    """
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AnswerError(f"{path}: {error}") from error


# What is written.


def configuration(options: argparse.Namespace) -> Iterator[str]:
    """Print the configuration: the file's own text without [setup], with the answers in it."""
    text = _text(options.file) if options.file else NEW_CONFIGURATION
    text = without_table(text, "setup")
    if options.access == "private":
        text = with_value(text, "agent", "signed_url_from", BROKER)
    elif options.access == "public" and tomllib.loads(text).get("agent", {}).get("signed_url_from"):
        text = with_value(text, "agent", "signed_url_from", "")
    if options.agent_id:
        text = with_value(text, "agent", "agent_id", options.agent_id)
    yield with_value(text, "hardware", "board", options.board).rstrip("\n")


def broker(options: argparse.Namespace) -> Iterator[str]:
    """Print the broker's settings: those there are, with the agent among them, and the service of the agent."""
    agent = load(options.configuration).get("agent", {})
    text = _text(options.file) if options.file else "# The agents that this device may talk to, and the service.\n"
    agents = tomllib.loads(text).get("broker", {}).get("agents", [])
    if not options.file or "server" in agent:  # where the device talks, its broker asks
        text = with_value(text, "broker", "server", _http(agent.get("server", SERVICE)))
    if agent["agent_id"] not in agents:
        text = with_value(text, "broker", "agents", [*agents, agent["agent_id"]])
    yield text.rstrip("\n")


def _http(server: str) -> str:
    """Return where the service takes requests: the same host as its WebSocket's."""
    parts = urlsplit(server)
    return f"{'https' if parts.scheme == 'wss' else 'http'}://{parts.netloc}"


def _text(path: Path) -> str:
    load(path)
    return path.read_text("utf-8-sig").replace("\r\n", "\n")


def without_table(text: str, table: str) -> str:
    """Return TOML text without one of its tables."""
    expected = {name: value for name, value in tomllib.loads(text).items() if name != table}
    kept, skipping = [], False
    for line in text.splitlines(keepends=True):
        if header := _header(line):
            skipping = header == table or header.startswith(f"{table}.")
        if not skipping:
            kept.append(line)
    return _checked("".join(kept), expected, f"take the table [{table}] out by hand")


def with_value(text: str, table: str, name: str, value: str | list[str]) -> str:
    """Return TOML text in which a key has a value; everything else, and every comment, stays."""
    expected = tomllib.loads(text)
    if expected.get(table, {}).get(name) == value:
        return text
    expected.setdefault(table, {})[name] = value
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    ours = f"{name} = {json.dumps(value, ensure_ascii=False)}\n"
    headers = [number for number, line in enumerate(lines) if _header(line) == table]
    if not headers:
        lines += ["\n", f"[{table}]\n", ours]
    else:
        begin = headers[0] + 1
        end = next((number for number in range(begin, len(lines)) if _header(lines[number])), len(lines))
        found = [number for number in range(begin, end) if re.match(rf"\s*{name}\s*=", lines[number])]
        lines[found[0] if found else begin : found[0] + 1 if found else begin] = [ours]
    return _checked("".join(lines), expected, f"set {table}.{name} = {json.dumps(value)} by hand")


def _header(line: str) -> str:
    """Return the name of the table that begins on a line, or ``""``; of an array of tables, its name too."""
    found = re.match(r"\s*\[\[?\s*([^\]]+?)\s*\]\]?\s*(#.*)?$", line)
    return found[1].replace('"', "").replace(" ", "") if found else ""


def _checked(text: str, expected: Table, remedy: str) -> str:
    """Return `text` if it says what was meant. Text is edited, and not trusted: TOML has many ways to say one thing."""
    try:
        if tomllib.loads(text) == expected:
            return text
    except tomllib.TOMLDecodeError:
        pass
    raise AnswerError(f"the file is written in a way that setup cannot edit: {remedy}")


# The project.


def project(options: argparse.Namespace) -> Iterator[str]:
    """Print the version, and the optional parts that an appliance wants."""
    about = load(options.file)["project"]
    extras = [extra for extra in EXTRAS if extra in about.get("optional-dependencies", {})]
    yield f"version={about['version']}"
    yield f"extras={','.join(extras)}"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="What provisioning/setup.sh asks of TOML files.")
    verbs = parser.add_subparsers(required=True)

    def verb(run: Callable[[argparse.Namespace], Iterator[str]]) -> argparse.ArgumentParser:
        added = verbs.add_parser(run.__name__, help=run.__doc__)
        added.set_defaults(run=run)
        return added

    for run in (read, key, project):
        verb(run).add_argument("file", type=Path)
    writing = verb(configuration)
    writing.add_argument("--file", type=Path)
    for option in ("--agent-id", "--access", "--board"):
        writing.add_argument(option, required=True)
    brokering = verb(broker)
    brokering.add_argument("--file", type=Path)
    brokering.add_argument("configuration", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
