from collections.abc import Iterable
from dataclasses import replace

import pytest

from talkbox.doctor import card as checks
from talkbox.doctor.check import Status
from talkbox_hardware.board import Control, load_board
from talkbox_hardware.mixer import Differs, Missing
from tests.support.computer import put_cards
from tests.support.examined import MadeUpBoard, MadeUpMachine

RESPEAKER, USB, SIMULATED = load_board("respeaker-2mic-v1"), load_board("usb"), load_board("simulated")
CARD = "seeed2micvoicec"


def cards(machine: MadeUpMachine, *names: str, usb: dict[str, str] | None = None) -> None:
    put_cards(machine.root, *names, usb=usb)
    for index, name in enumerate(names):
        machine.put(f"/proc/asound/card{index}/id", f"{name}\n")


def opened(machine: MadeUpMachine, card: int, direction: str, thread: int) -> None:
    text = f"state: RUNNING\nowner_pid   : {thread}\ntrigger_time: 1\n" if thread else "closed\n"
    machine.put(f"/proc/asound/card{card}/pcm0{direction}/sub0/status", text)


def process(machine: MadeUpMachine, pid: int, name: str, *, threads: tuple[int, ...] = (), cmdline: str = "") -> None:
    machine.put(f"/proc/{pid}/comm", f"{name}\n")
    machine.put(f"/proc/{pid}/cmdline", cmdline)
    for thread in (pid, *threads):
        machine.put(f"/proc/{thread}/status", f"Name:\tthread\nUmask:\t0022\nTgid:\t{pid}\nPid:\t{thread}\n")


def test_the_board_s_card_is_there(machine: MadeUpMachine) -> None:
    cards(machine, "vc4hdmi", CARD)
    result = checks.card(MadeUpBoard(RESPEAKER), machine)
    assert (result.status, result.said) == (Status.OK, CARD)


def test_one_that_is_not_is_named_with_those_that_are(machine: MadeUpMachine) -> None:
    cards(machine, "vc4hdmi")
    result = checks.card(MadeUpBoard(RESPEAKER), machine)
    assert result.status is Status.FAILED
    assert result.said == "no card seeed2micvoicec or wm8960soundcard; there is vc4hdmi (name of vc4hdmi)"
    assert "seat the board" in result.remedy


def test_on_usb_it_is_to_be_plugged_in_and_several_have_to_be_named(machine: MadeUpMachine) -> None:
    assert checks.card(MadeUpBoard(USB), machine).remedy == "plug it in"
    cards(machine, "A", "B", usb={"A": "1:2", "B": "3:4"})
    result = checks.card(MadeUpBoard(USB), machine)
    assert (result.status, "audio.capture" in result.remedy) == (Status.FAILED, True)


def test_a_pair_on_usb_is_two_cards(machine: MadeUpMachine) -> None:
    put_cards(machine.root, "Mic", "Box", usb={"Mic": "1:2", "Box": "3:4"}, pcms={"Mic": "c", "Box": "p"})
    assert checks.card(MadeUpBoard(USB), machine).said == "Box and Mic"


def test_a_board_without_a_card_has_none_to_look_for(machine: MadeUpMachine) -> None:
    assert checks.card(MadeUpBoard(SIMULATED), machine).status is Status.SKIPPED
    assert checks.holder(MadeUpBoard(SIMULATED), machine).status is Status.SKIPPED
    assert checks.mixer_state(MadeUpBoard(SIMULATED), machine).status is Status.SKIPPED


def test_a_card_that_nobody_has_is_free(machine: MadeUpMachine) -> None:
    cards(machine, "vc4hdmi", CARD)
    opened(machine, 1, "c", 0)
    opened(machine, 0, "p", 812)  # of another card
    assert checks.holder(MadeUpBoard(RESPEAKER), machine).said == "nobody: it is free"


def test_one_that_the_device_has_is_in_good_hands_whatever_its_thread_is_called(machine: MadeUpMachine) -> None:
    cards(machine, CARD)
    opened(machine, 0, "c", 901)
    opened(machine, 0, "p", 902)
    process(machine, 900, "talkbox", threads=(901, 902))
    result = checks.holder(MadeUpBoard(RESPEAKER), machine)
    assert result.status is Status.OK
    assert result.said.startswith("talkbox (900) has the microphone, talkbox (900) has the loudspeaker")
    assert result.figures == {"microphone_pid": 900, "loudspeaker_pid": 900}


def test_a_program_that_python_runs_is_named_by_what_it_is(machine: MadeUpMachine) -> None:
    cards(machine, CARD)
    opened(machine, 0, "c", 900)
    process(machine, 900, "python3", cmdline="/usr/bin/python3\0-m\0talkbox\0run\0")
    assert checks.holder(MadeUpBoard(RESPEAKER), machine).status is Status.OK
    process(machine, 900, "python3", cmdline="/usr/bin/python3\0assistant.py\0")
    assert "python3 (900)" in checks.holder(MadeUpBoard(RESPEAKER), machine).said


@pytest.mark.parametrize(("name", "remedy"), [("pipewire", "Lite"), ("arecord", "kill 900")])
def test_a_stranger_who_has_it_is_named_with_how_to_stop_him(machine: MadeUpMachine, name: str, remedy: str) -> None:
    cards(machine, CARD)
    opened(machine, 0, "p", 900)
    process(machine, 900, name)
    result = checks.holder(MadeUpBoard(RESPEAKER), machine)
    assert result.status is Status.FAILED
    assert f"{name} (900) has the loudspeaker" in result.said
    assert remedy in result.remedy


def test_one_who_cannot_be_seen_is_known_by_number(machine: MadeUpMachine) -> None:
    cards(machine, CARD)
    opened(machine, 0, "p", 900)
    assert "a program that cannot be seen (900)" in checks.holder(MadeUpBoard(RESPEAKER), machine).said


class Mixer:
    """Controls that read as `found`, until they are set."""

    def __init__(self, *found: Missing | Differs) -> None:
        self.found, self.device, self.wrote = found, "", 0

    def read(self, device: str, controls: Iterable[Control]) -> tuple[Missing | Differs, ...]:
        assert list(controls)
        self.device = device
        return self.found

    def write(self, device: str, controls: Iterable[Control]) -> tuple[Missing | Differs, ...]:
        assert device == self.device
        self.wrote = len(list(controls))
        self.found = ()
        return ()


VOLUME = Control(name="Capture Volume", value=39)


def test_a_mixer_that_is_as_it_should_be(machine: MadeUpMachine) -> None:
    cards(machine, CARD)
    mixer = Mixer()
    result = checks.mixer_state(MadeUpBoard(RESPEAKER), machine, read=mixer.read, write=mixer.write)
    assert (result.status, mixer.device, mixer.wrote) == (Status.OK, f"hw:CARD={CARD}", 0)


def test_one_that_is_not_says_which_controls_and_is_set_only_by_a_fix(machine: MadeUpMachine) -> None:
    cards(machine, CARD)
    mixer = Mixer(Differs(control=VOLUME, found=(0, 0)), Missing(control=VOLUME))
    result = checks.mixer_state(MadeUpBoard(RESPEAKER), machine, read=mixer.read, write=mixer.write)
    assert result.status is Status.FAILED
    assert "control 'Capture Volume' is 0, not 39" in result.said
    assert (result.figures["different"], result.figures["missing"], mixer.wrote) == (1, 1, 0)
    assert result.fix is not None
    result.fix.act()
    assert mixer.wrote == result.figures["controls"]


def test_controls_that_the_driver_does_not_have_are_a_warning(machine: MadeUpMachine) -> None:
    cards(machine, CARD)
    mixer = Mixer(Missing(control=VOLUME))
    result = checks.mixer_state(MadeUpBoard(RESPEAKER), machine, read=mixer.read, write=mixer.write)
    assert (result.status, result.fix) == (Status.WARNING, None)


def test_a_card_without_a_profile_is_left_alone(machine: MadeUpMachine) -> None:
    assert RESPEAKER.card is not None
    cards(machine, CARD)
    bare = replace(RESPEAKER, card=replace(RESPEAKER.card, mixer=(), ceiling=()))
    assert checks.mixer_state(MadeUpBoard(bare), machine).status is Status.SKIPPED
