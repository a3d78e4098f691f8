from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import TypeVar

import pytest

from talkbox.doctor import touch
from talkbox.doctor.check import Result, Status
from talkbox.doctor.touch import Person, button, encoder
from talkbox.errors import BoardUnusable
from talkbox_hardware.board import load_board
from tests.support.boards import board as made_up
from tests.support.examined import MadeUpBoard, MadeUpDevice

T = TypeVar("T")
Look = Callable[..., Result]

RESPEAKER = load_board("respeaker-2mic-v1")
PRESSED: Mapping[str, object] = {"event": "button", "gesture": "pressed"}
TURNED: Mapping[str, object] = {"event": "volume", "by": "encoder"}
BY_AGENT: Mapping[str, object] = {"event": "volume", "by": "agent"}


@pytest.fixture(autouse=True)
def _here_and_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait on no thread."""

    def at_once(_limit_s: float, work: Callable[[], T], *, what: str) -> T:
        assert what
        return work()

    monkeypatch.setattr(touch, "within", at_once)


def nobody() -> Person:
    return Person(there=False, tell=lambda _line: None)


def somebody(does: Callable[[], None], said: list[str] | None = None) -> Person:
    """A person who does something as soon as asked, and has no time."""

    def tell(line: str) -> None:
        if said is not None:
            said.append(line)
        does()

    return Person(there=True, tell=tell, patience_s=0.0)


def telling(*events: Mapping[str, object]) -> Callable[[], Iterator[Mapping[str, object]]]:
    return lambda: iter(events)


def stopped(check: Look, board: MadeUpBoard, person: Person) -> Result:
    return check(board, MadeUpDevice(None), telling(), person, boot=False)


@pytest.mark.parametrize("check", [button, encoder])
@pytest.mark.parametrize("simulated", [True, False])
def test_what_a_board_does_not_have_is_skipped(check: Look, simulated: bool) -> None:
    result = stopped(check, MadeUpBoard(made_up(), simulated=simulated), nobody())
    assert result.status is Status.SKIPPED
    assert ("talkbox" in result.said) is simulated


def test_a_button_is_pressed_and_a_knob_turned_by_who_is_asked_to() -> None:
    board, said = MadeUpBoard(RESPEAKER), list[str]()
    assert stopped(button, board, somebody(board.panel.press, said)).said == "GPIO17: it was pressed"
    assert stopped(encoder, board, somebody(partial(board.panel.turn, -1), said)).said == "GPIO12 and 13: it was turned"
    assert said == ["press the button within 0 s", "turn the knob within 0 s"]


@pytest.mark.parametrize(
    ("check", "not_it"), [(button, "release"), (button, "push"), (encoder, "press"), (encoder, "push")]
)
def test_another_touch_is_not_it(check: Look, not_it: str) -> None:
    board = MadeUpBoard(RESPEAKER)
    result = stopped(check, board, somebody(getattr(board.panel, not_it)))
    assert result.status is Status.UNSEEN
    assert result.remedy.startswith("was it")


@pytest.mark.parametrize("check", [button, encoder])
def test_with_nobody_there_the_pins_are_claimed_and_let_go_of(check: Look) -> None:
    result = stopped(check, MadeUpBoard(RESPEAKER), nobody())
    assert (result.status, "can be used" in result.said) == (Status.OK, True)


@pytest.mark.parametrize("check", [button, encoder])
def test_pins_that_cannot_be_had_say_so(check: Look) -> None:
    board = MadeUpBoard(RESPEAKER)
    board.refusal = BoardUnusable("device or resource busy: GPIO17")
    with pytest.raises(BoardUnusable):
        stopped(check, board, nobody())


def beside_the_device(check: Look, *events: Mapping[str, object], said: list[str] | None = None) -> Result:
    board = MadeUpBoard(RESPEAKER)
    board.refusal = BoardUnusable("claimed")
    person = somebody(lambda: None, said)
    return check(board, MadeUpDevice({"state": "idle"}), telling(*events), person, boot=False)


def test_a_running_device_tells_of_the_touch_and_its_effect_is_told_before() -> None:
    said: list[str] = []
    assert beside_the_device(button, TURNED, PRESSED, said=said).status is Status.OK
    assert beside_the_device(encoder, PRESSED, TURNED, said=said).status is Status.OK
    assert "(it begins a conversation; a second press ends it)" in said[0]
    assert "(it changes the volume)" in said[1]


@pytest.mark.parametrize(("check", "events"), [(button, [TURNED]), (encoder, [PRESSED, BY_AGENT]), (button, [])])
def test_a_device_that_tells_of_something_else_was_not_touched(check: Look, events: list[Mapping[str, object]]) -> None:
    assert beside_the_device(check, *events).status is Status.UNSEEN


def test_a_device_that_tells_nothing_in_time_was_not_touched(monkeypatch: pytest.MonkeyPatch) -> None:
    def too_late(_limit_s: float, _work: Callable[[], bool], *, what: str) -> bool:
        raise TimeoutError(what)

    monkeypatch.setattr(touch, "within", too_late)
    assert beside_the_device(button).status is Status.UNSEEN


@pytest.mark.parametrize("check", [button, encoder])
@pytest.mark.parametrize(
    ("device", "boot", "status"),
    [
        (MadeUpDevice({"state": "idle"}), False, Status.OK),
        (MadeUpDevice({"state": "idle"}), True, Status.OK),
        (MadeUpDevice(None), True, Status.SKIPPED),
        (MadeUpDevice({}, hidden=True), False, Status.UNSEEN),
        (MadeUpDevice({}, hidden=True), True, Status.SKIPPED),
    ],
)
def test_pins_that_are_or_may_be_the_device_s_are_never_claimed(
    check: Look, device: MadeUpDevice, boot: bool, status: Status
) -> None:
    board = MadeUpBoard(RESPEAKER)
    board.refusal = BoardUnusable("claimed")
    assert check(board, device, telling(), nobody(), boot=boot).status is status
