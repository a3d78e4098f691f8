"""The mixer profile, as the codec gets it: applied by control name, looked up in the registers written over I2C."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from talkbox_hardware import mixer
from talkbox_hardware.board import Board, Control, load_board
from tests.virtual_pi.checks import codecs, pi

pytestmark = [
    pytest.mark.virtual_pi,
    pytest.mark.skipif(pi.BOARD not in pi.CARD, reason="no codec on this board"),
]

BOARDS = {
    "respeaker": ("respeaker-2mic-v1", codecs.WM8960),
    "respeaker2": ("respeaker-2mic-v2", codecs.TLV320AIC3104),
    "wm8960": ("waveshare-wm8960", codecs.WM8960),
}


def test_every_control_of_the_profile_is_in_the_codecs_registers(
    record_property: Callable[[str, object], None],
) -> None:
    name, codec = BOARDS[pi.BOARD]
    board = load_board(name)
    profile = profile_of(board)
    problems = mixer.apply(f"hw:CARD={pi.CARD[pi.BOARD]}", profile)
    assert list(map(str, problems)) == []
    power_up()
    writes = pi.i2c_writes()
    registers = codec.registers(writes)
    wrong = {
        control.name: (control.value, [field.read(registers) for field in codec.controls[control.name]])
        for control in profile
        if {field.read(registers) for field in codec.controls[control.name]}
        != {codec.number(control.name, control.value)}
    }
    assert wrong == {}
    record_property("figure", f"{len(profile)} controls of {name}, {len(writes)} writes since the start")


def test_a_control_that_is_not_there_is_named_and_the_others_are_set() -> None:
    name, _codec = BOARDS[pi.BOARD]
    profile = profile_of(load_board(name))
    absent = Control(name="No Such Playback Volume", value=1)
    problems = mixer.apply(f"hw:CARD={pi.CARD[pi.BOARD]}", [absent, *profile])
    assert [type(problem).__name__ for problem in problems] == ["Missing"]
    assert "No Such Playback Volume" in str(problems[0])


def profile_of(board: Board) -> tuple[Control, ...]:
    assert board.card is not None
    assert board.card.profile
    return board.card.profile


def power_up() -> None:
    """Play a moment of silence: the TLV320AIC3104's driver keeps what it is told until the codec has power."""
    card = f"hw:CARD={pi.CARD[pi.BOARD]}"
    silence = ["aplay", "-q", "-D", card, "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "2", "-d", "1", "/dev/zero"]
    subprocess.run(silence, check=True, capture_output=True)
