"""
The Pi's pins: which library drives them, and which of them a board leaves free. Refuses to know what hangs on them.

gpiozero and what it stands on are extras, and imported when pins are first asked for. Their exceptions stay here: who
uses pins gets an `OSError` with an errno, or a `GpioError` where no errno fits.
"""

from __future__ import annotations

import errno
import os
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module, metadata
from pathlib import Path
from typing import Any, Literal

from .board import Board
from .lgpio_chip import find_chip, import_lgpio, keep_awake

PinFactory = Any
"""A gpiozero pin factory; gpiozero has no types."""

KINDS = ("auto", "lgpio", "rpigpio", "mock")
HEADER_GPIOS = range(2, 28)  # 0 and 1 belong to the EEPROM of a HAT
CONFLICT_HINT = "uninstall RPi.GPIO, which newer systems cannot use anyway"


class GpioError(Exception):
    """
    The pins cannot be used as this computer is set up.

    Attributes:
        hint: What to do about it.
    """

    def __init__(self, fact: str, *, hint: str) -> None:
        super().__init__(fact)
        self.hint = hint


def choose_factory(
    kind: str = "auto", *, dev: Path = Path("/dev"), environ: MutableMapping[str, str] = os.environ
) -> PinFactory:
    """
    Open the pins of the 40-pin header. Claims none. Close the factory last, after all that hangs on it.

    Args:
        kind: "lgpio"; "rpigpio", for old systems; "mock", for tests; "auto": what ``GPIOZERO_PIN_FACTORY`` says, else
            lgpio, else RPi.GPIO where that is all there is.
        dev: Where the device files are.
        environ: Of this process.

    Raises:
        OSError: ``EACCES``, this user may not use the pins; ``ENODEV``, no chip has the header of a Raspberry Pi.
        GpioError: If this is no Raspberry Pi, or its libraries are in each other's way.
        ImportError: If the library is not installed.
    """
    if kind == "auto":
        kind = environ.get("GPIOZERO_PIN_FACTORY", "").lower() or "auto"
    if kind not in KINDS:
        raise GpioError(f"the pin factory must be one of {', '.join(KINDS)}, not {kind!r}", hint="use lgpio")
    if kind == "auto":
        kind = _installed(environ)
    with translated():
        if kind == "mock":
            factory = import_module("gpiozero.pins.mock").MockFactory()
        elif kind == "rpigpio":
            if conflict := rpi_gpio_conflict():
                raise GpioError(conflict, hint=CONFLICT_HINT)
            factory = import_module("gpiozero.pins.rpigpio").RPiGPIOFactory()
        else:
            chip = find_chip(import_lgpio(environ), dev=dev)
            factory = import_module("gpiozero.pins.lgpio").LGPIOFactory(chip=chip)
    return _on_a_pi(factory)


def rpi_gpio_conflict() -> str:
    """Return what is wrong if RPi.GPIO and its stand-in rpi-lgpio are both installed, else ``""``."""
    both = all(_is_installed(name) for name in ("RPi.GPIO", "rpi-lgpio"))
    return "RPi.GPIO and rpi-lgpio are both installed, and both call themselves RPi" if both else ""


def uses_lgpio(factory: PinFactory) -> bool:
    """Return whether lgpio drives the pins of ``factory``."""
    return "lgpio" in sys.modules and getattr(factory, "chip", None) is not None


def claim(device: Literal["InputDevice", "OutputDevice"], gpio: int, *, factory: PinFactory, **options: object) -> Any:
    """
    Return a gpiozero device on a pin.

    Raises:
        OSError: ``EBUSY``, somebody else has the pin.
    """
    with translated(f"GPIO{gpio}"):
        # First the line, then the device: gpiozero reserves the pin for a device that then cannot have the line, too.
        factory.pin(gpio)
        try:
            return getattr(import_module("gpiozero"), device)(gpio, pin_factory=factory, **options)
        except Exception as error:
            # A device that got half-way has the pin as long as anything points to it, and this error's frames do.
            traceback.clear_frames(error.__traceback__)
            raise


def setter(output: Any, gpio: int) -> Callable[[bool], object]:
    """
    Return what sets the level of an ``output`` that `claim` returned for a pin, for whoever sets hundreds in a row.

    gpiozero asks lgpio before each level whether the pin is an output: a system call as dear as the level's own. So
    lgpio is called itself. What it raises is for `translated`.
    """
    handle = getattr(output.pin_factory, "_handle", None)  # gpiozero's name for what lgpio has opened
    if uses_lgpio(output.pin_factory) and handle is not None:
        return partial(sys.modules["lgpio"].gpio_write, handle, gpio)
    return partial(setattr, output.pin, "state")


def never_deaf(factory: PinFactory) -> None:
    """See to it that edges are reported; call it when the lines are claimed. It may take half a second."""
    if uses_lgpio(factory):
        keep_awake(sys.modules["lgpio"], factory.chip)


def check_pins(board: Board) -> None:
    """
    Refuse pins before one is claimed.

    Raises:
        ValueError: With the board, and every pin that it forbids, that is not for us, or that is used twice.
    """
    own = board.own_gpios
    uses = Counter(gpio for _use, gpio in own)
    problems = [
        f"{use} must not be GPIO{gpio}, which the board needs" for use, gpio in own if gpio in board.forbidden_gpios
    ]
    problems += [f"{use} must be GPIO2..GPIO27, not GPIO{gpio}" for use, gpio in own if gpio not in HEADER_GPIOS]
    problems += [f"{use} must not be GPIO{gpio}, which is used twice" for use, gpio in own if uses[gpio] > 1]
    if problems:
        raise ValueError(f"board {board.name}: {'; '.join(problems)}")


@contextmanager
def translated(what: str | None = None) -> Iterator[None]:
    """Turn what gpiozero and the libraries under it raise into an `OSError`, about ``what``."""
    try:
        yield
    except _pin_errors() as error:
        text = str(error).strip("'\"")  # lgpio's are quoted
        raise OSError(_errno(text), text, what) from error


def _pin_errors() -> tuple[type[Exception], ...]:
    """Return the exceptions of what is imported; evaluated only when something was raised."""
    errors: list[type[Exception]] = []
    if "gpiozero" in sys.modules:
        errors.append(sys.modules["gpiozero"].GPIOZeroError)
    if "lgpio" in sys.modules:
        errors.append(sys.modules["lgpio"].error)
    if "RPi" in sys.modules:
        errors.append(RuntimeError)  # "Failed to add edge detection", "can only be run on a Raspberry Pi"
    return tuple(errors)


def _errno(text: str) -> int:
    if "busy" in text or "in use" in text:
        return errno.EBUSY
    return errno.ENODEV if "open gpiochip" in text else errno.EIO


def _on_a_pi(factory: PinFactory) -> PinFactory:
    unknown: type[Exception] = import_module("gpiozero.exc").PinUnknownPi
    try:
        _ = factory.board_info  # read from the device tree here, for the first time
    except unknown as error:
        factory.close()
        raise GpioError("this is no Raspberry Pi", hint='set hardware.board = "simulated"') from error
    return factory


def _installed(environ: MutableMapping[str, str]) -> str:
    try:
        import_lgpio(environ)
    except ImportError as no_lgpio:
        try:
            import_module("RPi")  # the package alone: nothing is opened
        except ImportError:
            raise ImportError(f"no library for the pins: {no_lgpio}", name="lgpio") from no_lgpio
        return "rpigpio"
    return "lgpio"


def _is_installed(name: str) -> bool:
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
