from typing import Any

import pytest

from talkbox.lights import theme
from talkbox.lights.patterns import Moment
from talkbox_hardware.plain_leds import PlainLeds
from tests.support import board_contract as contract
from tests.support.lgpio_standin import Lgpio

GPIOS = (23, 24)
WHITE, DARK = (255, 255, 255), (0, 0, 0)


@pytest.fixture
def leds(lgpio_pins: Any) -> PlainLeds:
    return PlainLeds(GPIOS, factory=lgpio_pins)


def lit(lgpio: Lgpio) -> tuple[bool, ...]:
    return tuple(lgpio.level(gpio) for gpio in GPIOS)


def seen(lgpio: Lgpio) -> contract.Seen:
    """An eye that takes whatever is lit for white."""
    return lambda: tuple(WHITE if on else DARK for on in lit(lgpio))


def test_a_led_is_on_from_the_threshold_on(leds: PlainLeds, lgpio: Lgpio) -> None:
    for color, on in (((48, 0, 0), True), ((47, 47, 47), False), ((0, 0, 48), True), (DARK, False)):
        leds.show([DARK, color])
        assert lit(lgpio) == (False, on)
    leds.close()


def test_closed_leds_are_dark(leds: PlainLeds, lgpio: Lgpio) -> None:
    contract.closed_leds_are_dark(leds, seen(lgpio))


def test_left_over_light_goes_out(leds: PlainLeds, lgpio: Lgpio) -> None:
    contract.left_over_light_goes_out(leds, lambda: lgpio.drive(23, True), seen(lgpio))


def test_impossible_frames_are_bugs(leds: PlainLeds, lgpio: Lgpio) -> None:
    leds.show([WHITE, DARK])
    for frame in ([WHITE], [WHITE, (256, 0, 0)]):
        with pytest.raises(ValueError, match="must"):
            leds.show(frame)
    assert lit(lgpio) == (True, False)
    leds.close()


def test_only_what_changes_is_written(leds: PlainLeds, lgpio: Lgpio, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    leds.show([DARK, DARK])
    monkeypatch.setattr(lgpio, "gpio_write", lambda _handle, gpio, _level: written.append(gpio))
    for frame in ([WHITE, DARK], [(200, 0, 0), DARK], [DARK, WHITE], [DARK, WHITE]):
        leds.show(frame)
    assert written == [23, 23, 24]
    leds.close()


def test_no_pin_is_claimed_before_the_first_frame(leds: PlainLeds, lgpio_pins: Any) -> None:
    assert lgpio_pins.pins == {}
    leds.show([DARK, DARK])
    assert {info.name for info in lgpio_pins.pins} == {"GPIO23", "GPIO24"}
    leds.close()


def test_pins_that_another_program_has_are_an_error_at_each_frame(leds: PlainLeds, lgpio: Lgpio) -> None:
    lgpio.busy = {24}
    for _ in range(2):
        with pytest.raises(OSError, match="GPIO busy") as raised:
            leds.show([WHITE, WHITE])
        assert raised.value.filename == "GPIO24"
    lgpio.busy = set()
    leds.show([WHITE, WHITE])
    assert lit(lgpio) == (True, True)
    leds.close()


def test_pins_that_die_are_an_os_error(leds: PlainLeds, lgpio: Lgpio) -> None:
    leds.show([WHITE, DARK])
    lgpio.dead = True
    with pytest.raises(OSError, match="GPIO"):
        leds.show([DARK, DARK])
    with pytest.raises(OSError, match="GPIO"):
        leds.close()
    lgpio.dead = False


def test_what_was_not_written_is_written_with_the_next_frame(leds: PlainLeds, lgpio: Lgpio) -> None:
    leds.show([WHITE, DARK])
    lgpio.dead = True
    with pytest.raises(OSError, match="GPIO"):
        leds.show([DARK, WHITE])
    lgpio.dead = False
    leds.show([DARK, WHITE])
    assert lit(lgpio) == (False, True)
    leds.close()


def blinks(look: theme.Look, lgpio_pins: Any, lgpio: Lgpio) -> set[tuple[bool, ...]]:
    leds, pattern, pictures = PlainLeds(GPIOS, factory=lgpio_pins), theme.for_look(look), set()
    for tick in range(150):
        leds.show(pattern.frame(Moment(seconds=tick / 30, leds=2)))
        pictures.add(lit(lgpio))
    leds.close()
    return pictures


@pytest.mark.parametrize(
    ("look", "pictures"),
    [
        (theme.Look.IDLE, {(False, False)}),
        (theme.Look.CONNECTING, {(True, False), (True, True), (False, True)}),
        (theme.Look.LISTENING, {(True, True)}),
        (theme.Look.OFFLINE, {(True, True), (False, False)}),
        (theme.Look.FAULT, {(True, True), (False, False)}),
    ],
)
def test_patterns_become_on_and_off(
    look: theme.Look, pictures: set[tuple[bool, ...]], lgpio_pins: Any, lgpio: Lgpio
) -> None:
    assert blinks(look, lgpio_pins, lgpio) == pictures
