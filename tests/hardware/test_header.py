import pytest

from talkbox_hardware import header


def test_every_pin_is_one_thing() -> None:
    assert sorted([*header.POWER, *header.GROUND, *header.GPIO]) == list(range(1, 41))
    assert sorted(header.PIN) == list(range(28))


@pytest.mark.parametrize(
    ("gpio", "pin"), [(2, 3), (3, 5), (17, 11), (18, 12), (10, 19), (11, 23), (12, 32), (13, 33), (26, 37), (21, 40)]
)
def test_pins_are_where_raspberry_pi_says(gpio: int, pin: int) -> None:
    assert header.PIN[gpio] == pin


def test_odd_pins_are_on_the_left_two_to_a_row() -> None:
    assert [header.row(pin) for pin in (1, 2, 3, 39, 40)] == [0, 0, 1, 19, 19]
    assert [header.is_left(pin) for pin in (1, 2, 39, 40)] == [True, False, True, False]


@pytest.mark.parametrize(
    ("pin", "taken", "ground"), [(32, (), 34), (32, (34,), 30), (37, (), 39), (11, (), 9), (33, (39, 25), 9)]
)
def test_the_nearest_ground_is_in_the_same_column(pin: int, taken: tuple[int, ...], ground: int) -> None:
    assert header.nearest_ground(pin, taken=taken) == ground


def test_only_gpios_are_on_buses() -> None:
    assert header.BUSES.keys() <= header.PIN.keys()
