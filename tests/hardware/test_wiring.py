from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from talkbox_hardware import wiring
from talkbox_hardware.board import Board, load_board, load_boards, parse_board

PICTURE = Path(wiring.__file__).parent.parent / "wiring.svg"
BOARDS = load_boards()
ACTIVE_HIGH = """
title = "A button to 3.3 V"
tier = 2
[button]
gpio = 17
active_low = false
pull = "down"
[encoder]
a_gpio = 12
b_gpio = 13
[detection]
[[facts]]
statement = "a"
source = "b"
sureness = "unknown"
"""


def pins(board: Board) -> dict[str, dict[str, int]]:
    return {part.name: {wire.terminal: wire.pin for wire in part.wires} for part in wiring.parts(board)}


def test_on_a_hat_only_the_encoder_is_wired() -> None:
    assert pins(load_board("respeaker-2mic-v1")) == {
        "rotary encoder": {"A": 32, "B": 33, "switch": 37, "C (ground)": 34, "switch, ground": 39}
    }


def test_where_nothing_sits_on_the_header_the_button_is_wired_too() -> None:
    assert pins(load_board("usb"))["button"] == {"button": 11, "ground": 9}


def test_a_button_that_is_high_when_pressed_goes_to_3_3_volts_and_never_to_5() -> None:
    found = pins(parse_board("x", ACTIVE_HIGH.encode()))
    assert found["button"] == {"button": 11, "3.3 V": 1}
    assert found["rotary encoder"] == {"A": 32, "B": 33, "C (ground)": 34}


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS.keys())
def test_no_wire_goes_to_a_pin_that_is_the_boards_own(board: Board) -> None:
    uses = wiring.uses(board)
    assert len(uses) == 40
    for part in wiring.parts(board):
        for wire in part.wires:
            assert uses[wire.pin][0] == wire.kind
    own = [pin for part in wiring.parts(board) for pin in {wire.pin for wire in part.wires}]
    assert len(own) == len(set(own))


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS.keys())
def test_every_board_can_be_drawn(board: Board) -> None:
    picture = ET.fromstring(wiring.draw([board]))  # noqa: S314  it is our own
    words = {node.text for node in picture.iter("{http://www.w3.org/2000/svg}text")}
    assert board.title in words
    assert all(part.name in words for part in wiring.parts(board))


def test_the_picture_in_the_readme_is_of_these_board_files() -> None:
    drawn = wiring.draw(load_board(name) for name in wiring.USUAL)
    assert PICTURE.read_text("utf-8") == drawn, "a board file was edited: python -m talkbox_hardware.wiring prints it"
