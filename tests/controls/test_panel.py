import asyncio

import pytest

from talkbox.controls.gestures import Gesture
from talkbox.controls.panel import Panel
from talkbox_hardware.fakes import SimulatedControls
from tests.support.virtual_time import run


class Desk:
    """A panel, the simulated controls behind it, and what it reported, with the time."""

    def __init__(self, *, hold_s: float = 0.6, power_off_s: float | None = 8.0, bounce_s: float = 0.02) -> None:
        self._loop = asyncio.get_running_loop()
        self.seen: list[tuple[float, object]] = []
        self.controls = SimulatedControls(clock=self._loop.time)
        self.panel = Panel(
            on_gesture=self._note,
            on_turn=self._note,
            on_mute=lambda: self._note("mute"),
            hold_s=hold_s,
            power_off_s=power_off_s,
            bounce_s=bounce_s,
        )
        self.panel.start(self.controls)

    def _note(self, what: object) -> None:
        self.seen.append((round(self._loop.time(), 6), what))


def test_a_tap_is_reported_as_it_happens() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls.press()
        await asyncio.sleep(0.2)
        desk.controls.release()
        await asyncio.sleep(20)
        assert desk.seen == [(0.0, Gesture.PRESSED), (0.2, Gesture.TAPPED)]

    run(main())


def test_holds_are_reported_by_the_clock() -> None:
    async def main() -> None:
        desk = Desk(hold_s=0.4, power_off_s=5.0)
        desk.controls.press()
        await asyncio.sleep(7)
        desk.controls.release()
        await asyncio.sleep(0)
        assert desk.seen == [
            (0.0, Gesture.PRESSED),
            (0.4, Gesture.HELD),
            (5.0, Gesture.LONG_HELD),
            (7.0, Gesture.RELEASED),
        ]

    run(main())


def test_a_tap_shorter_than_the_bounce_is_reported_at_its_end() -> None:
    async def main() -> None:
        desk = Desk(bounce_s=0.1)
        desk.controls.press()
        desk.controls.release()
        await asyncio.sleep(1)
        assert desk.seen == [(0.0, Gesture.PRESSED), (0.1, Gesture.TAPPED)]

    run(main())


def test_the_encoder_turns_and_its_switch_mutes_once_a_push() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls.turn(+2)
        desk.controls.push()
        await asyncio.sleep(1)
        desk.controls.turn(-1)
        desk.controls.push()
        await asyncio.sleep(1)
        assert desk.seen == [(0.0, 2), (0.0, "mute"), (1.0, -1), (1.0, "mute")]

    run(main())


class Forgetful(SimulatedControls):
    """Controls that lose edges: as many as the kernel has no room for."""

    def press_unheard(self) -> None:
        self._button_closed = True

    def release_unheard(self) -> None:
        self._button_closed = False


def test_a_release_whose_last_edge_is_lost_is_no_new_press() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls = Forgetful(clock=asyncio.get_running_loop().time)
        desk.panel.start(desk.controls)
        desk.controls.press()
        await asyncio.sleep(0.2)
        desk.controls.release()
        desk.controls.press()
        desk.controls.release_unheard()
        await asyncio.sleep(20)
        assert desk.seen == [(0.0, Gesture.PRESSED), (0.2, Gesture.TAPPED)]

    run(main())


def test_a_press_whose_last_edge_is_lost_is_held() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls = Forgetful(clock=asyncio.get_running_loop().time)
        desk.panel.start(desk.controls)
        desk.controls.press()
        desk.controls.release()
        desk.controls.press_unheard()
        await asyncio.sleep(1)
        desk.controls.release()
        await asyncio.sleep(1)
        assert [what for _, what in desk.seen] == [Gesture.PRESSED, Gesture.HELD, Gesture.RELEASED]

    run(main())


def test_a_release_that_is_lost_altogether_is_noticed_before_it_is_a_hold() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls = Forgetful(clock=asyncio.get_running_loop().time)
        desk.panel.start(desk.controls)
        desk.controls.press()
        desk.controls.release_unheard()
        await asyncio.sleep(20)
        assert [what for _, what in desk.seen] == [Gesture.PRESSED, Gesture.TAPPED]

    run(main())


def test_a_pin_that_cannot_be_read_is_taken_at_its_edges() -> None:
    class Unreadable(SimulatedControls):
        def button_closed(self) -> bool:
            raise OSError("no such chip")

    async def main() -> None:
        desk = Desk()
        desk.controls = Unreadable(clock=asyncio.get_running_loop().time)
        desk.panel.start(desk.controls)
        desk.controls.press()
        await asyncio.sleep(1)
        desk.controls.release()
        await asyncio.sleep(1)
        assert [what for _, what in desk.seen] == [Gesture.PRESSED, Gesture.HELD, Gesture.RELEASED]

    run(main())


def test_a_switch_that_is_kept_down_mutes_once() -> None:
    async def main() -> None:
        desk = Desk()
        desk.panel.pushed(True, 0.0)
        await asyncio.sleep(60)
        assert desk.seen == [(0.0, "mute")]

    run(main())


def test_nothing_is_reported_on_the_thread_of_the_edge() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls.press()
        assert desk.seen == []
        await asyncio.sleep(0)
        assert desk.seen == [(0.0, Gesture.PRESSED)]

    run(main())


def test_a_remote_hand_works_the_same_button() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls.press()
        await asyncio.sleep(0.1)
        desk.panel.button(False, 0.1)
        await asyncio.sleep(1)
        assert [what for _, what in desk.seen] == [Gesture.PRESSED, Gesture.TAPPED]

    run(main())


def test_a_still_panel_sets_no_timer() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls.press()
        desk.controls.push()
        await asyncio.sleep(30)
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="no timer is set"):
        run(main())


def test_a_closed_panel_reports_nothing_not_even_what_was_on_its_way() -> None:
    async def main() -> None:
        desk = Desk()
        desk.controls.press()
        await asyncio.sleep(0.1)
        desk.controls.turn(1)
        desk.panel.close()
        desk.panel.close()
        desk.controls.release()
        desk.panel.turned(5, 0.1)
        await asyncio.sleep(60)
        assert desk.seen == [(0.0, Gesture.PRESSED)]

    run(main())


def test_a_panel_that_never_listened_can_be_closed() -> None:
    async def main() -> None:
        def unexpected(*what: object) -> None:
            raise AssertionError(what)

        Panel(on_gesture=unexpected, on_turn=unexpected, on_mute=unexpected).close()

    run(main())


def test_an_edge_after_the_end_of_the_program_harms_nobody() -> None:
    async def main() -> Desk:
        return Desk()

    desk = run(main())
    desk.controls.press()
    assert desk.seen == []
