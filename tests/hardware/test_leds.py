from typing import Any

import pytest

from talkbox.lights.ports import Leds
from talkbox_hardware.apa102 import BitBangLeds, SpiLeds
from talkbox_hardware.board import LedStrip
from talkbox_hardware.leds import NoLeds, leds_of
from talkbox_hardware.plain_leds import PlainLeds
from tests.support.boards import board
from tests.support.lgpio_standin import Lgpio
from tests.support.spidev_standin import Spidev

ON_SPI = LedStrip(driver="apa102-spi", count=3, data_gpio=10, clock_gpio=11)
POWERED = LedStrip(driver="apa102-spi", count=12, data_gpio=10, clock_gpio=11, power_gpio=5)
BIT_BANGED = LedStrip(driver="apa102-bitbang", count=3, data_gpio=5, clock_gpio=6, order="rgb")
PLAIN = LedStrip(driver="plain", count=2, gpios=(23, 24))


@pytest.mark.usefixtures("spidev")
@pytest.mark.parametrize(
    ("strip", "kind", "asks_for_pins"),
    [
        (None, NoLeds, 0),
        (ON_SPI, SpiLeds, 0),
        (POWERED, SpiLeds, 1),
        (BIT_BANGED, BitBangLeds, 1),
        (PLAIN, PlainLeds, 1),
    ],
)
def test_a_board_has_its_leds_and_nothing_is_claimed(
    strip: LedStrip | None, kind: type, asks_for_pins: int, mock_pins: Any
) -> None:
    answers = [mock_pins]
    leds: Leds = leds_of(board(leds=strip), factory=answers.pop)
    assert (type(leds), leds.count) == (kind, strip.count if strip else 0)
    assert len(answers) == 1 - asks_for_pins
    assert mock_pins.pins == {}


def test_order_and_power_are_those_of_the_board(spidev: Spidev, lgpio_pins: Any, lgpio: Lgpio) -> None:
    strip = LedStrip(driver="apa102-spi", count=1, data_gpio=10, clock_gpio=11, power_gpio=5, order="grb")
    leds = leds_of(board(leds=strip), factory=lambda: lgpio_pins)
    leds.show([(1, 2, 3)])
    assert (spidev.written[0][5:8], lgpio.level(5)) == (bytes((2, 1, 3)), True)
    leds.close()


def test_leds_on_pins_that_are_not_theirs_are_refused(mock_pins: Any) -> None:
    strip = LedStrip(driver="plain", count=1, gpios=(18,))
    with pytest.raises(ValueError, match=r"board made-up: leds\.gpios must not be GPIO18"):
        leds_of(board(leds=strip), factory=lambda: mock_pins)


def test_a_strip_without_its_wires_is_refused(mock_pins: Any) -> None:
    strip = LedStrip(driver="apa102-bitbang", count=1, data_gpio=5)
    with pytest.raises(ValueError, match=r"board made-up: leds\.data_gpio and leds\.clock_gpio are needed"):
        leds_of(board(leds=strip), factory=lambda: mock_pins)


def test_no_leds_show_nothing() -> None:
    leds = NoLeds()
    leds.show([])
    leds.close()
    with pytest.raises(ValueError, match="frame must have 0 colors, not 1"):
        leds.show([(0, 0, 0)])
