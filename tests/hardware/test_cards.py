import errno
from pathlib import Path

import pytest

from talkbox_hardware.cards import SoundCard, find_card, mixer_name, read_cards, wait_for_card
from tests.support.computer import put, put_cards


def test_a_computer_without_sound_has_no_cards(tmp_path: Path) -> None:
    assert read_cards(tmp_path) == ()
    put_cards(tmp_path)
    assert read_cards(tmp_path) == ()


def test_cards_are_read_with_what_they_are_and_can(tmp_path: Path) -> None:
    put_cards(tmp_path, "vc4hdmi0", "Array", usb={"Array": "2886:001a"}, pcms={"vc4hdmi0": "p"})
    assert read_cards(tmp_path) == (
        SoundCard(id="vc4hdmi0", title="name of vc4hdmi0", usb_id=None, captures=False, plays=True),
        SoundCard(id="Array", title="name of Array", usb_id="2886:001a", captures=True, plays=True),
    )


def test_a_card_whose_line_says_little_is_read_all_the_same(tmp_path: Path) -> None:
    put(tmp_path, "proc/asound/cards", " 0 [x              ]: only a driver\n")
    assert read_cards(tmp_path) == (SoundCard(id="x", title="only a driver", usb_id=None, captures=False, plays=False),)


def test_a_card_is_found_by_id_wherever_it_stands(tmp_path: Path) -> None:
    put_cards(tmp_path, "vc4hdmi0", "wm8960soundcard")
    found = find_card(["seeed2micvoicec", "wm8960soundcard"], root=tmp_path)
    assert found is not None
    assert found.capture == found.playback == "hw:CARD=wm8960soundcard,DEV=0"
    assert mixer_name(found.capture_id) == "hw:CARD=wm8960soundcard"
    assert find_card(["seeed2micvoicec"], root=tmp_path) is None


def test_the_likelier_id_is_taken_first(tmp_path: Path) -> None:
    put_cards(tmp_path, "b", "a")
    found = find_card(["a", "b"], root=tmp_path)
    assert found is not None
    assert found.capture_id == "a"


def test_without_ids_the_usb_card_is_meant(tmp_path: Path) -> None:
    put_cards(tmp_path, "seeed2micvoicec", "Device", usb={"Device": "0d8c:0014"})
    found = find_card([], root=tmp_path)
    assert found is not None
    assert (found.capture_id, found.playback_id) == ("Device", "Device")


def test_a_usb_microphone_and_a_usb_loudspeaker_make_a_pair(tmp_path: Path) -> None:
    put_cards(tmp_path, "Mic", "Speaker", usb={"Mic": "1:1", "Speaker": "2:2"}, pcms={"Mic": "c", "Speaker": "p"})
    found = find_card([], root=tmp_path)
    assert found is not None
    assert (found.capture, found.playback) == ("hw:CARD=Mic,DEV=0", "hw:CARD=Speaker,DEV=0")


def test_a_usb_card_that_can_do_both_is_preferred_to_a_webcam(tmp_path: Path) -> None:
    put_cards(tmp_path, "Webcam", "Headset", usb={"Webcam": "1:1", "Headset": "2:2"}, pcms={"Webcam": "c"})
    found = find_card([], root=tmp_path)
    assert found is not None
    assert found.capture_id == "Headset"


def test_of_several_usb_cards_none_is_guessed(tmp_path: Path) -> None:
    put_cards(tmp_path, "One", "Two", usb={"One": "1:1", "Two": "2:2"})
    with pytest.raises(OSError, match="several USB sound cards: One, Two") as raised:
        find_card([], root=tmp_path)
    assert raised.value.errno == errno.EINVAL


@pytest.mark.parametrize("pcms", ["c", "p"])
def test_half_a_usb_card_is_none(pcms: str, tmp_path: Path) -> None:
    put_cards(tmp_path, "Half", usb={"Half": "1:1"}, pcms={"Half": pcms})
    assert find_card([], root=tmp_path) is None


class Clock:
    """Time that passes only while somebody sleeps; at `appears_s`, the card comes."""

    def __init__(self, root: Path, *, appears_s: float) -> None:
        self.now_s = 0.0
        self.root, self.appears_s = root, appears_s

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds
        if self.now_s >= self.appears_s:
            put_cards(self.root, "vc4hdmi0", "late")


def test_a_card_that_is_there_is_not_waited_for(tmp_path: Path) -> None:
    put_cards(tmp_path, "here")
    clock = Clock(tmp_path, appears_s=1)
    assert wait_for_card(["here"], root=tmp_path, clock=clock, sleep=clock.sleep).capture_id == "here"
    assert clock.now_s == 0


def test_a_card_that_probes_late_is_waited_for(tmp_path: Path) -> None:
    clock = Clock(tmp_path, appears_s=7)
    assert wait_for_card(["late"], root=tmp_path, clock=clock, sleep=clock.sleep).capture_id == "late"
    assert 7 <= clock.now_s < 7.5


def test_a_card_that_does_not_come_is_given_up_after_ten_seconds_naming_what_there_is(tmp_path: Path) -> None:
    clock = Clock(tmp_path, appears_s=1)
    with pytest.raises(OSError, match="no sound card a or b within 10 s; there is vc4hdmi0, late") as raised:
        wait_for_card(["a", "b"], root=tmp_path, clock=clock, sleep=clock.sleep)
    assert raised.value.errno == errno.ENODEV
    assert 10 <= clock.now_s < 10.5


def test_a_usb_card_that_does_not_come_is_named_so(tmp_path: Path) -> None:
    clock = Clock(tmp_path, appears_s=99)
    with pytest.raises(OSError, match="no sound card on USB within 1 s; there is none"):
        wait_for_card([], timeout_s=1, root=tmp_path, clock=clock, sleep=clock.sleep)
