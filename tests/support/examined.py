"""What a doctor examines, made up: a computer below a folder, a board, a device, a network."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Never, TypeVar

from talkbox.controls.ports import Controls
from talkbox.doctor.machine import ThisMachine
from talkbox.doctor.ports import Handshake, Output, Space
from talkbox.errors import ControlError, NotRunning, TalkboxError
from talkbox.lights.ports import Leds
from talkbox_hardware.board import Board
from talkbox_hardware.fakes import SimulatedControls, SimulatedLeds
from tests.support.computer import put

T = TypeVar("T")
NOW_S = 1_800_000_000.0  # in January 2027


class MadeUpMachine:
    """
    Files below a folder, and programs that say what they were told to.

    Attributes:
        programs: How a command begins -> what it prints; with an exit code where it is not 0.
        forbidden: Files that this user may not read.
        ran: The commands so far.
    """

    def __init__(self, root: Path) -> None:
        self.root, self.user = root, "pi"
        self._files = ThisMachine(root)
        self.programs: dict[str, str | Output] = {}
        self.forbidden: set[str] = set()
        self.room = Space(total_bytes=16_000_000_000, free_bytes=8_000_000_000)
        self.now = NOW_S
        self.ran: list[str] = []

    def put(self, path: str, text: str) -> None:
        put(self.root, path.lstrip("/"), text)

    def text(self, path: str) -> str:
        if path in self.forbidden:
            raise PermissionError(13, "Permission denied", path)
        return self._files.text(path)

    def find(self, pattern: str) -> list[str]:
        return self._files.find(pattern)

    def changed_s(self, path: str) -> float | None:
        return self._files.changed_s(path)

    def run(self, *command: str, limit_s: float = 5.0) -> Output | None:
        assert limit_s > 0
        line = " ".join(command)
        self.ran.append(line)
        fitting = [known for known in self.programs if line.startswith(known)]
        if not fitting:
            return None
        said = self.programs[max(fitting, key=len)]
        return Output(code=0, said=said) if isinstance(said, str) else said

    def space(self, path: str) -> Space:
        assert path == "/"
        return self.room

    def now_s(self) -> float:
        return self.now


class MadeUpBoard:
    """A board as it is fitted to a configuration: with simulated controls, whatever it is."""

    def __init__(self, board: Board, *, simulated: bool = False) -> None:
        self.board, self.simulated = board, simulated
        self.row = SimulatedLeds()
        self.panel = SimulatedControls()
        self.refusal: TalkboxError | None = None

    def __call__(self) -> MadeUpBoard:
        return self

    def leds(self) -> Leds:
        if self.refusal is not None:
            raise self.refusal
        return self.row

    def controls(self) -> Controls:
        if self.refusal is not None:
            raise self.refusal
        return self.panel


@dataclass(slots=True)
class MadeUpDevice:
    """A control socket; `status` is `None` while nothing runs."""

    status: dict[str, object] | None = None
    hidden: bool = False
    asked: list[str] = field(default_factory=list)
    leds_on_turn: list[list[int]] = field(default_factory=list)

    def __call__(self, command: str, **fields: object) -> Mapping[str, object]:
        if self.hidden:
            raise ControlError("no permission to use /run/talkbox/control.sock")
        if self.status is None:
            raise NotRunning("nothing answers")
        self.asked.append(command)
        if command == "turn":
            assert fields == {"detents": 0}
            self.status["leds"] = self.leds_on_turn
            return {"ok": True}
        return {"ok": True, "status": self.status}


@dataclass(slots=True)
class MadeUpWire:
    """A network; what is an error is raised."""

    behind: str = ""
    addresses: tuple[str, ...] | OSError = ("192.0.2.1", "2001:db8::1")
    shaken: Handshake | OSError = field(
        default_factory=lambda: Handshake(version="TLSv1.3", until_s=NOW_S + 60 * 86400, ahead_s=0.2)
    )
    trips_ms: tuple[float, ...] | OSError = (20.0, 22.0, 21.0, 30.0, 19.0)
    healthy: tuple[int, str] | OSError = (200, '{"status": "ok", "last": null}')
    reached: list[tuple[str, int]] = field(default_factory=list)

    def proxy(self, host: str, *, secure: bool) -> str:
        assert host
        return self.behind if secure else ""

    def lookup(self, host: str, port: int) -> tuple[str, ...]:
        return _given(self.addresses, (host, port), self.reached)

    def handshake(self, host: str, port: int) -> Handshake:
        return _given(self.shaken, (host, port), self.reached)

    def round_trips_ms(self, host: str, port: int) -> tuple[float, ...]:
        return _given(self.trips_ms, (host, port), self.reached)

    def health(self, socket: str) -> tuple[int, str]:
        return _given(self.healthy, (socket, 0), self.reached)


def shaking(shaken: Handshake | OSError) -> Callable[[], Handshake]:
    """Return what shakes hands with the service."""
    wire = MadeUpWire(shaken=shaken)
    return lambda: wire.handshake("api.example", 443)


def shaken(*, days: float = 60, ahead_s: float | None = 0.3) -> Callable[[], Handshake]:
    """Return a handshake that succeeds: the certificate is good for so many days, our clock is so far ahead."""
    return shaking(Handshake(version="TLSv1.3", until_s=NOW_S + days * 86400, ahead_s=ahead_s))


def bad_certificate(code: int) -> ssl.SSLCertVerificationError:
    """Return what OpenSSL raises for a certificate that it does not trust; ``code`` says why."""
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_code, error.verify_message = code, "certificate is not yet valid"
    return error


def raising(error: Exception) -> Callable[[], Never]:
    """Return what raises `error`."""

    def work() -> Never:
        raise error

    return work


def _given(what: T | OSError, where: tuple[str, int], reached: list[tuple[str, int]]) -> T:
    reached.append(where)
    if isinstance(what, OSError):
        raise what
    return what
