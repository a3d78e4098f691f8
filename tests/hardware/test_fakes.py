import re
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from talkbox.controls.ports import Controls
from talkbox.lights.ports import Leds
from talkbox_hardware.fakes import SimulatedControls, SimulatedLeds

RED, DARK = (255, 0, 0), (0, 0, 0)


def ticking() -> Callable[[], float]:
    seconds: Iterator[int] = count(1)
    return lambda: float(next(seconds))


def test_the_leds_show_what_they_are_told_and_remember_it() -> None:
    leds = SimulatedLeds()
    port: Leds = leds
    assert (port.count, leds.frame) == (3, (DARK, DARK, DARK))
    port.show([RED, DARK, DARK])
    port.show([DARK, RED, DARK])
    assert leds.frame == (DARK, RED, DARK)
    assert list(leds.history) == [(RED, DARK, DARK), (DARK, RED, DARK)]


def test_the_leds_go_out_when_they_are_closed_once_or_twice() -> None:
    leds = SimulatedLeds(2)
    leds.show([RED, RED])
    leds.close()
    leds.close()
    assert (leds.closed, leds.frame) == (True, (DARK, DARK))
    with pytest.raises(OSError, match="closed"):
        leds.show([RED, RED])


def test_a_dead_bus_raises_and_shows_nothing_until_it_is_mended() -> None:
    leds = SimulatedLeds(1)
    leds.failure = OSError(5, "input/output error")
    with pytest.raises(OSError, match="input/output"):
        leds.show([RED])
    assert (leds.frame, len(leds.history)) == ((DARK,), 0)
    leds.failure = None
    leds.show([RED])
    assert leds.frame == (RED,)


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        ([RED], "frame must have 2 colors, not 1"),
        ([RED, (256, 0, 0)], "colors must be 0..255, not"),
        ([RED, (0, -1, 0)], "colors must be 0..255, not"),
    ],
)
def test_a_frame_that_no_row_of_leds_could_show_is_a_bug(frame: list[tuple[int, int, int]], sentence: str) -> None:
    leds = SimulatedLeds(2)
    with pytest.raises(ValueError, match=re.escape(sentence)):
        leds.show(frame)


def test_the_memory_of_the_leds_is_bounded() -> None:
    leds = SimulatedLeds(1)
    for n in range(1500):
        leds.show([(n % 256, 0, 0)])
    assert len(leds.history) == 1000


def test_a_board_may_have_no_leds() -> None:
    leds = SimulatedLeds(0)
    leds.show([])
    assert leds.frame == ()


def test_the_controls_report_edges_and_turns_with_their_time() -> None:
    controls = SimulatedControls(clock=ticking())
    port: Controls = controls
    seen: list[tuple[str, int, float]] = []
    port.listen(
        button=lambda pressed, at_s: seen.append(("button", pressed, at_s)),
        turned=lambda detents, at_s: seen.append(("turned", detents, at_s)),
        pushed=lambda pressed, at_s: seen.append(("pushed", pressed, at_s)),
    )
    controls.press()
    controls.turn(-3)
    controls.release()
    controls.push()
    assert seen == [
        ("button", True, 1.0),
        ("turned", -3, 2.0),
        ("button", False, 3.0),
        ("pushed", True, 4.0),
        ("pushed", False, 4.0),
    ]


def test_controls_without_a_listener_are_silent_before_and_after() -> None:
    seen: list[object] = []
    controls = SimulatedControls(clock=ticking())
    controls.press()
    controls.listen(
        button=lambda *what: seen.append(what),
        turned=lambda *what: seen.append(what),
        pushed=lambda *what: seen.append(what),
    )
    controls.close()
    controls.close()
    controls.release()
    controls.turn(1)
    controls.push()
    assert seen == []
