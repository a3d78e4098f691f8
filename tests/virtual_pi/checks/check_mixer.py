"""The mixer profile, as the codec gets it: applied by control name, looked up in the registers written over I2C."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from talkbox_hardware import mixer
from talkbox_hardware.board import Board, Control, load_board
from tests.support.programs import eventually
from tests.virtual_pi.checks import codecs, pi
from tests.virtual_pi.checks.appliance import appliance

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
    assert differing(profile, codec) == {}
    record_property("figure", f"{len(profile)} controls of {name}, {len(pi.i2c_writes())} writes since the start")


def test_the_appliance_sets_the_mixer_at_its_start(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    _name, codec = BOARDS[pi.BOARD]
    profile = profile_of(load_board(name_of_the_board()))
    spoilt = [control for control in profile if spoil(control)]
    power_up()
    assert differing(profile, codec)
    with appliance(tmp_path, "ws://127.0.0.1:9"):
        eventually(powered_up, "the sound of the start to be over")
        assert differing(profile, codec) == {}
    record_property("figure", f"{len(spoilt)} controls were turned elsewhere before it")


def test_a_control_that_is_not_there_is_named_and_the_others_are_set() -> None:
    name, _codec = BOARDS[pi.BOARD]
    profile = profile_of(load_board(name))
    absent = Control(name="No Such Playback Volume", value=1)
    problems = mixer.apply(f"hw:CARD={pi.CARD[pi.BOARD]}", [absent, *profile])
    assert [type(problem).__name__ for problem in problems] == ["Missing"]
    assert "No Such Playback Volume" in str(problems[0])


def name_of_the_board() -> str:
    """Return the board that the appliance is told, or finds, here."""
    told = [setting.partition("=")[2] for setting in pi.settings() if setting.startswith("hardware.board=")]
    return told[0] if told else BOARDS[pi.BOARD][0]


def spoil(control: Control) -> bool:
    """Turn a control to what it should not be; `False` where it is no number."""
    if isinstance(control.value, bool) or not isinstance(control.value, int):
        return False
    other = Control(name=control.name, value=control.value - 1 if control.value else 1)
    return mixer.apply(f"hw:CARD={pi.CARD[pi.BOARD]}", [other]) == ()


def differing(profile: Sequence[Control], codec: codecs.Codec) -> dict[str, object]:
    """Return the controls whose registers hold something else, by what was written over I2C since the start."""
    registers = codec.registers(pi.i2c_writes())
    return {
        control.name: (control.value, [field.read(registers) for field in codec.controls[control.name]])
        for control in profile
        if {field.read(registers) for field in codec.controls[control.name]}
        != {codec.number(control.name, control.value)}
    }


def profile_of(board: Board) -> tuple[Control, ...]:
    assert board.card is not None
    assert board.card.profile
    return board.card.profile


def power_up() -> None:
    """Give the codec power: the TLV320AIC3104's driver keeps what it is told until then."""
    assert powered_up()


def powered_up() -> bool:
    """Play a moment of silence; `False` if another program has the card."""
    card = f"hw:CARD={pi.CARD[pi.BOARD]}"
    silence = ["aplay", "-q", "-D", card, "-t", "raw", "-f", "S16_LE", "-r", "48000", "-c", "2", "-d", "1", "/dev/zero"]
    return subprocess.run(silence, check=False, capture_output=True).returncode == 0
