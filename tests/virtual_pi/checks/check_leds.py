"""
LEDs through unmodified spidev and lgpio keep every board's promises: what the bus recorded, decoded to what is seen.

The wire of bit-banged LEDs is read at the pins, from outside, each time lgpio has moved one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import lgpio
import pytest

from talkbox_hardware import apa102
from talkbox_hardware.apa102 import BitBangLeds, SpiLeds
from talkbox_hardware.gpio import choose_factory
from talkbox_hardware.plain_leds import PlainLeds
from tests.support import board_contract as contract
from tests.support.apa102_decoder import Row
from tests.virtual_pi.checks import pi

pytestmark = pytest.mark.virtual_pi

Figure = Callable[[str, object], None]
COUNT = pi.LED_COUNT
PLAIN_GPIOS = (23, 24)
DATA_GPIO, CLOCK_GPIO = 5, 6
FRAME_BITS = 8 * len(apa102.frame([contract.DARK] * COUNT))
SPIDEV = Path("/sys/bus/spi/drivers/spidev")


@pytest.fixture
def strip() -> Iterator[SpiLeds]:
    pi.forget_spi()
    leds = SpiLeds(COUNT)
    yield leds
    leds.close()


@pytest.fixture
def plain() -> Iterator[PlainLeds]:
    with closing(choose_factory("lgpio")) as factory, closing(PlainLeds(PLAIN_GPIOS, factory=factory)) as leds:
        yield leds


def on_the_pins() -> tuple[contract.Rgb, ...]:
    """Return what plain LEDs show: white is on."""
    return tuple(contract.WHITE if pi.level(gpio) else contract.DARK for gpio in PLAIN_GPIOS)


def test_frames_are_seen(strip: SpiLeds, record_property: Figure) -> None:
    contract.frames_are_seen(strip, pi.lights)
    *_, last = pi.spi_transfers()
    record_property("figure", f"{last.to}: {last.payload.hex()}")


def test_levels_are_seen(strip: SpiLeds) -> None:
    contract.levels_are_seen(strip, pi.lights)


def test_closed_leds_are_dark(strip: SpiLeds) -> None:
    contract.closed_leds_are_dark(strip, pi.lights)


def test_left_over_light_goes_out(strip: SpiLeds) -> None:
    another = SpiLeds(COUNT)
    contract.left_over_light_goes_out(strip, lambda: another.show([contract.WHITE] * COUNT), pi.lights)


def test_impossible_frames_are_bugs(strip: SpiLeds) -> None:
    contract.impossible_frames_are_bugs(strip, pi.lights)


def test_a_dead_bus_is_an_os_error(strip: SpiLeds) -> None:
    """Its driver is taken away, and comes back."""

    def kill() -> None:
        (SPIDEV / "unbind").write_text("spi0.0", "ascii")

    def mend() -> None:
        (SPIDEV / "bind").write_text("spi0.0", "ascii")

    contract.a_dead_bus_is_an_os_error(strip, pi.lights, kill=kill, mend=mend)


def test_a_second_of_frames_takes_little_of_it(strip: SpiLeds, record_property: Figure) -> None:
    begun_s = time.monotonic()
    for _ in range(30):
        strip.show([contract.WHITE] * COUNT)
    record_property("figure", f"30 frames in {(time.monotonic() - begun_s) * 1000:.0f} ms")


def test_plain_leds_are_on_or_off(plain: PlainLeds) -> None:
    for frame in ([contract.GREEN, contract.DARK], [(1, 2, 3), contract.RED], [contract.DARK, contract.DARK]):
        plain.show(frame)
        assert on_the_pins() == tuple(contract.WHITE if max(color) > 100 else contract.DARK for color in frame)


def test_closed_plain_leds_are_dark(plain: PlainLeds) -> None:
    contract.closed_leds_are_dark(plain, on_the_pins)


class Wire:
    """Two pins, looked at whenever lgpio has moved one: a bit is what the data pin carries when the clock rises."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._row, self._bits, self._clock = Row(COUNT), list[bool](), False
        write = lgpio.gpio_write

        def gpio_write(*arguments: int) -> int:
            moved: int = write(*arguments)
            clock = bool(pi.level_now(CLOCK_GPIO))
            if clock and not self._clock:
                self._bits.append(bool(pi.level_now(DATA_GPIO)))
            self._clock = clock
            return moved

        monkeypatch.setattr(lgpio, "gpio_write", gpio_write)

    def seen(self) -> tuple[contract.Rgb, ...]:
        """Return what the LEDs show after the frames that were sent since the last look."""
        assert len(self._bits) % FRAME_BITS == 0
        for begin in range(0, len(self._bits), FRAME_BITS):
            self._row.receive_bits(self._bits[begin : begin + FRAME_BITS])
        self._bits.clear()
        return self._row.colors


@pytest.fixture
def banged(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[BitBangLeds, Wire]]:
    wire = Wire(monkeypatch)
    with (
        closing(choose_factory("lgpio")) as factory,
        closing(BitBangLeds(COUNT, data_gpio=DATA_GPIO, clock_gpio=CLOCK_GPIO, factory=factory)) as leds,
    ):
        yield leds, wire


def test_bit_banged_frames_are_seen(banged: tuple[BitBangLeds, Wire]) -> None:
    leds, wire = banged
    contract.frames_are_seen(leds, wire.seen)


def test_bit_banged_levels_are_seen(banged: tuple[BitBangLeds, Wire]) -> None:
    leds, wire = banged
    contract.levels_are_seen(leds, wire.seen)


def test_closed_bit_banged_leds_are_dark(banged: tuple[BitBangLeds, Wire]) -> None:
    leds, wire = banged
    contract.closed_leds_are_dark(leds, wire.seen)


def test_bit_banged_leds_claim_two_pins_and_leave_them_low(record_property: Figure) -> None:
    before = pi.claimed_gpios()
    with closing(choose_factory("lgpio")) as factory:
        with closing(BitBangLeds(COUNT, data_gpio=DATA_GPIO, clock_gpio=CLOCK_GPIO, factory=factory)) as leds:
            begun_s = time.monotonic()
            leds.show([contract.WHITE] * COUNT)
            took_s = time.monotonic() - begun_s
            assert pi.claimed_gpios().keys() - before.keys() == {DATA_GPIO, CLOCK_GPIO}
        assert (pi.level(DATA_GPIO), pi.level(CLOCK_GPIO)) == (0, 0)
    assert pi.claimed_gpios() == before
    record_property("figure", f"{took_s * 1000:.0f} ms a frame")
