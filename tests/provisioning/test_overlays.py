"""The device-tree overlays: every board has one, ours or the firmware's, and ours compile without a word."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pi_tree import TOP

sys.path.insert(0, str(TOP / "hardware"))

from talkbox_hardware.board import load_boards

OVERLAYS = sorted((TOP / "hardware/overlays").glob("*.dts"))
OF_THE_FIRMWARE = {"wm8960-soundcard", "googlevoicehat-soundcard", "iqaudio-codec"}


def test_every_overlay_that_a_board_names_is_ours_or_the_firmwares() -> None:
    named = {board.card.overlay for board in load_boards().values() if board.card and board.card.overlay}
    assert named == OF_THE_FIRMWARE | {path.stem for path in OVERLAYS}


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)
def test_an_overlay_compiles_without_a_word_and_leaves_its_names_to_the_firmware(path: Path, tmp_path: Path) -> None:
    if shutil.which("dtc") is None:
        pytest.skip("dtc is not here: apt install device-tree-compiler")
    compiled = tmp_path / "overlay.dtbo"
    done = subprocess.run(
        ["dtc", "-@", "-I", "dts", "-O", "dtb", "-o", compiled, path], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr == ""
    content = compiled.read_bytes()
    for name in (b"__fixups__", b"i2c1", b"i2s_clk_consumer", b"vdd_3v3_reg", b"simple-audio-card"):
        assert name in content


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)
def test_an_overlay_names_its_card_and_the_board_knows_that_card(path: Path) -> None:
    text = path.read_text("utf-8")
    users = [board for board in load_boards().values() if board.card and board.card.overlay == path.stem]
    for board in users:
        assert board.card is not None
        assert f'simple-audio-card,name = "{board.card.ids[0]}"' in text
        for chip in board.detection.i2c_chips:
            assert f"{chip.chip}" in text
            assert f"@{chip.address:x} " in text
