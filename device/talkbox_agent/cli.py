"""The command line of `talkbox-agent`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import NoReturn

from . import script_file
from .abilities import find_abilities
from .audio import AudioFormat
from .errors import AgentError, OptionError
from .script import Script
from .server import AgentServer

_DESCRIPTION = "A voice agent on this machine: it listens, understands a few things, and answers aloud."
_EPILOG = """\
example:
  talkbox-agent --port 8787          then: talkbox run with server = "ws://127.0.0.1:8787"

Say: hello · what time is it · set the volume to forty percent · set a timer for ten seconds ·
repeat after me · tell me a long story · stop · goodbye
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status (sysexits.h)."""
    options = _parse(arguments)
    logging.basicConfig(
        level=logging.WARNING if options.quiet else logging.DEBUG if options.verbose else logging.INFO,
        format="%(asctime)s %(levelname)-7s %(message)s",
        datefmt="%H:%M:%S",
        stream=sys.stderr,
    )
    logging.getLogger("websockets").setLevel(logging.ERROR)  # a client that goes away is not its problem
    try:
        asyncio.run(_serve(options))
    except AgentError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"  hint: {error.hint}", file=sys.stderr)
        return error.exit_code
    return os.EX_OK


async def _serve(options: argparse.Namespace) -> None:
    script, api_key = _script(options), _api_key(options)
    server = AgentServer(
        script=script,
        abilities=find_abilities(tones=options.tones, voice=options.voice, now=lambda: datetime.now().astimezone()),
        api_key=api_key,
        private=options.private,
        now_s=time.time,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with server.listening(host=options.host, port=options.port) as url:
        print(f"talkbox-agent listening on {url}", flush=True)
        await stop.wait()


def _script(options: argparse.Namespace) -> Script:
    """Give the script, with the formats of the command line in the place of its own."""
    script = script_file.load(options.script) if options.script else Script()
    manner = replace(
        script.manner,
        input_format=AudioFormat(options.input_format or script.manner.input_format),
        output_format=AudioFormat(options.output_format or script.manner.output_format),
    )
    return replace(script, manner=manner)


def _api_key(options: argparse.Namespace) -> str:
    path: Path | None = options.api_key_file
    if path is None:
        return os.environ.get("TALKBOX_AGENT_API_KEY", "").strip()
    try:
        key = path.read_text("utf-8").strip()
    except (OSError, ValueError) as error:
        raise OptionError(f"{path}: {getattr(error, 'strerror', None) or 'not UTF-8'}") from error
    if not key:
        raise OptionError(f"{path}: the file is empty", hint="write the key into its first line")
    return key


def _port(text: str) -> int:
    """Read a port, or have argparse complain."""
    port = int(text)
    if not 0 <= port <= 65535:
        raise ValueError
    return port


_port.__name__ = "port"  # what argparse calls it: "invalid port value: '99999'"


class _Parser(argparse.ArgumentParser):
    """Ends with sysexits' status for wrong usage instead of 2."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"error: {message}\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="talkbox-agent",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8787, help="port; 0 = any free one (default: %(default)s)")
    parser.add_argument("--script", type=Path, metavar="FILE", help="what to do when, faults included (TOML)")
    parser.add_argument("--tones", action="store_true", help="no speech: greet and answer with tones")
    parser.add_argument("--voice", default="", metavar="NAME", help="slt, rms, awb, kal16, or a voice of espeak-ng")
    parser.add_argument(
        "--input-format",
        choices=list(AudioFormat),
        metavar="FORMAT",
        help="what clients send: pcm_8000 ... pcm_48000, ulaw_8000 (default: pcm_16000)",
    )
    parser.add_argument(
        "--output-format", choices=list(AudioFormat), metavar="FORMAT", help="what clients get (default: pcm_16000)"
    )
    parser.add_argument("--api-key-file", type=Path, metavar="FILE", help="the key that signed URLs ask for")
    parser.add_argument("--private", action="store_true", help="take only sessions with a signed URL")
    parser.add_argument("--quiet", action="store_true", help="log warnings only")
    parser.add_argument("--verbose", action="store_true", help="log everything")
    return parser.parse_args(arguments)
