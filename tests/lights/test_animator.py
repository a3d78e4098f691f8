import asyncio
import logging
import math
from collections.abc import Sequence
from dataclasses import replace

import pytest

from talkbox.lights.animator import FRAMES_PER_S, Animator
from talkbox.lights.patterns import DARK, Frame, Moment, Pattern, Rgb, bar, blink, fade, glow, solid
from talkbox_hardware.fakes import SimulatedLeds
from tests.support.virtual_time import run

RED: Rgb = (200, 0, 0)
GREEN: Rgb = (0, 200, 0)


def counting(*, moves_for_s: float = math.inf) -> Pattern:
    """Shows the time that it is asked for, in tenths of a second."""
    return Pattern(frame=lambda at: ((round(at.seconds * 10), 0, 0),) * at.leds, moves_for_s=moves_for_s)


class UnclosableLeds(SimulatedLeds):
    def close(self) -> None:
        raise OSError(5, "input/output error")


class CountingLeds(SimulatedLeds):
    """Counts the attempts, failed ones included."""

    attempts = 0

    def show(self, frame: Sequence[Rgb]) -> None:
        self.attempts += 1
        super().show(frame)


async def no_timer_is_set() -> None:
    await asyncio.Event().wait()  # on the virtual loop: a deadlock, unless a timer is set


def test_the_first_frame_is_latched_before_show_returns() -> None:
    async def main() -> None:
        leds = SimulatedLeds()
        animator = Animator(leds)
        assert animator.frame == (DARK,) * 3
        animator.show(solid(RED))
        assert leds.frame == animator.frame == (RED,) * 3

    run(main())


def test_a_still_pattern_takes_one_frame_and_no_timer() -> None:
    leds = SimulatedLeds()

    async def main() -> None:
        Animator(leds).show(solid(RED))
        await no_timer_is_set()

    with pytest.raises(RuntimeError, match="no timer is set"):
        run(main())
    assert list(leds.history) == [(RED,) * 3]


def test_a_moving_pattern_is_shown_frame_by_frame() -> None:
    async def main() -> None:
        leds = SimulatedLeds(1)
        animator = Animator(leds)
        await asyncio.sleep(100)
        animator.show(counting())
        await asyncio.sleep(2.01)
        assert list(leds.history) == [((tenths, 0, 0),) for tenths in range(21)]
        assert animator.frame == ((20, 0, 0),)
        animator.close()

    run(main())


def test_there_are_thirty_frames_a_second() -> None:
    async def main() -> None:
        asked_s: list[float] = []

        def frame(at: Moment) -> Frame:
            asked_s.append(at.seconds)
            return (DARK,) * at.leds

        animator = Animator(SimulatedLeds())
        animator.show(Pattern(frame=frame, moves_for_s=math.inf))
        await asyncio.sleep(1.001)
        assert asked_s == [pytest.approx(tick / FRAMES_PER_S) for tick in range(31)]
        animator.close()

    run(main())


def test_leds_that_are_slow_to_write_to_get_fewer_frames_and_each_look_at_once() -> None:
    async def main() -> None:
        leds = SimulatedLeds(1)
        leds.frame_s = 0.1
        animator = Animator(leds)
        animator.show(Pattern(frame=lambda at: ((round(at.seconds * 1000) % 256, 0, 0),), moves_for_s=math.inf))
        await asyncio.sleep(1.05)
        assert len(leds.history) == 11
        animator.show(solid(GREEN))
        assert leds.frame == (GREEN,)
        animator.close()

    run(main())


def test_notices_in_quick_succession_do_not_outrun_slow_leds_and_the_last_one_is_seen() -> None:
    async def main() -> None:
        leds = SimulatedLeds(1)
        leds.frame_s = 0.1
        animator = Animator(leds)
        animator.show(solid(DARK))
        await asyncio.sleep(1)
        before = len(leds.history)
        for detent in range(41):
            animator.overlay(bar(RED, floor=0.1), for_s=1.5, level=detent / 40)
            await asyncio.sleep(0.01)
        assert 4 <= len(leds.history) - before <= 6
        await asyncio.sleep(0.1)
        assert leds.frame == (RED,)
        await asyncio.sleep(1.6)
        assert leds.frame == (DARK,)
        animator.close()
        animator.overlay(solid(RED), for_s=1)
        await no_timer_is_set()

    with pytest.raises(RuntimeError, match="no timer is set"):
        run(main())


def test_a_blink_wakes_nobody_between_its_edges() -> None:
    async def main() -> None:
        asked_s: list[float] = []
        blinking = blink(RED, times=2, on_s=0.25, off_s=0.25, pause_s=4.0, rounds=math.inf)

        def frame(at: Moment) -> Frame:
            asked_s.append(at.seconds)
            return blinking.frame(at)

        leds = SimulatedLeds(1)
        animator = Animator(leds)
        animator.show(replace(blinking, frame=frame))
        await asyncio.sleep(5.1)
        assert asked_s == pytest.approx([0.0, 0.25, 0.5, 0.75, 5.0])
        assert list(leds.history) == [(RED,), (DARK,), (RED,), (DARK,), (RED,)]
        animator.close()

    run(main())


def test_a_board_without_leds_takes_no_timer() -> None:
    async def main() -> None:
        Animator(SimulatedLeds(0)).show(counting())
        await no_timer_is_set()

    with pytest.raises(RuntimeError, match="no timer is set"):
        run(main())


def test_an_overlay_shows_the_level_that_it_was_given() -> None:
    async def main() -> None:
        leds = SimulatedLeds(2)
        Animator(leds).overlay(bar(RED, floor=0.1), for_s=1, level=0.5)
        assert leds.frame == (RED, (20, 0, 0))

    run(main())


def test_a_pattern_that_comes_to_rest_ends_at_its_last_frame_without_a_timer() -> None:
    leds = SimulatedLeds(1)

    async def main() -> None:
        Animator(leds).show(fade(RED, floor=0.1, over_s=0.5))
        await no_timer_is_set()

    with pytest.raises(RuntimeError, match="no timer is set"):
        run(main())
    assert (leds.history[0], leds.history[-1]) == ((RED,), ((20, 0, 0),))


@pytest.mark.parametrize(("level", "red"), [(-1.0, 40), (0.0, 40), (0.5, 120), (1.0, 200), (3.0, 200)])
def test_a_live_level_is_asked_for_and_clipped(level: float, red: int) -> None:
    async def main() -> None:
        animator = Animator(SimulatedLeds(1))
        animator.show(glow(RED, floor=0.2), level=lambda: level)
        assert animator.frame == ((red, 0, 0),)
        animator.close()

    run(main())


def test_a_level_is_followed_while_it_changes() -> None:
    async def main() -> None:
        levels = [0.0, 1.0]
        animator = Animator(SimulatedLeds(1))
        animator.show(glow(RED, floor=0.2), level=lambda: levels[0])
        levels.pop(0)
        await asyncio.sleep(0.05)
        assert animator.frame == (RED,)
        animator.close()

    run(main())


def test_brightness_limits_every_color_and_leaves_what_is_lit_lit() -> None:
    async def main() -> None:
        leds = SimulatedLeds(3)
        Animator(leds, brightness=0.1).show(Pattern(frame=lambda _: (RED, (1, 0, 0), DARK), moves_for_s=0))
        assert leds.frame == ((20, 0, 0), (1, 0, 0), DARK)

    run(main())


def test_an_overlay_stays_for_its_time_and_what_is_beneath_goes_on() -> None:
    async def main() -> None:
        leds = SimulatedLeds(1)
        animator = Animator(leds)
        animator.show(counting())
        await asyncio.sleep(1.001)
        animator.overlay(solid(GREEN), for_s=1.5)
        assert leds.frame == (GREEN,)
        await asyncio.sleep(1.49)
        assert leds.frame == (GREEN,)
        await asyncio.sleep(0.02)
        assert leds.frame == ((25, 0, 0),)
        animator.close()

    run(main())


def test_an_overlay_moves_and_then_waits_for_its_end() -> None:
    async def main() -> None:
        leds = SimulatedLeds(1)
        Animator(leds).overlay(fade(RED, floor=0.5, over_s=0.5), for_s=2)
        await asyncio.sleep(1.9)
        assert leds.frame == ((100, 0, 0),)
        await asyncio.sleep(0.2)
        assert leds.frame == (DARK,)

    run(main())


def test_the_last_overlay_counts() -> None:
    async def main() -> None:
        leds = SimulatedLeds(1)
        animator = Animator(leds)
        animator.overlay(solid(RED), for_s=1.5)
        await asyncio.sleep(1)
        animator.overlay(solid(GREEN), for_s=1.5)
        await asyncio.sleep(1)
        assert leds.frame == (GREEN,)
        await asyncio.sleep(1)
        assert leds.frame == (DARK,)

    run(main())


def test_a_new_pattern_is_never_hidden_by_what_was_over_the_old_one() -> None:
    async def main() -> None:
        leds = SimulatedLeds(1)
        animator = Animator(leds)
        animator.overlay(solid(RED), for_s=1.5)
        animator.show(solid(GREEN))
        assert leds.frame == (GREEN,)
        await asyncio.sleep(2)
        assert leds.frame == (GREEN,)

    run(main())


def test_the_lights_go_out_when_they_are_closed_and_stay_out() -> None:
    async def main() -> None:
        leds = SimulatedLeds()
        animator = Animator(leds)
        animator.show(counting())
        animator.close()
        animator.close()
        animator.show(solid(RED))
        animator.overlay(solid(RED), for_s=1)
        assert leds.closed
        assert leds.frame == animator.frame == (DARK,) * 3
        await no_timer_is_set()

    with pytest.raises(RuntimeError, match="no timer is set"):
        run(main())


def test_a_dead_bus_is_logged_once_with_its_remedy_and_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        leds = UnclosableLeds()
        leds.failure = OSError(5, "input/output error")
        animator = Animator(leds)
        animator.show(counting())
        await asyncio.sleep(10)
        animator.show(solid(RED))
        assert animator.frame == (DARK,) * 3
        animator.close()

    with caplog.at_level(logging.DEBUG, logger="talkbox.lights"):
        run(main())
    [record] = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage() == "the LEDs do not answer: [Errno 5] input/output error"
    assert vars(record)["hint"].startswith("check that the board is seated")


def test_a_still_light_that_a_dead_bus_refused_is_tried_again_now_and_then() -> None:
    async def main() -> None:
        leds = CountingLeds()
        leds.failure = OSError(5, "input/output error")
        animator = Animator(leds)
        animator.show(solid(RED))
        await asyncio.sleep(4.5)
        assert leds.attempts == 5
        leds.failure = None
        await asyncio.sleep(1)
        assert leds.frame == (RED,) * 3
        await asyncio.sleep(60)
        assert leds.attempts == 6

    run(main())
