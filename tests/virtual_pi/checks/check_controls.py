"""Button, encoder and its switch through unmodified gpiozero and lgpio keep every board's promises."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from talkbox_hardware.board import load_board
from talkbox_hardware.gpio import choose_factory
from talkbox_hardware.panel import BoardControls
from tests.support import board_contract as contract
from tests.virtual_pi.checks import pi

pytestmark = pytest.mark.virtual_pi

Figure = Callable[[str, object], None]
BOARD = "respeaker-2mic-v1"
"""Its pins are those of the virtual header, whatever HAT is on it."""
PATIENCE_S = 10.0
FRESH_STARTS = 5


class Finger:
    """What `board_contract.Hand` is, on the virtual header."""

    def press(self) -> None:
        pi.hold(pi.BUTTON_GPIO, 0)

    def release(self) -> None:
        pi.hold(pi.BUTTON_GPIO, 1)

    def push(self) -> None:
        pi.press(pi.SWITCH_GPIO, for_ms=80)

    def turn(self, detents: int, *, ms_per_detent: float = 40.0, bounce_ms: float = 0.0) -> None:
        # `pin` counts the bounce, of all four contacts there and back, on top.
        pi.turn(detents, ms_per_detent=max(4.0, ms_per_detent - 4 * 1.5 * bounce_ms), bounce_ms=bounce_ms)


@pytest.fixture
def controls() -> Iterator[BoardControls]:
    with (
        closing(choose_factory("lgpio")) as factory,
        closing(BoardControls(load_board(BOARD), factory=factory)) as made,
    ):
        yield made
        settle()


def soon(done: Callable[[], bool]) -> None:
    """Wait until it is so; then give what is too much the time to arrive."""
    until_s = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < until_s, "waited in vain"
        time.sleep(0.02)


def settle() -> None:
    """Let edges arrive that are still on their way."""
    time.sleep(0.3)


def test_fingers_are_reported(controls: BoardControls) -> None:
    contract.fingers_are_reported(controls, Finger(), wait=soon)


def test_a_fast_turn_loses_no_detent(controls: BoardControls, record_property: Figure) -> None:
    begun_s = time.monotonic()
    contract.a_fast_turn_loses_no_detent(controls, Finger(), wait=soon, bounce_ms=1.0)
    record_property("figure", f"80 detents with bounce, {(time.monotonic() - begun_s) * 1000 / 80:.0f} ms each")


def test_a_turn_as_fast_as_a_hand_can_loses_no_detent(controls: BoardControls, record_property: Figure) -> None:
    log, begun_s = contract.Log(controls), time.monotonic()
    pi.turn(100, ms_per_detent=10)
    took_s = time.monotonic() - begun_s
    soon(lambda: sum(log.turns) >= 100)
    settle()
    assert sum(log.turns) == 100
    record_property("figure", f"100 detents, {took_s * 1000 / 100:.0f} ms each")


def test_a_new_listener_takes_over(controls: BoardControls) -> None:
    contract.a_new_listener_takes_over(controls, Finger(), wait=soon)


def test_closed_controls_are_silent(controls: BoardControls) -> None:
    contract.closed_controls_are_silent(controls, Finger())


def test_a_chattering_button_ends_as_its_contact_does(controls: BoardControls, record_property: Figure) -> None:
    log = contract.Log(controls)
    pi.press(for_ms=150, bounce_ms=5)
    settle()
    assert len(log.button) > 2
    assert (log.button[0], log.button[-1]) == (True, False)
    assert log.stamps_s == sorted(log.stamps_s)
    record_property("figure", f"{len(log.button)} edges of one press")


def test_an_edge_has_the_time_at_which_the_contact_moved(controls: BoardControls, record_property: Figure) -> None:
    log, begun_s = contract.Log(controls), time.monotonic()
    pi.press(for_ms=300)
    ended_s = time.monotonic()
    soon(lambda: log.button == [True, False])
    down_s, up_s = log.stamps_s
    assert begun_s < down_s < up_s < ended_s
    assert up_s - down_s >= 0.29
    record_property("figure", f"held for 300 ms, reported {(up_s - down_s) * 1000:.0f} ms")


def test_the_first_press_after_a_start_is_heard_at_every_start(record_property: Figure) -> None:
    """What lgpio loses, it loses once in a process: so a process each."""
    for _ in range(FRESH_STARTS):
        with subprocess.Popen([sys.executable, "-c", FIRST_PRESS], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            pi.press(for_ms=100)
            assert child.stdout.readline() == "pressed\n"
        assert child.returncode == 0
    record_property("figure", f"{FRESH_STARTS} of {FRESH_STARTS} starts")


FIRST_PRESS = f"""
import threading
from talkbox_hardware.board import load_board
from talkbox_hardware.gpio import choose_factory
from talkbox_hardware.panel import BoardControls
pressed = threading.Event()
factory = choose_factory("lgpio")
controls = BoardControls(load_board("{BOARD}"), factory=factory)
controls.listen(button=lambda *_: pressed.set(), turned=print, pushed=print)
print("ready", flush=True)
print("pressed" if pressed.wait({PATIENCE_S}) else "deaf", flush=True)
controls.close()
factory.close()
"""


def test_a_pin_that_another_program_has_is_named_and_can_be_had_when_it_is_free() -> None:
    before = pi.claimed_gpios()
    board = load_board(BOARD)
    command = ["gpiomon", "--chip", "gpiochip0", "--banner", str(pi.BUTTON_GPIO)]
    with closing(choose_factory("lgpio")) as factory:
        with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            other.stdout.readline()
            try:
                with pytest.raises(OSError, match=f"GPIO{pi.BUTTON_GPIO}") as caught:
                    BoardControls(board, factory=factory)
            finally:
                other.terminate()
        assert caught.value.errno == errno.EBUSY
        with closing(BoardControls(board, factory=factory)) as controls:
            log = contract.Log(controls)
            pi.press()
            soon(lambda: log.button == [True, False])
    assert pi.claimed_gpios() == before


def test_only_the_boards_own_pins_are_claimed_and_all_are_let_go() -> None:
    before = pi.claimed_gpios()
    with closing(choose_factory("lgpio")) as factory:
        assert pi.claimed_gpios() == before
        with closing(BoardControls(load_board(BOARD), factory=factory)):
            claimed = pi.claimed_gpios().keys() - before.keys()
    assert claimed == {pi.BUTTON_GPIO, pi.A_GPIO, pi.B_GPIO, pi.SWITCH_GPIO}
    assert pi.claimed_gpios() == before
