import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.lights.patterns import (
    DARK,
    Frame,
    Moment,
    Pattern,
    Rgb,
    bar,
    blink,
    bloom,
    clip,
    dim,
    fade,
    fill,
    framed,
    glow,
    middle,
    solid,
    travel,
)

RED: Rgb = (200, 0, 0)
BLUE: Rgb = (0, 0, 100)

PATTERNS = {
    "solid": solid(RED),
    "middle": middle(RED),
    "glow": glow(RED, floor=0.2),
    "bloom": bloom(RED, floor=0.1, period_s=2.0),
    "travel": travel(RED, floor=0.1, period_s=2.0),
    "fill": fill(RED, floor=0.1, period_s=2.0),
    "fade": fade(RED, floor=0.1, over_s=0.5),
    "blink": blink(RED, times=2, on_s=0.2, off_s=0.1),
    "blink twice": blink(RED, times=2, on_s=0.2, off_s=0.1, pause_s=1.0, rounds=2),
    "blink for ever": blink(RED, times=2, on_s=0.2, off_s=0.1, pause_s=1.4, rounds=math.inf),
    "framed": framed(glow(RED, floor=0.2), BLUE),
}
every_pattern = pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())
moments = st.builds(Moment, seconds=st.floats(0, 1e5), leds=st.integers(0, 16), level=st.floats(0, 1))


def at(pattern: Pattern, seconds: float, *, leds: int = 3, level: float = 0.0) -> Frame:
    return pattern.frame(Moment(seconds=seconds, leds=leds, level=level))


def reds(frame: Frame) -> list[int]:
    return [red for red, _, _ in frame]


@every_pattern
def test_there_is_one_color_per_led_in_range_for_any_moment(pattern: Pattern) -> None:
    @given(moments)
    def law(moment: Moment) -> None:
        frame = pattern.frame(moment)
        assert len(frame) == moment.leds
        assert all(type(channel) is int and 0 <= channel <= 255 for color in frame for channel in color)

    law()


@every_pattern
def test_what_stands_still_does_not_change_and_what_moves_does(pattern: Pattern) -> None:
    moving = math.isinf(pattern.moves_for_s)
    start_s = 0.0 if moving else pattern.moves_for_s
    # The level moves as well, up and down in two seconds.
    frames = {at(pattern, start_s + tick / 10, level=abs((tick / 10) % 2 - 1)) for tick in range(60)}
    assert (len(frames) > 1) == moving


def test_solid_is_one_color() -> None:
    assert at(solid(RED), 1e6) == (RED, RED, RED)


@pytest.mark.parametrize(("leds", "frame"), [(1, (RED,)), (2, (DARK, RED)), (3, (DARK, RED, DARK))])
def test_the_middle_is_one_led(leds: int, frame: Frame) -> None:
    assert at(middle(RED), 0, leds=leds) == frame


@pytest.mark.parametrize(
    ("fraction", "lit"), [(0.0, [20, 20, 20]), (1 / 3, [200, 20, 20]), (0.5, [200, 110, 20]), (1.0, [200, 200, 200])]
)
def test_a_bar_fills_from_the_first_led_and_shows_its_scale(fraction: float, lit: list[int]) -> None:
    pattern = bar(RED, floor=0.1)
    assert reds(at(pattern, 0, level=fraction)) == reds(at(pattern, 1, level=fraction)) == lit
    assert pattern.moves_for_s == 0


def test_a_glow_swells_evenly_with_the_level() -> None:
    pattern = glow(RED, floor=0.2)
    assert [reds(at(pattern, 0, level=level)) for level in (0, 0.5, 1)] == [[40] * 3, [120] * 3, [200] * 3]


def test_a_bloom_opens_from_the_middle() -> None:
    pattern = bloom(RED, floor=0.1, period_s=2.0)
    assert reds(at(pattern, 0, level=0.0)) == [20, 20, 20]
    assert reds(at(pattern, 0, level=0.5)) == [20, 200, 20]
    assert reds(at(pattern, 0, level=0.75)) == [110, 200, 110]
    assert reds(at(pattern, 0, level=1.0)) == [200, 200, 200]


def test_in_an_even_row_two_leds_are_the_middle_of_a_bloom() -> None:
    pattern = bloom(RED, floor=0.1, period_s=2.0)
    assert reds(at(pattern, 0, leds=2, level=0.25)) == [110, 110]
    assert reds(at(pattern, 0, leds=4, level=0.5)) == [20, 200, 200, 20]


def test_a_bloom_breathes_when_it_is_quiet() -> None:
    pattern = bloom(RED, floor=0.1, period_s=2.0)
    assert [reds(at(pattern, seconds))[1] for seconds in (0.0, 0.5, 1.0, 1.5, 2.0)] == [20, 92, 164, 92, 20]


def test_a_dot_travels_there_and_back() -> None:
    pattern = travel(RED, floor=0.1, period_s=2.0)
    journey = [reds(at(pattern, seconds)) for seconds in (0.0, 0.5, 1.0, 1.5, 2.0)]
    there, between, back = [200, 20, 20], [20, 200, 20], [20, 20, 200]
    assert journey == [there, between, back, between, there]


def test_a_dot_on_a_single_led_comes_and_goes() -> None:
    pattern = travel(RED, floor=0.1, period_s=2.0)
    assert [reds(at(pattern, seconds, leds=1)) for seconds in (0.0, 1.0, 2.0)] == [[200], [20], [200]]


def test_a_row_fills_up_and_goes_down_as_one() -> None:
    pattern = fill(RED, floor=0.1, period_s=8.0)
    film = [reds(at(pattern, seconds)) for seconds in (0.0, 1.0, 2.0, 4.0, 6.0, 7.0, 7.5, 8.0)]
    assert film == [
        [20, 20, 20],
        [110, 20, 20],
        [200, 20, 20],
        [200, 200, 20],
        [200, 200, 200],
        [200, 200, 200],
        [110, 110, 110],
        [20, 20, 20],
    ]


def test_a_fade_ends_at_its_floor() -> None:
    pattern = fade(RED, floor=0.1, over_s=0.5)
    assert [reds(at(pattern, seconds))[0] for seconds in (0.0, 0.25, 0.5, 60.0)] == [200, 110, 20, 20]


def test_a_blink_comes_so_many_times_and_then_it_is_dark() -> None:
    pattern = blink(RED, times=2, on_s=0.2, off_s=0.1)
    lit = [at(pattern, seconds)[0] == RED for seconds in (0.0, 0.19, 0.21, 0.31, 0.49, 0.51, 0.61, 60.0)]
    assert lit == [True, True, False, True, True, False, False, False]
    assert pattern.moves_for_s == pytest.approx(0.6)


def test_a_blink_may_come_again() -> None:
    seconds = (0.1, 0.5, 1.9, 2.1, 2.5, 4.1)
    for_ever = blink(RED, times=1, on_s=0.2, off_s=0.1, pause_s=1.7, rounds=math.inf)
    assert [at(for_ever, when_s)[0] == RED for when_s in seconds] == [True, False, False, True, False, True]
    twice = blink(RED, times=1, on_s=0.2, off_s=0.1, pause_s=1.7, rounds=2)
    assert [at(twice, when_s)[0] == RED for when_s in seconds] == [True, False, False, True, False, False]
    assert (for_ever.moves_for_s, twice.moves_for_s) == (math.inf, 4.0)


def test_a_blink_knows_when_it_changes_next() -> None:
    pattern = blink(RED, times=2, on_s=0.25, off_s=0.5, pause_s=2.5, rounds=math.inf)
    found = [pattern.holds_until_s(seconds) for seconds in (0.0, 0.2, 0.25, 0.75, 1.2, 1.5, 3.9, 4.0)]
    assert found == pytest.approx([0.25, 0.25, 0.75, 1.0, 4.0, 4.0, 4.0, 4.25])


@every_pattern
def test_nothing_changes_before_the_next_change(pattern: Pattern) -> None:
    @given(st.floats(0, 20), st.floats(0, 1))
    def law(seconds: float, share: float) -> None:
        until_s = pattern.holds_until_s(seconds)
        assert until_s >= seconds
        between_s = seconds + share * max(0.0, until_s - seconds - 1e-9)
        assert at(pattern, between_s) == at(pattern, seconds)

    law()


@pytest.mark.parametrize(
    ("leds", "frame"), [(0, ()), (1, (BLUE,)), (2, (RED, BLUE)), (3, (BLUE, RED, BLUE)), (4, (BLUE, RED, RED, BLUE))]
)
def test_a_frame_takes_the_ends_and_leaves_the_middle(leds: int, frame: Frame) -> None:
    assert at(framed(solid(RED), BLUE), 0, leds=leds) == frame


def test_a_frame_moves_as_what_it_surrounds() -> None:
    assert framed(fade(RED, floor=0, over_s=0.5), BLUE).moves_for_s == 0.5
    blinking = blink(RED, times=1, on_s=0.2, off_s=0.1)
    assert framed(blinking, BLUE).holds_until_s(0.0) == blinking.holds_until_s(0.0) == 0.2


def test_dimmed_light_is_proportional_and_clipped() -> None:
    assert [dim((200, 100, 0), level) for level in (-1.0, 0.0, 0.5, 1.0, 7.0)] == [
        DARK,
        DARK,
        (100, 50, 0),
        (200, 100, 0),
        (200, 100, 0),
    ]


def test_a_level_is_clipped_to_its_range() -> None:
    assert [clip(level) for level in (-0.1, 0.0, 0.3, 1.0, 1.1)] == [0.0, 0.0, 0.3, 1.0, 1.0]


@given(st.integers(1, 255), st.floats(0, 1, exclude_min=True))
def test_what_is_lit_stays_lit_however_dim(channel: int, level: float) -> None:
    assert dim((channel, 0, 0), level)[0] >= 1
