"""What the doctor needs of the machine, the board and the network. Whoever implements these looks; the checks judge."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from talkbox.audio.ports import CaptureDevice, PlaybackDevice
from talkbox.controls.ports import Controls
from talkbox.lights.ports import Leds
from talkbox_hardware.board import Board

Ask = Callable[..., Mapping[str, object]]
"""Asks the running device through its control socket: a command and its fields; raises `ControlError`."""


Watch = Callable[[], Iterator[Mapping[str, object]]]
"""Yields what happens to the running device, as it happens; raises `ControlError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a program printed, both streams, and its exit code."""

    code: int
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """The room on a file system."""

    total_bytes: int
    free_bytes: int


class Machine(Protocol):
    """
    The computer, read only but for `run`.

    Attributes:
        root: Where its files are; ``/`` but for tests and mounted images.
        user: Who is looking.
    """

    root: Path
    user: str

    def text(self, path: str) -> str:
        """
        Return a file's text, ``""`` where there is no such file.

        Raises:
            PermissionError: If this user may not read it.
        """
        ...

    def find(self, pattern: str) -> list[str]:
        """Return the paths below the root that match, in order."""
        ...

    def changed_s(self, path: str) -> float | None:
        """Return when a file was changed, in seconds of the clock; `None`: there is none."""
        ...

    def run(self, *command: str, limit_s: float = 5.0) -> Output | None:
        """Run a program; `None`: it is not installed, or takes too long."""
        ...

    def space(self, path: str) -> Space:
        """Return the room where `path` is."""
        ...

    def now_s(self) -> float:
        """Return the clock, in seconds since 1970."""
        ...


class Fitted(Protocol):
    """The board as it is configured: `appliance.compose.hardware.Hardware`."""

    board: Board

    @property
    def simulated(self) -> bool:
        """Whether it is in memory only."""
        ...

    def leds(self) -> Leds:
        """Return its LEDs; raises `TalkboxError`."""
        ...

    def controls(self) -> Controls:
        """Return its button and its encoder, claimed; raises `TalkboxError`."""
        ...


class Sound(Protocol):
    """The microphone and the loudspeaker that are configured: `appliance.sound.Devices`."""

    @property
    def open_capture(self) -> Callable[[], CaptureDevice]:
        """Opens the microphone; raises `OSError`."""
        ...

    @property
    def open_playback(self) -> Callable[[], PlaybackDevice]:
        """Opens the loudspeaker; raises `OSError`."""
        ...

    @property
    def described(self) -> str:
        """Both in words."""
        ...

    @property
    def cards(self) -> bool:
        """Whether both are sound cards, and not files or silence."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """
    A TLS connection that was opened.

    Attributes:
        version: ``"TLSv1.3"``.
        until_s: When the certificate ends, in seconds since 1970.
        ahead_s: How far this machine's clock is ahead of the server's; `None`: it did not say.
    """

    version: str
    until_s: float
    ahead_s: float | None


class Wire(Protocol):
    """The network. Everything is over within a few seconds, and raises `OSError`."""

    def proxy(self, host: str, *, secure: bool) -> str:
        """Return the proxy that the environment names for `host`, as ``host:port``; ``""``: none."""
        ...

    def lookup(self, host: str, port: int) -> tuple[str, ...]:
        """Return the addresses of a name."""
        ...

    def handshake(self, host: str, port: int) -> Handshake:
        """Open TLS, the certificate verified, and close it."""
        ...

    def round_trips_ms(self, host: str, port: int) -> tuple[float, ...]:
        """Return how long opening a connection took, several times."""
        ...

    def health(self, socket: str) -> tuple[int, str]:
        """Ask an HTTP server on a unix socket for ``/health``; return status and body."""
        ...
