import os
from dataclasses import replace

import pytest

from talkbox.doctor import board as checks
from talkbox.doctor.check import Status
from talkbox_hardware.board import Button, load_board
from tests.support.boards import board as made_up
from tests.support.computer import put_cards
from tests.support.examined import NOW_S, MadeUpBoard, MadeUpMachine

RESPEAKER = load_board("respeaker-2mic-v1")
SIMULATED = load_board("simulated")
OVERLAY = "respeaker-2mic-v1_0"


def test_the_board_is_named_and_how_one_knows(machine: MadeUpMachine) -> None:
    found = checks.board(MadeUpBoard(RESPEAKER), machine, configured="auto")
    assert found.said == "ReSpeaker 2-Mics Pi HAT v1 (respeaker-2mic-v1), found"
    assert checks.board(MadeUpBoard(RESPEAKER), machine, configured=RESPEAKER.name).said.endswith("configured")


def test_no_board_on_a_pi_is_a_failure_and_elsewhere_is_none(machine: MadeUpMachine) -> None:
    simulated = MadeUpBoard(SIMULATED, simulated=True)
    assert checks.board(simulated, machine, configured="auto").status is Status.OK
    machine.put("/proc/device-tree/model", "Raspberry Pi 4 Model B\0")
    assert checks.board(simulated, machine, configured="auto").status is Status.FAILED
    assert checks.board(simulated, machine, configured="simulated").status is Status.OK


def config_txt(machine: MadeUpMachine, text: str, *, folder: str = "/boot/firmware", changed_s: float = 0) -> None:
    machine.put(f"{folder}/config.txt", text)
    machine.put(f"{folder}/overlays/{OVERLAY}.dtbo", "")
    machine.put("/proc/uptime", "1000.0 1.0")
    os.utime(machine.root / folder.lstrip("/") / "config.txt", (changed_s, changed_s))


@pytest.mark.parametrize("folder", ["/boot/firmware", "/boot"])
def test_an_overlay_that_is_loaded_is_well(machine: MadeUpMachine, folder: str) -> None:
    config_txt(machine, f"[pi5]\ndtoverlay=nospi10\n[all]\ndtoverlay={OVERLAY}\n", folder=folder)
    result = checks.overlay(MadeUpBoard(RESPEAKER), machine)
    assert (result.status, result.said) == (Status.OK, f"{OVERLAY}, in {folder}/config.txt")


@pytest.mark.parametrize(
    "text",
    [
        "dtoverlay=vc4-kms-v3d\n",
        f"# dtoverlay={OVERLAY}\n",
        f"[pi5]\ndtoverlay={OVERLAY}\n",
        f"dtoverlay={OVERLAY}x\n",
    ],
)
def test_one_that_is_not_loaded_on_every_pi_is_not(machine: MadeUpMachine, text: str) -> None:
    config_txt(machine, text)
    result = checks.overlay(MadeUpBoard(RESPEAKER), machine)
    assert result.status is Status.FAILED
    assert "setup.sh" in result.remedy


def test_a_card_that_came_by_another_way_is_well(machine: MadeUpMachine) -> None:
    config_txt(machine, "dtparam=audio=on\n")
    put_cards(machine.root, "seeed2micvoicec")
    result = checks.overlay(MadeUpBoard(RESPEAKER), machine)
    assert (result.status, "EEPROM" in result.said) == (Status.OK, True)


def test_one_whose_file_is_missing_is_not(machine: MadeUpMachine) -> None:
    config_txt(machine, f"dtoverlay={OVERLAY}\n")
    (machine.root / f"boot/firmware/overlays/{OVERLAY}.dtbo").unlink()
    result = checks.overlay(MadeUpBoard(RESPEAKER), machine)
    assert (result.status, f"{OVERLAY}.dtbo" in result.said) == (Status.FAILED, True)


def test_one_that_came_after_the_boot_waits_for_the_next(machine: MadeUpMachine) -> None:
    config_txt(machine, f"dtoverlay={OVERLAY}\n", changed_s=NOW_S - 100)
    assert "reboot" in checks.overlay(MadeUpBoard(RESPEAKER), machine).remedy
    config_txt(machine, f"dtoverlay={OVERLAY}\n", changed_s=NOW_S - 1100)
    assert checks.overlay(MadeUpBoard(RESPEAKER), machine).status is Status.OK


def test_without_a_config_txt_nothing_was_seen_and_without_an_overlay_none_is_needed(machine: MadeUpMachine) -> None:
    assert checks.overlay(MadeUpBoard(RESPEAKER), machine).status is Status.UNSEEN
    assert checks.overlay(MadeUpBoard(SIMULATED), machine).status is Status.SKIPPED
    assert RESPEAKER.card is not None
    bare = replace(RESPEAKER, card=replace(RESPEAKER.card, overlay=""))
    assert checks.overlay(MadeUpBoard(bare), machine).status is Status.SKIPPED


def test_overlays_are_read_without_their_parameters() -> None:
    text = "dtoverlay=a,b=1\n[ALL]\ndtoverlay=c:d\ndtoverlay=\n[none]\ndtoverlay=e\n[all]\ndtoverlay=g \n"
    assert checks.overlays(text) == ["a", "c", "g"]


def missing() -> object:
    raise ImportError("No module named 'lgpio'")


@pytest.mark.parametrize(
    ("kind", "conflict", "installed", "status"),
    [
        ("auto", "", True, Status.OK),
        ("auto", "both are installed", True, Status.WARNING),
        ("auto", "", False, Status.FAILED),
        ("rpigpio", "", False, Status.OK),
        ("rpigpio", "both are installed", True, Status.FAILED),
    ],
)
def test_the_library_of_the_pins_and_what_is_in_its_way(
    kind: str, conflict: str, installed: bool, status: Status
) -> None:
    fitted = MadeUpBoard(made_up(button=Button(gpio=17)))
    load = object if installed else missing
    assert checks.pin_library(fitted, kind=kind, conflict=lambda: conflict, load=load).status is status


def test_a_board_without_pins_needs_no_library() -> None:
    fitted = MadeUpBoard(SIMULATED)
    assert checks.pin_library(fitted, kind="auto", conflict=str, load=missing).status is Status.SKIPPED
