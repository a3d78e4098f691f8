import asyncio
import errno
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import gpiozero.pins.mock
import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.lights import theme
from talkbox.lights.animator import Animator
from talkbox.lights.ports import Leds
from talkbox_hardware.apa102 import BRIGHTNESS, BitBangLeds, SpiLeds, frame
from talkbox_hardware.fakes import SimulatedLeds
from tests.support import board_contract as contract
from tests.support.apa102_decoder import Row
from tests.support.lgpio_standin import Lgpio
from tests.support.spidev_standin import Spidev
from tests.support.virtual_time import run

RED, DARK = (255, 0, 0), (0, 0, 0)
COLORS = st.tuples(*[st.integers(0, 255)] * 3)


def test_three_leds_on_the_wire() -> None:
    payload = frame([(255, 0, 0), (0, 128, 0), (1, 2, 3)], brightness=8)
    assert payload.hex(" ") == "00 00 00 00 e8 00 00 ff e8 00 80 00 e8 03 02 01 00 00 00 00 00"


@given(st.lists(COLORS, max_size=40), st.integers(0, 31), st.sampled_from(["apa102", "sk9822"]), st.permutations("rgb"))
def test_what_is_sent_is_what_is_seen_in_rows_of_any_length(
    colors: list[tuple[int, int, int]], brightness: int, kind: Literal["apa102", "sk9822"], order: list[str]
) -> None:
    row = Row(len(colors), kind=kind, order="".join(order))
    row.receive(frame(colors, brightness=brightness, order="".join(order)))
    assert row.colors == tuple(colors)
    assert set(row.brightness) <= {brightness}


def test_the_decoder_sees_when_the_last_clocks_are_missing() -> None:
    colors = [RED] * 12
    payload = frame(colors)
    for kind, enough in (("apa102", 4 + 48 + 1), ("sk9822", len(payload))):
        whole, short = (Row(12, kind="apa102" if kind == "apa102" else "sk9822") for _ in range(2))
        whole.receive(payload[:enough])
        short.receive(payload[: enough - 1])
        assert (whole.colors[-1], short.colors[-1]) == (RED, DARK)


def test_all_leds_white_stay_below_the_current_of_a_usb_port() -> None:
    amperes = 12 * 3 * 0.020 * BRIGHTNESS / 31  # 20 mA each color of each LED
    assert amperes < 0.2


@dataclass
class Bench:
    """A row of LEDs, an eye on it, and what can happen to its bus."""

    leds: Leds
    seen: contract.Seen
    kill: Callable[[], None]
    mend: Callable[[], None]
    lit_by_another: Callable[[], None]


def simulated() -> Bench:
    leds = SimulatedLeds(3)

    def fail(with_: OSError | None) -> None:
        leds.failure = with_

    return Bench(
        leds=leds,
        seen=lambda: leds.frame,
        kill=lambda: fail(OSError(errno.EIO, "dead")),
        mend=lambda: fail(None),
        lit_by_another=lambda: leds.show([RED] * 3),
    )


def on_spi(spidev: Spidev) -> Bench:
    row = Row(3)

    def seen() -> tuple[contract.Rgb, ...]:
        for payload in spidev.written:
            row.receive(payload)
        spidev.written.clear()
        return row.colors

    return Bench(
        leds=SpiLeds(3),
        seen=seen,
        kill=lambda: setattr(spidev, "dead", True),
        mend=lambda: setattr(spidev, "dead", False),
        lit_by_another=lambda: row.receive(frame([RED] * 3)),
    )


class Clock(gpiozero.pins.mock.MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A mock pin on which a row of LEDs takes a bit from GPIO5 at each rise."""

    bits: list[bool]
    dead = False

    def _set_state(self, value: object) -> None:
        if self.dead:
            raise gpiozero.GPIOZeroError("no such line")
        if value and not self._state:
            self.bits.append(bool(self.factory.pin(5).state))
        super()._set_state(value)


def on_two_pins(factory: Any) -> Bench:
    clock, row = factory.pin(6, pin_class=Clock), Row(3)
    clock.bits = []

    def seen() -> tuple[contract.Rgb, ...]:
        length = 8 * len(frame([DARK] * 3))
        assert len(clock.bits) % length == 0
        for begin in range(0, len(clock.bits), length):
            row.receive_bits(clock.bits[begin : begin + length])
        clock.bits.clear()
        return row.colors

    return Bench(
        leds=BitBangLeds(3, data_gpio=5, clock_gpio=6, factory=factory),
        seen=seen,
        kill=lambda: setattr(clock, "dead", True),
        mend=lambda: setattr(clock, "dead", False),
        lit_by_another=lambda: row.receive(frame([RED] * 3)),
    )


@pytest.fixture(params=["simulated", "spi", "two pins"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    match request.param:
        case "spi":
            yield on_spi(request.getfixturevalue("spidev"))
        case "two pins":
            made = on_two_pins(request.getfixturevalue("mock_pins"))
            yield made
            made.mend()
            made.leds.close()
        case _:
            yield simulated()


def test_frames_are_seen(bench: Bench) -> None:
    contract.frames_are_seen(bench.leds, bench.seen)


def test_levels_are_seen(bench: Bench) -> None:
    contract.levels_are_seen(bench.leds, bench.seen)


def test_closed_leds_are_dark(bench: Bench) -> None:
    contract.closed_leds_are_dark(bench.leds, bench.seen)


def test_left_over_light_goes_out(bench: Bench) -> None:
    contract.left_over_light_goes_out(bench.leds, bench.lit_by_another, bench.seen)


def test_impossible_frames_are_bugs(bench: Bench) -> None:
    contract.impossible_frames_are_bugs(bench.leds, bench.seen)


def test_a_dead_bus_is_an_os_error(bench: Bench) -> None:
    contract.a_dead_bus_is_an_os_error(bench.leds, bench.seen, kill=bench.kill, mend=bench.mend)


def test_the_bus_is_opened_with_the_first_frame_and_as_the_leds_need_it(spidev: Spidev) -> None:
    leds = SpiLeds(3, device=(0, 1))
    assert spidev.settings == []
    leds.show([RED] * 3)
    leds.show([DARK] * 3)
    assert spidev.settings == [{"bus": 0, "device": 1, "mode": 0, "max_speed_hz": 8_000_000}]
    leds.close()
    assert spidev.open_count == 0


def test_spi_that_is_switched_off_is_an_error_at_each_frame_until_it_is_on(spidev: Spidev) -> None:
    spidev.absent = True
    leds = SpiLeds(1)
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            leds.show([RED])
    spidev.absent = False
    leds.show([RED])
    assert (spidev.open_count, len(spidev.written)) == (1, 1)


def test_a_bus_that_refuses_its_settings_does_not_stay_open(spidev: Spidev) -> None:
    spidev.dead = True
    leds = SpiLeds(1)
    with pytest.raises(OSError, match="Input/output"):
        leds.show([RED])
    assert spidev.open_count == 0


def test_closing_on_a_dead_bus_says_so_once_and_lets_go(spidev: Spidev) -> None:
    leds = SpiLeds(1)
    leds.show([RED])
    spidev.dead = True
    with pytest.raises(OSError, match="Input/output"):
        leds.close()
    leds.close()
    assert spidev.open_count == 0


def test_a_bus_that_died_is_opened_anew(spidev: Spidev) -> None:
    leds = SpiLeds(1)
    leds.show([RED])
    spidev.dead = True
    with pytest.raises(OSError, match="Input/output"):
        leds.show([DARK])
    spidev.dead = False
    leds.show([DARK])
    assert (len(spidev.settings), spidev.open_count) == (2, 1)


def test_without_spidev_the_leds_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "spidev", None)
    with pytest.raises(ImportError, match="spidev"):
        SpiLeds(3)


def test_the_power_is_on_from_the_first_frame_to_the_end(spidev: Spidev, lgpio_pins: Any, lgpio: Lgpio) -> None:
    leds = SpiLeds(12, power_gpio=5, factory=lgpio_pins)
    seen = [lgpio.level(5)]
    for color in (RED, DARK):
        leds.show([color] * 12)
        seen.append(lgpio.level(5))
    leds.close()
    assert (seen, lgpio.level(5), len(spidev.written)) == ([False, True, True], False, 3)


@pytest.mark.usefixtures("spidev")
def test_power_that_another_program_has_is_an_error_at_each_frame(lgpio_pins: Any, lgpio: Lgpio) -> None:
    leds = SpiLeds(12, power_gpio=5, factory=lgpio_pins)
    lgpio.busy = {5}
    for _ in range(2):
        with pytest.raises(OSError, match="GPIO busy") as raised:
            leds.show([RED] * 12)
        assert raised.value.filename == "GPIO5"
    lgpio.busy = set()
    leds.show([RED] * 12)
    assert lgpio.level(5)
    leds.close()


@pytest.mark.parametrize("busy", [5, 6])
def test_two_pins_are_had_both_or_not_at_all(busy: int, lgpio_pins: Any, lgpio: Lgpio) -> None:
    leds = BitBangLeds(3, data_gpio=5, clock_gpio=6, factory=lgpio_pins)
    lgpio.busy = {busy}
    with pytest.raises(OSError, match="GPIO busy"):
        leds.show([RED] * 3)
    lgpio.busy = set()
    leds.show([RED] * 3)
    leds.close()
    BitBangLeds(3, data_gpio=6, clock_gpio=5, factory=lgpio_pins).close()


def test_the_data_pin_is_written_only_where_a_bit_differs_from_the_last(
    lgpio_pins: Any, lgpio: Lgpio, monkeypatch: pytest.MonkeyPatch
) -> None:
    leds, written = BitBangLeds(3, data_gpio=5, clock_gpio=6, factory=lgpio_pins), list[int]()
    monkeypatch.setattr(lgpio, "gpio_write", lambda _handle, gpio, _level: written.append(gpio))
    leds.show([DARK] * 3)
    written.clear()
    leds.show([DARK] * 3)
    # Dark at brightness 8 is 11101000 and 24 zeros: four changes a LED, and the first bit of all.
    assert (written.count(5), written.count(6)) == (1 + 3 * 4, 2 * 21 * 8)
    leds.close()


@pytest.fixture
def asked(lgpio: Lgpio, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of lgpio: each a system call. They are the same in number on every computer; their time is not."""
    calls: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        function = getattr(lgpio, name)

        def call(*args: int) -> Any:
            calls.append(name)
            return function(*args)

        return call

    for name in ("gpio_write", "gpio_get_mode", "gpio_read"):
        monkeypatch.setattr(lgpio, name, counted(name))
    return calls


def test_a_frame_on_two_pins_takes_no_system_call_but_its_levels(lgpio_pins: Any, asked: list[str]) -> None:
    leds = BitBangLeds(3, data_gpio=5, clock_gpio=6, factory=lgpio_pins)
    leds.show([DARK] * 3)
    asked.clear()
    leds.show([(255, 0, 85)] * 3)
    assert set(asked) == {"gpio_write"}
    assert len(asked) < 2 * 21 * 8 + 3 * 32
    leds.close()


def test_a_second_of_motion_on_two_pins_is_ten_frames_at_most(lgpio_pins: Any, asked: list[str]) -> None:
    async def main() -> None:
        leds = BitBangLeds(3, data_gpio=5, clock_gpio=6, factory=lgpio_pins)
        animator = Animator(leds)
        animator.show(theme.for_look(theme.Look.LISTENING), level=lambda: asyncio.get_running_loop().time() % 1.0)
        asked.clear()
        await asyncio.sleep(1.0)
        # Without the pace and the direct way to the pins it would be 30 frames of 2 calls a level.
        assert len(asked) <= 10 * (2 * 21 * 8 + 3 * 32)
        animator.close()

    run(main())


def test_gpiozero_s_own_pins_get_the_same_levels(mock_pins: Any) -> None:
    leds = BitBangLeds(3, data_gpio=5, clock_gpio=6, factory=mock_pins)
    data, clock = mock_pins.pin(5), mock_pins.pin(6)
    leds.show([DARK] * 3)
    before = len(clock.states), len(data.states)
    leds.show([DARK] * 3)
    assert (len(clock.states) - before[0], len(data.states) - before[1]) == (2 * 21 * 8, 3 * 4)
    leds.close()


def test_pins_that_die_are_an_os_error(lgpio_pins: Any, lgpio: Lgpio) -> None:
    leds = BitBangLeds(3, data_gpio=5, clock_gpio=6, factory=lgpio_pins)
    leds.show([RED] * 3)
    lgpio.dead = True
    with pytest.raises(OSError, match="GPIO"):
        leds.show([DARK] * 3)
    with pytest.raises(OSError, match="GPIO"):
        leds.close()
    lgpio.dead = False
