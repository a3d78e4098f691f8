"""
LEDs through unmodified spidev and lgpio keep every board's promises: what the bus recorded, decoded to what is seen.

The wire of bit-banged LEDs is not recorded: of those, this shows that real pins move and come back.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from talkbox_hardware.apa102 import BitBangLeds, SpiLeds
from talkbox_hardware.gpio import choose_factory
from talkbox_hardware.plain_leds import PlainLeds
from tests.support import board_contract as contract
from tests.virtual_pi.checks import pi

pytestmark = pytest.mark.virtual_pi

Figure = Callable[[str, object], None]
COUNT = pi.LED_COUNT
PLAIN_GPIOS = (23, 24)
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


def test_bit_banged_leds_claim_two_pins_and_leave_them_low(record_property: Figure) -> None:
    before = pi.claimed_gpios()
    with closing(choose_factory("lgpio")) as factory:
        with closing(BitBangLeds(COUNT, data_gpio=5, clock_gpio=6, factory=factory)) as leds:
            begun_s = time.monotonic()
            leds.show([contract.WHITE] * COUNT)
            took_s = time.monotonic() - begun_s
            assert pi.claimed_gpios().keys() - before.keys() == {5, 6}
        assert (pi.level(5), pi.level(6)) == (0, 0)
    assert pi.claimed_gpios() == before
    record_property("figure", f"{took_s * 1000:.0f} ms a frame")
