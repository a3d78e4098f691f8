"""The command line of `talkbox-broker`."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack, ExitStack
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NoReturn

from . import credential, logs, settings, sockets
from .app import App
from .connections import answering
from .desk import Desk, Outcome
from .errors import BrokerError, CredentialError, ListenError
from .notify import Notifier
from .service import Service

log = logging.getLogger("talkbox_broker")

_DESCRIPTION = "Hold the API key, and give signed URLs to the device beside it."
_EPILOG = """\
Under systemd the socket and the key come from talkbox-broker.socket and the credential elevenlabs-api-key.
By hand:
  talkbox-broker --config broker.toml --api-key-file key --socket ./http.sock
  curl --unix-socket ./http.sock 'http://broker/signed-url?agent_id=agent_…'
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit status (sysexits.h)."""
    options = _parse(arguments)
    logs.set_up(os.environ, verbose=options.verbose)
    try:
        _run(options)
    except BrokerError as error:
        _complain(error)
        return error.exit_code
    return os.EX_OK


def _run(options: argparse.Namespace) -> None:
    loaded = settings.load(options.config)
    with ExitStack() as stack:
        given = sockets.inherited(os.environ, pid=os.getpid())
        if given is None and options.socket is None:
            hint = "name one with --socket PATH, or start talkbox-broker.socket"
            raise ListenError("no socket to answer on: systemd hands none over", hint=hint)
        listener = stack.enter_context(given or sockets.bound(options.socket))
        key: credential.ApiKey | CredentialError
        try:
            key = credential.load(options.api_key_file, environ=os.environ)
        except CredentialError as error:
            if given is None:
                raise
            # Systemd would start us again for each press, without end. So the button's owner is told what is missing.
            _complain(error)
            key = error
        asyncio.run(_serve(loaded, key, listener))


def _complain(error: BrokerError) -> None:
    for text in str(error).splitlines():
        log.error("%s", text)
    log.error("hint: %s", error.hint)


async def _serve(loaded: settings.Settings, key: credential.ApiKey | CredentialError, listener: socket.socket) -> None:
    notifier = Notifier(os.environ)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        service: Service | CredentialError
        if isinstance(key, CredentialError):
            service, status = key, str(key)
        else:
            service = await stack.enter_async_context(Service(loaded, key, version=_version()))
            status = f"ready; agents on the list: {len(loaded.agents)}"
        desk = Desk(loaded, service, on_outcome=lambda outcome: notifier.status(_status(outcome)))
        app = App(desk, own_uid=os.geteuid(), socket_gid=sockets.group_of(listener))
        await stack.enter_async_context(answering(listener, app, client_timeout_s=loaded.client_timeout_s))
        log.info("listening; agents %s, server %s", ", ".join(loaded.agents), loaded.server)
        notifier.ready(status)
        await stop.wait()
        notifier.stopping()


def _status(outcome: Outcome) -> str:
    return f"ready; to the last request: {outcome.error or 'a signed URL'}"


def _version() -> str:
    try:
        return version("talkbox")
    except PackageNotFoundError:  # run from its source, not installed
        return "0"


class _Parser(argparse.ArgumentParser):
    """Ends with sysexits' status for wrong usage instead of 2."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(os.EX_USAGE, f"error: {message}\n")


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = _Parser(
        prog="talkbox-broker",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", default=settings.DEFAULT_PATH, help="settings (default: %(default)s)"
    )
    # Not the key itself: every process of the machine can read a command line.
    parser.add_argument("--api-key-file", type=Path, metavar="FILE", help="the key, in the place of the credential")
    parser.add_argument("--socket", type=Path, metavar="PATH", help="answer here, in the place of systemd's socket")
    parser.add_argument("--verbose", action="store_true", help="log questions for the broker's health too")
    return parser.parse_args(arguments)
