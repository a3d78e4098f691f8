import sys
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import gpiozero.pins.local
import gpiozero.pins.mock
import pytest

from tests.support.lgpio_standin import Lgpio
from tests.support.spidev_standin import Spidev

PI_4 = 0xC03115


@pytest.fixture
def mock_pins() -> Iterator[Any]:
    factory = gpiozero.pins.mock.MockFactory()
    yield factory
    factory.close()


@pytest.fixture
def lgpio(monkeypatch: pytest.MonkeyPatch) -> Lgpio:
    """The stand-in, as long as the test lasts, in place of the module."""
    module = Lgpio()
    monkeypatch.setitem(sys.modules, "lgpio", module)
    monkeypatch.delitem(sys.modules, "gpiozero.pins.lgpio", raising=False)
    monkeypatch.setattr(gpiozero.pins.local, "get_pi_revision", lambda: PI_4)
    return module


@pytest.fixture
def lgpio_pins(lgpio: Lgpio, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """gpiozero's own lgpio pins, on the stand-in."""
    gpiozero_lgpio = import_module("gpiozero.pins.lgpio")
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", gpiozero_lgpio)
    factory = gpiozero_lgpio.LGPIOFactory(chip=0)
    yield factory
    assert lgpio.callbacks == []
    factory.close()
    assert lgpio.open_handles == set()


@pytest.fixture
def spidev(monkeypatch: pytest.MonkeyPatch) -> Spidev:
    module = Spidev()
    monkeypatch.setitem(sys.modules, "spidev", module)
    return module


@pytest.fixture
def pauses_s(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The pauses that waking lgpio's thread would have made."""
    made: list[float] = []
    monkeypatch.setattr("talkbox_hardware.lgpio_chip._sleep", made.append)
    return made
