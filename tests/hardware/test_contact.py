import errno
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from talkbox_hardware.contact import Contact
from tests.support.lgpio_standin import Lgpio


def edges(contact: Contact) -> list[bool]:
    seen: list[bool] = []
    contact.listen(lambda pressed, _at_s: seen.append(pressed))
    return seen


@pytest.mark.parametrize(
    ("active_low", "pull", "idle"),
    [(True, "up", True), (True, "none", True), (False, "down", False), (False, "none", False)],
)
def test_a_press_is_a_press_whichever_way_the_contact_is_wired(
    active_low: bool, pull: Literal["up", "down", "none"], idle: bool, lgpio_pins: Any, lgpio: Lgpio
) -> None:
    lgpio.drive(17, idle)
    contact = Contact(17, active_low=active_low, pull=pull, factory=lgpio_pins)
    seen = edges(contact)
    levels = [contact.pressed]
    for level in (not idle, idle):
        lgpio.drive(17, level)
        levels.append(contact.pressed)
    assert (levels, seen) == ([False, True, False], [True, False])
    contact.close()


@pytest.mark.parametrize(("pull", "level"), [("up", True), ("down", False)])
def test_the_pis_own_resistor_is_switched_on(
    pull: Literal["up", "down"], level: bool, lgpio_pins: Any, lgpio: Lgpio
) -> None:
    contact = Contact(17, pull=pull, factory=lgpio_pins)
    assert lgpio.level(17) is level
    contact.close()


def test_an_edge_has_the_time_of_the_kernel_not_of_the_callback(lgpio_pins: Any, lgpio: Lgpio) -> None:
    contact, stamps_s = Contact(17, factory=lgpio_pins), list[float]()
    contact.listen(lambda _pressed, at_s: stamps_s.append(at_s))
    lgpio.now_ns = 12_345_678_000_000
    lgpio.drive(17, False)
    assert stamps_s == [12_345.678]
    contact.close()


def test_bounce_comes_through_for_the_recognizer_to_judge(lgpio_pins: Any, lgpio: Lgpio) -> None:
    contact = Contact(17, factory=lgpio_pins)
    seen = edges(contact)
    for level in (False, True, False, True, False):
        lgpio.drive(17, level)
        lgpio.rest(0.1)
    assert seen == [True, False, True, False, True]
    contact.close()


def test_a_contact_that_is_closed_at_the_start_is_no_edge(mock_pins: Any) -> None:
    pin = mock_pins.pin(17)
    contact = Contact(17, factory=mock_pins)
    pin.drive_low()
    seen = edges(contact)
    assert contact.pressed
    assert seen == []
    pin.drive_high()
    assert seen == [False]
    contact.close()


def test_without_a_listener_edges_are_nothing(mock_pins: Any) -> None:
    contact = Contact(17, factory=mock_pins)
    mock_pins.pin(17).drive_low()
    contact.close()


def test_a_pin_can_be_had_again_when_it_was_let_go(lgpio_pins: Any, lgpio: Lgpio) -> None:
    for _ in range(3):
        contact = Contact(17, factory=lgpio_pins)
        seen = edges(contact)
        lgpio.drive(17, False)
        contact.close()
        contact.close()
        lgpio.drive(17, True)
        assert seen == [True]


@pytest.fixture
def taken(mock_pins: Any) -> Iterator[None]:
    first = Contact(17, factory=mock_pins)
    yield
    first.close()


@pytest.mark.usefixtures("taken")
def test_a_pin_that_is_in_use_here_says_so(mock_pins: Any) -> None:
    with pytest.raises(OSError, match="in use") as raised:
        Contact(17, factory=mock_pins)
    assert (raised.value.errno, raised.value.filename) == (errno.EBUSY, "GPIO17")


def test_a_pin_that_another_program_has_says_so(lgpio_pins: Any, lgpio: Lgpio) -> None:
    lgpio.busy = {17}
    with pytest.raises(OSError, match="GPIO busy") as raised:
        Contact(17, factory=lgpio_pins)
    assert (raised.value.errno, raised.value.filename) == (errno.EBUSY, "GPIO17")
    lgpio.busy = set()
    Contact(17, factory=lgpio_pins).close()


def test_a_pin_that_dies_while_it_is_set_up_is_let_go(
    lgpio_pins: Any, lgpio: Lgpio, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise lgpio.error("bad event request")

    with monkeypatch.context() as patch:
        patch.setattr(lgpio, "gpio_claim_alert", refuse)
        with pytest.raises(OSError, match="bad event request") as raised:
            Contact(17, factory=lgpio_pins)
    assert raised.value.errno == errno.EIO
    contact = Contact(17, factory=lgpio_pins)
    seen = edges(contact)
    lgpio.drive(17, False)
    assert seen == [True]
    contact.close()
