from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.appliance.state import AT_REST, State
from talkbox.lights import theme
from talkbox.lights.patterns import Moment
from talkbox_hardware.plain_leds import PlainLeds, degraded
from tests.support import board_contract as contract
from tests.support.lgpio_standin import Lgpio

GPIOS = (23, 24)
OPEN_MICROPHONE = [look for look in theme.Look if look not in {theme.Look(s) for s in AT_REST} | {theme.Look.UPDATING}]
IN_A_SESSION = [theme.Notice.VOLUME, theme.Notice.MUTED, theme.Notice.UNMUTED]
moments = st.builds(Moment, seconds=st.floats(0, 60), leds=st.integers(1, 12), level=st.floats(0, 1))
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
        leds.show([color, WHITE])
        assert lit(lgpio) == (on, True)
    leds.close()


@pytest.mark.parametrize(
    ("levels", "on"),
    [
        ([0, 0, 0], [False, False, False]),
        ([1, 0, 0], [True, False, False]),
        ([46, 47, 1], [False, True, False]),
        ([8, 8, 8], [False, False, True]),
        ([8, 48, 8], [False, True, False]),
        ([], []),
    ],
)
def test_where_none_is_bright_enough_the_brightest_is_on_and_darkness_stays_dark(
    levels: list[int], on: list[bool]
) -> None:
    assert degraded([(0, level, 0) for level in levels]) == on


@pytest.mark.parametrize("muted", [False, True])
@pytest.mark.parametrize("look", OPEN_MICROPHONE)
def test_while_the_microphone_may_be_open_a_plain_led_is_lit_at_every_instant(look: theme.Look, muted: bool) -> None:
    @given(moments)
    def law(moment: Moment) -> None:
        assert any(degraded(theme.for_look(look, muted=muted).frame(moment)))

    law()


@pytest.mark.parametrize("notice", IN_A_SESSION)
def test_what_a_hand_does_in_a_session_does_not_put_the_light_out_either(notice: theme.Notice) -> None:
    @given(moments)
    def law(moment: Moment) -> None:
        assert any(degraded(theme.THEME[notice].frame(moment)))

    law()


def test_every_state_in_which_a_microphone_may_be_open_is_held_to_that() -> None:
    assert {theme.Look(state) for state in State if state not in AT_REST} < set(OPEN_MICROPHONE)


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
        (theme.Look.WAITING, {(False, True)}),
        (theme.Look.SPEAKING, {(False, True), (True, True)}),
        (theme.Look.DEAF, {(False, True), (True, True)}),
        (theme.Look.ENDING, {(True, True)}),
        (theme.Look.OFFLINE, {(True, True), (False, False)}),
        (theme.Look.FAULT, {(True, True), (False, False)}),
    ],
)
def test_patterns_become_on_and_off(
    look: theme.Look, pictures: set[tuple[bool, ...]], lgpio_pins: Any, lgpio: Lgpio
) -> None:
    assert blinks(look, lgpio_pins, lgpio) == pictures
