from dataclasses import dataclass
from typing import Literal

import pytest

from talkbox_hardware.tables import build, limited


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner:
    number: int = limited(1, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer:
    name: str
    text: str = "default"
    either: int | bool | str = 0
    choice: Literal["a", 2] = "a"
    numbers: tuple[int, ...] = limited(0, 9, default=())
    maybe: int | None = limited(0, 9, default=None)
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()


def problems(**table: object) -> list[str]:
    found: list[str] = []
    assert build(Outer, table, given={"name": "n"}, problems=found) is None
    return found


def test_what_a_table_does_not_have_is_the_default() -> None:
    found: list[str] = []
    assert build(Outer, {}, given={"name": "n"}, problems=found) == Outer(name="n")
    assert found == []


def test_a_table_becomes_what_its_fields_say() -> None:
    table = {
        "text": "t",
        "either": True,
        "choice": 2,
        "numbers": [1, 2],
        "maybe": 3,
        "inner": {"number": 1},
        "inners": [{"number": 2}, {"number": 3}],
    }
    found: list[str] = []
    assert build(Outer, table, given={"name": "n"}, problems=found) == Outer(
        name="n",
        text="t",
        either=True,
        choice=2,
        numbers=(1, 2),
        maybe=3,
        inner=Inner(number=1),
        inners=(Inner(number=2), Inner(number=3)),
    )


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ({"text": 1}, "text must be text, not 1"),
        ({"either": 1.5}, "either must be a whole number or true or false or text, not 1.5"),
        ({"choice": "b"}, "choice must be \"a\" or 2, not 'b'"),
        ({"choice": 2.0}, 'choice must be "a" or 2, not 2.0'),
        ({"numbers": 1}, "numbers must be a list, 0..9, not 1"),
        ({"numbers": [1, 10]}, "numbers[1] must be a whole number, 0..9, not 10"),
        ({"numbers": [True]}, "numbers[0] must be a whole number, 0..9, not True"),
        ({"maybe": -1}, "maybe must be a whole number, 0..9, not -1"),
        ({"inner": 1}, "inner must be a table, not 1"),
        ({"inner": {}}, "inner.number is missing"),
        ({"inner": {"number": 4}}, "inner.number must be a whole number, 1..3, not 4"),
        ({"inners": [{"number": 1}, {"numbers": 1}]}, "inners[1].numbers is unknown; did you mean number?"),
        ({"zzz": 1}, "zzz is unknown"),
        ({"name": "other"}, "name is unknown"),
    ],
)
def test_a_problem_names_the_key_what_is_allowed_and_the_value(table: dict[str, object], problem: str) -> None:
    assert problem in problems(**table)


def test_every_problem_is_found_at_once() -> None:
    assert len(problems(text=1, choice="b", numbers=[-1, "x"], inner={})) == 5
