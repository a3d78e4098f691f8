"""Which checks there are, in which order, and what each of them is given. Nothing is looked at here."""

from __future__ import annotations

import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path

from talkbox.config import Config
from talkbox.errors import TalkboxError
from talkbox_hardware.gpio import rpi_gpio_conflict
from talkbox_hardware.lgpio_chip import import_lgpio

from . import agent, board, card, clock, device, health, host, leds, network, service, sound, touch, wifi
from .check import Check
from .patience import once
from .ports import Ask, Fitted, Machine, Sound, Watch, Wire
from .touch import Person

DEVICE_UNIT, BROKER_UNIT = "talkbox.service", "talkbox-broker.socket"


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """
    What is examined.

    Attributes:
        config: The settings in force; the defaults, where they cannot be read.
        config_path: The file; ``""``: there is none.
        config_error: Why they cannot be read.
        fitted: Gives the board; raises `TalkboxError`.
        sound: Gives microphone and loudspeaker, of that board; raises `TalkboxError`.
        ask: Asks the running device.
        watch: Tells what happens to it.
        sign, knock: The ways to the agent.
        machine, wire: The computer and the network.
    """

    config: Config
    config_path: str
    config_error: TalkboxError | None
    fitted: Callable[[], Fitted]
    sound: Callable[[Fitted], Sound]
    ask: Ask
    watch: Watch
    sign: Callable[[], str]
    knock: Callable[[], None]
    machine: Machine
    wire: Wire


def checklist(subject: Subject, person: Person, *, boot: bool) -> list[Check]:
    """
    Return all checks.

    Args:
        subject: What is examined.
        person: Who can be asked to touch something.
        boot: Whether the machine is starting: nothing is then done that a press would find in its way.
    """
    fitted = once(subject.fitted)
    return [
        *_computer(subject),
        *_board(subject, fitted),
        *_heard(subject, fitted, boot=boot),
        *_touched(subject, fitted, person, boot=boot),
        *_service(subject),
        *_network(subject),
        *_health(subject.machine),
    ]


def _computer(subject: Subject) -> list[Check]:
    machine = subject.machine
    versions = partial(host.versions, _version, python=platform.python_version())
    configuration = partial(
        host.configuration, subject.config_path, subject.config_error, agent_id=subject.config.agent.agent_id
    )
    return [
        Check(name="versions", title="versions", look=versions),
        Check(name="model", title="Pi model", look=partial(host.model, machine)),
        Check(name="os", title="system", look=partial(host.system, machine)),
        Check(name="kernel", title="kernel", look=partial(host.kernel, machine)),
        Check(name="user", title="user", look=partial(host.user, machine, root=is_root())),
        Check(name="configuration", title="configuration", look=configuration),
    ]


def _board(subject: Subject, fitted: Callable[[], Fitted]) -> list[Check]:
    machine, configured = subject.machine, subject.config.hardware.board
    pin_library = partial(
        board.pin_library, fitted, kind=subject.config.hardware.gpio, conflict=rpi_gpio_conflict, load=import_lgpio
    )
    return [
        Check(name="board", title="board", look=partial(board.board, fitted, machine, configured=configured)),
        Check(name="overlay", title="overlay", look=partial(board.overlay, fitted, machine), needs=("board",)),
        Check(name="gpio", title="pin library", look=pin_library, needs=("board",)),
        Check(name="card", title="sound card", look=partial(card.card, fitted, machine), needs=("board",)),
        Check(name="holder", title="who has the card", look=partial(card.holder, fitted, machine), needs=("card",)),
        Check(name="mixer", title="mixer", look=partial(card.mixer_state, fitted, machine), needs=("card",)),
    ]


def _heard(subject: Subject, fitted: Callable[[], Fitted], *, boot: bool) -> list[Check]:
    if boot:
        microphone = loop = sound.not_at_boot
    else:
        devices = once(lambda: subject.sound(fitted()))
        microphone = partial(sound.microphone, devices, subject.ask)
        loop = partial(sound.loop, devices, subject.ask, fitted)
    return [
        Check(name="microphone", title="microphone", look=microphone, needs=("card",), doing="listening for a second"),
        Check(
            name="loop",
            title="speaker to mic",
            look=loop,
            needs=("card", "microphone"),
            doing="playing a chirp, and listening",
        ),
    ]


def _touched(subject: Subject, fitted: Callable[[], Fitted], person: Person, *, boot: bool) -> list[Check]:
    ask = subject.ask
    row = partial(leds.leds, fitted, ask, boot=boot)
    button = partial(touch.button, fitted, ask, subject.watch, person, boot=boot)
    encoder = partial(touch.encoder, fitted, ask, subject.watch, person, boot=boot)
    return [
        Check(name="leds", title="LEDs", look=row, needs=("board",), doing="look at them"),
        Check(name="button", title="button", look=button, needs=("board", "gpio")),
        Check(name="encoder", title="encoder", look=encoder, needs=("board", "gpio")),
    ]


def _service(subject: Subject) -> list[Check]:
    machine = subject.machine
    checks = [
        Check(name="unit", title="service", look=partial(service.unit, machine, DEVICE_UNIT)),
        Check(name="device", title="running device", look=partial(device.device, subject.ask)),
    ]
    if subject.config.agent.signed_url_from.startswith(agent.UNIX):
        checks.append(
            Check(name="broker-unit", title="broker's unit", look=partial(service.unit, machine, BROKER_UNIT))
        )
    return checks


def _network(subject: Subject) -> list[Check]:
    machine, wire, settings = subject.machine, subject.wire, subject.config.agent
    server = network.server_of(settings.server, wire)
    shake = once(lambda: wire.handshake(server.host, server.port))
    sign = once(subject.sign)
    time = partial(clock.clock, server, shake, machine, built_s=_built_s())
    asked = partial(agent.agent, settings.agent_id, settings.signed_url_from, sign, subject.knock)
    return [
        Check(name="route", title="route", look=partial(network.route, server, machine)),
        Check(name="dns", title="DNS", look=partial(network.dns, server, wire), needs=("route",), doing="asking"),
        Check(
            name="tls",
            title="TLS",
            look=partial(network.tls, server, shake, machine),
            needs=("dns",),
            doing="connecting",
        ),
        Check(name="clock", title="clock", look=time),
        Check(name="rtt", title="round trip", look=partial(network.round_trip, server, wire), needs=("dns",)),
        Check(
            name="broker",
            title="broker",
            look=partial(agent.broker, settings.signed_url_from, wire),
            needs=("configuration",),
        ),
        Check(
            name="key",
            title="API key",
            look=partial(agent.key, settings.signed_url_from, sign),
            needs=("broker", "configuration"),
            doing="asking the broker",
        ),
        Check(name="agent", title="agent", look=asked, needs=("configuration", "tls", "key"), doing="knocking"),
        Check(name="wifi", title="Wi-Fi", look=partial(wifi.strength, machine)),
        Check(name="power-save", title="Wi-Fi power save", look=partial(wifi.power_save, machine)),
    ]


def _health(machine: Machine) -> list[Check]:
    return [
        Check(name="power", title="power", look=partial(health.power, machine)),
        Check(name="temperature", title="temperature", look=partial(health.temperature, machine)),
        Check(name="disk", title="disk", look=partial(health.disk, machine)),
        Check(name="root", title="root file system", look=partial(health.root, machine)),
        Check(name="journal", title="journal", look=partial(service.journal, machine)),
    ]


def is_root() -> bool:
    """Tell whether this process may do everything."""
    return os.geteuid() == 0


def _built_s() -> float:
    """Return when this program was put here."""
    return Path(__file__).stat().st_mtime


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
