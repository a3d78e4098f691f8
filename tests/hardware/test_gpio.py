import errno
import sys
from importlib import metadata
from pathlib import Path
from types import ModuleType
from typing import Any

import gpiozero.pins.local
import pytest
from gpiozero.exc import PinUnknownPi
from gpiozero.pins.mock import MockFactory

from talkbox_hardware.board import Button, Encoder, LedStrip
from talkbox_hardware.gpio import (
    GpioError,
    check_pins,
    choose_factory,
    claim,
    never_deaf,
    rpi_gpio_conflict,
    setter,
    translated,
    uses_lgpio,
)
from tests.support.boards import board, talking_board
from tests.support.lgpio_standin import Chip, Lgpio


@pytest.fixture
def dev(tmp_path: Path) -> Path:
    (tmp_path / "gpiochip11").touch()
    return tmp_path


def install(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Make these, and nothing else, look installed to `importlib.metadata`."""

    def distribution(name: str) -> object:
        if name not in names:
            raise metadata.PackageNotFoundError(name)
        return object()

    monkeypatch.setattr(metadata, "distribution", distribution)


@pytest.mark.parametrize(
    ("kind", "environ"), [("auto", {}), ("lgpio", {}), ("auto", {"GPIOZERO_PIN_FACTORY": "LGPIO"})]
)
def test_lgpio_opens_the_chip_with_the_header(kind: str, environ: dict[str, str], dev: Path, lgpio: Lgpio) -> None:
    lgpio.chips = {11: Chip("pinctrl-rp1")}
    factory = choose_factory(kind, dev=dev, environ=environ)
    assert (type(factory).__name__, factory.chip, factory.pins) == ("LGPIOFactory", 11, {})
    factory.close()
    assert lgpio.open_handles == set()


@pytest.mark.parametrize(("kind", "environ"), [("mock", {}), ("auto", {"GPIOZERO_PIN_FACTORY": "mock"})])
def test_mock_pins_can_be_asked_for(kind: str, environ: dict[str, str], tmp_path: Path) -> None:
    assert isinstance(choose_factory(kind, dev=tmp_path, environ=environ), MockFactory)


def test_another_factory_is_refused_with_those_there_are() -> None:
    with pytest.raises(GpioError, match=r"one of auto, lgpio, rpigpio, mock, not 'pigpio'"):
        choose_factory(environ={"GPIOZERO_PIN_FACTORY": "pigpio"})


def test_a_computer_without_the_header_is_told_from_one_without_rights(lgpio: Lgpio, tmp_path: Path) -> None:
    assert lgpio.chips
    with pytest.raises(OSError, match="none of 0 GPIO chips") as raised:
        choose_factory(dev=tmp_path, environ={})
    assert raised.value.errno == errno.ENODEV


def test_a_computer_that_is_no_pi_is_named_as_such(dev: Path, lgpio: Lgpio, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> int:
        raise PinUnknownPi("unable to locate Pi revision in /proc/device-tree or /proc/cpuinfo")

    monkeypatch.setattr(gpiozero.pins.local, "get_pi_revision", unknown)
    lgpio.chips = {11: Chip("pinctrl-rp1")}
    with pytest.raises(GpioError, match="this is no Raspberry Pi") as raised:
        choose_factory(dev=dev, environ={})
    assert (raised.value.hint, lgpio.open_handles) == ('set hardware.board = "simulated"', set())


class RpiGpio(ModuleType):
    """Stands for the module `RPi.GPIO`, as far as opening it goes."""

    BCM = IN = OUT = I2C = SPI = HARD_PWM = SERIAL = UNKNOWN = PUD_UP = PUD_DOWN = PUD_OFF = BOTH = RISING = FALLING = 0

    def setmode(self, _mode: int) -> None: ...

    def setwarnings(self, _wanted: bool) -> None: ...

    def cleanup(self) -> None: ...


@pytest.fixture
def rpi_gpio(monkeypatch: pytest.MonkeyPatch) -> None:
    package, module = ModuleType("RPi"), RpiGpio("RPi.GPIO")
    monkeypatch.setitem(sys.modules, "RPi", package)
    monkeypatch.setitem(sys.modules, "RPi.GPIO", module)
    monkeypatch.setattr(package, "GPIO", module, raising=False)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.rpigpio", raising=False)
    monkeypatch.setattr(gpiozero.pins.local, "get_pi_revision", lambda: 0xA02082)


@pytest.mark.usefixtures("rpi_gpio")
@pytest.mark.parametrize("kind", ["auto", "rpigpio"])
def test_rpi_gpio_is_taken_by_name_or_where_there_is_nothing_else(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    install(monkeypatch, "RPi.GPIO")
    factory = choose_factory(kind, dev=tmp_path, environ={})
    assert type(factory).__name__ == "RPiGPIOFactory"
    factory.close()


@pytest.mark.usefixtures("rpi_gpio")
def test_rpi_gpio_and_its_stand_in_together_are_refused_with_both_names(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, "RPi.GPIO", "rpi-lgpio")
    with pytest.raises(GpioError, match=r"RPi\.GPIO and rpi-lgpio are both installed") as raised:
        choose_factory("rpigpio", environ={})
    assert "uninstall RPi.GPIO" in raised.value.hint


@pytest.mark.parametrize("names", [(), ("RPi.GPIO",), ("rpi-lgpio",)])
def test_one_of_them_alone_is_no_conflict(names: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, *names)
    assert rpi_gpio_conflict() == ""


def test_without_any_library_the_missing_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    monkeypatch.setitem(sys.modules, "RPi", None)
    with pytest.raises(ImportError, match="no library for the pins") as raised:
        choose_factory(environ={})
    assert raised.value.name == "lgpio"


def test_pins_that_are_free_are_accepted() -> None:
    check_pins(talking_board())
    check_pins(board())


def test_every_pin_that_is_not_for_us_is_named_with_the_board() -> None:
    bad = board(
        leds=LedStrip(driver="plain", count=1, gpios=(13,)),
        button=Button(gpio=0),
        encoder=Encoder(a_gpio=18, b_gpio=13),
    )
    with pytest.raises(ValueError, match="board made-up: ") as raised:
        check_pins(bad)
    assert str(raised.value).removeprefix("board made-up: ").split("; ") == [
        "encoder.a_gpio must not be GPIO18, which the board needs",
        "button.gpio must be GPIO2..GPIO27, not GPIO0",
        "leds.gpios must not be GPIO13, which is used twice",
        "encoder.b_gpio must not be GPIO13, which is used twice",
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("GPIO busy", errno.EBUSY),
        ("can not open gpiochip", errno.ENODEV),
        ("bad event request", errno.EIO),
    ],
)
def test_what_lgpio_says_becomes_an_errno(text: str, code: int, lgpio: Lgpio) -> None:
    with pytest.raises(OSError, match=text) as raised, translated("GPIO17"):
        raise lgpio.error(text)
    assert (raised.value.errno, raised.value.strerror, raised.value.filename) == (code, text, "GPIO17")


@pytest.mark.usefixtures("rpi_gpio")
def test_what_rpi_gpio_says_becomes_an_errno() -> None:
    with pytest.raises(OSError, match="Failed to add edge detection") as raised, translated():
        raise RuntimeError("Failed to add edge detection")
    assert raised.value.errno == errno.EIO


@pytest.mark.parametrize("error", [KeyError("a bug of ours"), ImportError("no module named gpiozero")])
def test_what_the_libraries_did_not_say_stays_as_it_is(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "gpiozero")
    with pytest.raises(type(error)), translated():
        raise error


def test_levels_are_set_on_the_pin_whatever_drives_it(mock_pins: Any, lgpio_pins: Any, lgpio: Lgpio) -> None:
    assert (uses_lgpio(mock_pins), uses_lgpio(lgpio_pins)) == (False, True)
    mocked, real = (claim("OutputDevice", 5, factory=factory) for factory in (mock_pins, lgpio_pins))
    for level in (True, False, True):
        setter(mocked, 5)(level)
        setter(real, 5)(level)
        assert mock_pins.pin(5).state == lgpio.level(5) == level
    mocked.close()
    real.close()


def test_only_lgpio_needs_to_be_kept_awake(mock_pins: Any, lgpio_pins: Any, pauses_s: list[float]) -> None:
    never_deaf(mock_pins)
    assert pauses_s == []
    never_deaf(lgpio_pins)
    assert pauses_s
