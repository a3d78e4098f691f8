import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from talkbox.controls.ports import Controls
from talkbox_hardware.board import Board, Button, Encoder
from talkbox_hardware.fakes import SimulatedControls
from talkbox_hardware.panel import BoardControls
from tests.support import board_contract as contract
from tests.support.boards import board, talking_board
from tests.support.hands import PinHand, SimulatedHand
from tests.support.lgpio_standin import Lgpio

Made = tuple[Controls, contract.Hand, Callable[[], float]]


def on_the_stand_in(lgpio: Lgpio) -> tuple[PinHand, Callable[[], float]]:
    return PinHand(lgpio.drive, rest=lgpio.rest), lambda: lgpio.now_ns / 1e9


def mocked_hand(factory: Any, **pins: Any) -> PinHand:
    return PinHand(
        lambda gpio, level: factory.pin(gpio).drive_high() if level else factory.pin(gpio).drive_low(), **pins
    )


@pytest.fixture(params=["simulated", "mock", "lgpio"])
def made(request: pytest.FixtureRequest, pauses_s: list[float]) -> Iterator[Made]:
    assert pauses_s == []
    if request.param == "simulated":
        simulated = SimulatedControls(clock=lambda: 1.0)
        yield simulated, SimulatedHand(simulated), lambda: 1.0
        return
    factory = request.getfixturevalue(f"{request.param}_pins")
    controls = BoardControls(talking_board(), factory=factory)
    if request.param == "mock":
        clock = iter((0.0, float("inf")))
        yield controls, mocked_hand(factory), lambda: next(clock)
    else:
        yield controls, *on_the_stand_in(request.getfixturevalue("lgpio"))
    controls.close()


def test_fingers_are_reported(made: Made) -> None:
    controls, hand, now_s = made
    contract.fingers_are_reported(controls, hand, now_s=now_s)


def test_a_fast_turn_loses_no_detent(made: Made) -> None:
    controls, hand, _ = made
    contract.a_fast_turn_loses_no_detent(controls, hand)


def test_closed_controls_are_silent(made: Made) -> None:
    controls, hand, _ = made
    contract.closed_controls_are_silent(controls, hand)


def test_a_new_listener_takes_over(made: Made) -> None:
    controls, hand, _ = made
    contract.a_new_listener_takes_over(controls, hand)


def test_button_and_encoder_can_be_elsewhere_than_the_board_says(mock_pins: Any) -> None:
    controls = BoardControls(
        talking_board(),
        button=Button(gpio=5, active_low=False, pull="down"),
        encoder=Encoder(a_gpio=23, b_gpio=22, switch_gpio=24, edges_per_detent=2, reverse=True),
        factory=mock_pins,
    )
    log = contract.Log(controls)
    hand = mocked_hand(mock_pins, button=5, a=23, b=22, switch=24, active_low=False)
    hand.press()
    hand.turn(2)
    hand.push()
    assert (log.button, log.turns, log.switch) == ([True], [-1, -1, -1, -1], [True, False])
    controls.close()


@pytest.mark.parametrize(
    ("has", "claimed"),
    [
        (board(), set()),
        (board(button=Button(gpio=17)), {"GPIO17"}),
        (board(encoder=Encoder(a_gpio=12, b_gpio=13)), {"GPIO12", "GPIO13"}),
    ],
)
def test_a_board_without_this_or_that_is_silent_about_it(has: Board, claimed: set[str], mock_pins: Any) -> None:
    controls = BoardControls(has, factory=mock_pins)
    contract.Log(controls)
    assert {info.name for info in mock_pins.pins} == claimed
    controls.close()


@pytest.mark.parametrize(
    ("button", "encoder", "sentence"),
    [
        (Button(gpio=18), None, "board made-up: button.gpio must not be GPIO18, which the board needs"),
        (None, Encoder(a_gpio=12, b_gpio=2), "encoder.b_gpio must not be GPIO2, which the board needs"),
        (None, Encoder(a_gpio=12, b_gpio=13, switch_gpio=17), "must not be GPIO17, which is used twice"),
        (Button(gpio=1), None, "button.gpio must be GPIO2..GPIO27, not GPIO1"),
    ],
)
def test_a_pin_that_is_not_for_us_is_refused_before_any_is_claimed(
    button: Button | None, encoder: Encoder | None, sentence: str, mock_pins: Any
) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        BoardControls(talking_board(), button=button, encoder=encoder, factory=mock_pins)
    assert mock_pins.pins == {}


def test_if_one_pin_cannot_be_had_the_others_are_let_go(lgpio_pins: Any, lgpio: Lgpio) -> None:
    lgpio.busy = {17}
    with pytest.raises(OSError, match="GPIO busy"):
        BoardControls(talking_board(), factory=lgpio_pins)
    BoardControls(replace(talking_board(), button=None), factory=lgpio_pins).close()


@pytest.mark.parametrize("lost", [1, 4])
@pytest.mark.parametrize("has", [talking_board(), board(button=Button(gpio=17))])
def test_a_lost_wake_up_makes_no_button_deaf(
    has: Board, lost: int, lgpio_pins: Any, lgpio: Lgpio, pauses_s: list[float]
) -> None:
    lgpio.loses_wake_ups = min(lost, 2 if has.encoder is None else lost)  # a single line has fewer wake-ups to lose
    controls = BoardControls(has, factory=lgpio_pins)
    hand, now_s = on_the_stand_in(lgpio)
    log = contract.Log(controls)
    hand.press()
    hand.release()
    assert (log.button, now_s()) == ([True, False], 0.0)
    assert pauses_s
    controls.close()
