from itertools import combinations, pairwise

import pytest

from talkbox.appliance.state import AT_REST, State
from talkbox.lights.patterns import DARK, Moment, Pattern
from talkbox.lights.theme import MUTE_COLOR, NOTICE_S, THEME, Look, Notice, for_look, stays_s

FRAMES_PER_S = 30
# A voice: loud, then quiet, then loud again, over eight seconds.
SCORE = [(tick / FRAMES_PER_S, abs((tick / FRAMES_PER_S) % 2 - 1)) for tick in range(8 * FRAMES_PER_S)]

CODES = {Notice.NETWORK: 2, Notice.REFUSED: 3, Notice.SOUND_CARD: 4, Notice.SERVICE: 5}

LIT_LOOKS = sorted(set(Look) - {Look(state) for state in AT_REST})


def brightness(pattern: Pattern, *, leds: int) -> list[list[float]]:
    """The pattern as a person without any color vision sees it, the brightest moment being 1."""
    film = [[max(color) for color in pattern.frame(Moment(seconds=s, level=v, leds=leds))] for s, v in SCORE]
    peak = max(max(frame) for frame in film) or 1
    return [[led / peak for led in frame] for frame in film]


def blinks(row: Look | Notice) -> int:
    """How many times it goes on before its first long pause."""
    film = [any(frame) for frame in brightness(THEME[row], leds=3)]
    edges = [tick for tick, (was, now) in enumerate(pairwise([False, *film])) if now and not was]
    pauses = [n for n, (edge, after) in enumerate(pairwise(edges), start=1) if after - edge > FRAMES_PER_S]
    return pauses[0]


def test_every_look_and_every_notice_has_its_row() -> None:
    assert THEME.keys() == {*Look, *Notice}


def test_there_is_a_look_for_every_state_of_the_appliance() -> None:
    assert {Look(state.value) for state in State} == set(Look) - {Look.WAITING, Look.DEAF, Look.UPDATING}


@pytest.mark.parametrize("leds", [1, 2, 3, 12])
@pytest.mark.parametrize("muted", [False, True])
@pytest.mark.parametrize("look", LIT_LOOKS)
def test_while_the_microphone_may_be_open_the_lights_are_never_dark(look: Look, muted: bool, leds: int) -> None:
    pattern = for_look(look, muted=muted)
    assert all(any(led > 0 for led in frame) for frame in brightness(pattern, leds=leds))


@pytest.mark.parametrize("leds", [1, 3, 12])
def test_at_rest_it_is_dark(leds: int) -> None:
    assert all(set(frame) == {0} for frame in brightness(for_look(Look.IDLE), leds=leds))
    assert all(set(frame) == {0} for frame in brightness(for_look(Look.IDLE, muted=True), leds=leds))


@pytest.mark.parametrize(("one", "other"), list(combinations(Look, 2)))
def test_no_two_looks_differ_by_color_alone(one: Look, other: Look) -> None:
    first, second = brightness(for_look(one), leds=3), brightness(for_look(other), leds=3)
    apart = max(abs(a - b) for f, g in zip(first, second, strict=True) for a, b in zip(f, g, strict=True))
    assert apart > 0.3


@pytest.mark.parametrize("look", [look for look in LIT_LOOKS if look is not Look.UPDATING])
def test_a_mute_shows_at_both_ends_and_leaves_the_middle_to_the_state(look: Look) -> None:
    moment = Moment(seconds=0.4, leds=3, level=0.5)
    first, middle, last = for_look(look, muted=True).frame(moment)
    assert first == last == MUTE_COLOR
    assert middle == for_look(look).frame(moment)[1]


@pytest.mark.parametrize("notice", Notice)
def test_a_notice_is_seen_at_once_and_whole(notice: Notice) -> None:
    pattern = THEME[notice]
    assert set(pattern.frame(Moment(seconds=0, leds=3))) != {DARK}
    assert max(pattern.moves_for_s, NOTICE_S) == stays_s(notice) <= 7


def test_each_kind_of_trouble_has_its_own_number_of_blinks() -> None:
    assert {notice: blinks(notice) for notice in CODES} == CODES


def test_a_look_that_stays_has_the_number_of_the_notice_that_it_lasts_for() -> None:
    assert blinks(Look.OFFLINE) == CODES[Notice.NETWORK]
    assert blinks(Look.FAULT) == CODES[Notice.SOUND_CARD]


def test_a_session_without_its_card_blinks_the_card_s_number_between_ends_that_stay_on() -> None:
    film = brightness(THEME[Look.DEAF], leds=3)
    middle = [led > 0.9 for _, led, _ in film[: 3 * FRAMES_PER_S]]
    assert sum(now and not was for was, now in pairwise([False, *middle])) == CODES[Notice.SOUND_CARD]
    assert all(first == last > 0 for first, _, last in film)


def test_louder_is_brighter_and_silence_still_shows_the_scale() -> None:
    volume = THEME[Notice.VOLUME]
    totals = [sum(map(max, volume.frame(Moment(seconds=0, leds=3, level=step / 10)))) for step in range(11)]
    assert totals[0] > 0
    assert totals == sorted(set(totals))
