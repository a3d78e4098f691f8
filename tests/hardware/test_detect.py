from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talkbox_hardware.board import load_boards
from talkbox_hardware.detect import Verdict, detect, wait_for_board
from tests.support.computer import put, put_cards

BOARDS = load_boards()
V1 = "respeaker-2mic-v1"
WM8960 = {V1, "keyestudio-ks0314", "adafruit-voice-bonnet", "waveshare-wm8960"}


def overlay(root: Path, text: str) -> None:
    put(root, "proc/device-tree/hardware", f"{text}\0")


def chip(root: Path, address: str, name: str) -> None:
    put(root, f"sys/bus/i2c/devices/1-{address}/name", f"{name}\n")


def eeprom(root: Path, product: str, number: str = "0x0000") -> None:
    put(root, "proc/device-tree/hat/product", f"{product}\0")
    put(root, "proc/device-tree/hat/product_id", f"{number}\0")


def usb(root: Path, place: str, vendor: str, product_id: str, product: str) -> None:
    for name, text in (("idVendor", vendor), ("idProduct", product_id), ("product", product)):
        put(root, f"sys/bus/usb/devices/{place}/{name}", f"{text}\n")


def respeaker_v1(root: Path) -> None:
    put_cards(root, "vc4hdmi0", "seeed2micvoicec")
    overlay(root, "reSpeaker V1.0")
    chip(root, "001a", "wm8960")


def respeaker_v2(root: Path) -> None:
    put_cards(root, "seeed2micvoicec")
    overlay(root, "reSpeaker V2.0")
    chip(root, "0018", "tlv320aic3104")


def respeaker_v2_without_seeeds_overlay(root: Path) -> None:
    put_cards(root, "seeed2micvoicec")
    chip(root, "0018", "tlv320aic3104")


def codec_zero(root: Path) -> None:
    eeprom(root, "Pi Codec Zero")
    put_cards(root, "Zero")
    chip(root, "001a", "da7212")


def black_iqaudio_codec(root: Path) -> None:
    put_cards(root, "IQaudIOCODEC")


def aiy(root: Path) -> None:
    eeprom(root, "AIY Voice HAT Board", "0x0001")
    put_cards(root, "sndrpigooglevoi")


def xvf3000(root: Path) -> None:
    put_cards(root, "vc4hdmi0", "ArrayUAC10", usb={"ArrayUAC10": "2886:0018"})
    usb(root, "1-1", "2886", "0018", "ReSpeaker 4 Mic Array (UAC1.0)")


def xvf3800(root: Path) -> None:
    put_cards(root, "Array", usb={"Array": "2886:001a"})


def xvf3800_before_its_driver(root: Path) -> None:
    usb(root, "1-1.2", "2886", "001a", "reSpeaker XVF3800 4-Mic Array")


def lite(root: Path) -> None:
    put_cards(root, "Lite", usb={"Lite": "2886:0019"})
    usb(root, "1-1", "2886", "0019", "ReSpeaker Lite")


def four_microphones(root: Path) -> None:
    put_cards(root, "seeed4micvoicec")
    chip(root, "003b", "ac108_0")


def some_headset(root: Path) -> None:
    put_cards(root, "Device", usb={"Device": "0d8c:0014"})
    usb(root, "1-1", "0d8c", "0014", "USB Audio Device")


@pytest.mark.parametrize(
    ("computer", "board"),
    [
        (respeaker_v1, V1),
        (respeaker_v2, "respeaker-2mic-v2"),
        (respeaker_v2_without_seeeds_overlay, "respeaker-2mic-v2"),
        (codec_zero, "codec-zero"),
        (black_iqaudio_codec, "codec-zero"),
        (aiy, "aiy-voice-hat"),
        (xvf3000, "respeaker-usb-4mic"),
        (xvf3800, "respeaker-xvf3800"),
        (xvf3800_before_its_driver, "respeaker-xvf3800"),
        (lite, "respeaker-lite"),
        (four_microphones, "respeaker-4mic-array"),
        (some_headset, "usb"),
    ],
)
def test_a_board_is_known_by_what_is_seen(computer: Callable[[Path], None], board: str, tmp_path: Path) -> None:
    computer(tmp_path)
    verdict = detect(tmp_path, BOARDS)
    assert (verdict.board, verdict.candidates) == (board, (board,))
    assert any(board in reason for reason in verdict.reasons)


def test_a_computer_with_nothing_has_no_board_and_says_so(tmp_path: Path) -> None:
    assert detect(tmp_path) == Verdict(board=None, candidates=(), reasons=("nothing that was seen belongs to a board",))


def test_a_card_that_is_no_boards_is_no_board(tmp_path: Path) -> None:
    put_cards(tmp_path, "vc4hdmi0")
    verdict = detect(tmp_path, BOARDS)
    assert (verdict.board, verdict.candidates) == (None, ())
    assert verdict.reasons[0] == "sound card vc4hdmi0 (name of vc4hdmi0): no board of ours"


def test_relatives_with_the_kernels_overlay_cannot_be_told_apart_and_none_is_guessed(tmp_path: Path) -> None:
    put_cards(tmp_path, "wm8960soundcard")
    chip(tmp_path, "001a", "wm8960")
    verdict = detect(tmp_path, BOARDS)
    assert verdict.board is None
    assert set(verdict.candidates) == WM8960


def test_where_only_the_overlay_tells_the_board_its_relatives_are_named(tmp_path: Path) -> None:
    respeaker_v1(tmp_path)
    assert detect(tmp_path, BOARDS).reasons[-1] == (
        "only the overlay says that it is not adafruit-voice-bonnet, keyestudio-ks0314: if it is, set hardware.board"
    )


def test_the_chip_tells_the_versions_of_the_respeaker_apart(tmp_path: Path) -> None:
    put_cards(tmp_path, "seeed2micvoicec")
    chip(tmp_path, "001a", "wm8960")
    assert set(detect(tmp_path, BOARDS).candidates) == WM8960 - {"waveshare-wm8960"}


def test_an_address_with_another_chip_is_no_evidence(tmp_path: Path) -> None:
    chip(tmp_path, "0018", "lis3dh")
    chip(tmp_path, "001a", "da7212")
    assert detect(tmp_path, BOARDS).candidates == ("codec-zero",)


def test_a_chip_on_another_bus_is_no_evidence(tmp_path: Path) -> None:
    put(tmp_path, "sys/bus/i2c/devices/10-0018/name", "tlv320aic3104")
    put(tmp_path, "sys/bus/i2c/devices/i2c-1/name", "bcm2835")
    put(tmp_path, "sys/bus/i2c/devices/1-nonsense/name", "tlv320aic3104")
    assert detect(tmp_path, BOARDS).candidates == ()


def test_kits_with_more_chips_are_not_taken_for_the_board_with_one_of_them(tmp_path: Path) -> None:
    for address, name in (("001a", "ac101"), ("0035", "ac108_1"), ("003b", "ac108_0")):
        chip(tmp_path, address, name)
    verdict = detect(tmp_path, BOARDS)
    assert (verdict.board, verdict.candidates) == (None, ("respeaker-4mic-linear", "respeaker-6mic-circular"))


def test_what_contradicts_itself_leaves_everything_open(tmp_path: Path) -> None:
    respeaker_v1(tmp_path)
    eeprom(tmp_path, "Pi Codec Zero")
    verdict = detect(tmp_path, BOARDS)
    assert verdict.board is None
    assert {V1, "codec-zero"} <= set(verdict.candidates)


def test_a_hat_and_a_usb_board_are_two_boards(tmp_path: Path) -> None:
    respeaker_v2(tmp_path)
    xvf3800_before_its_driver(tmp_path)
    verdict = detect(tmp_path, BOARDS)
    assert (verdict.board, verdict.candidates) == (None, ("respeaker-2mic-v2", "respeaker-xvf3800"))


def test_a_hat_beside_a_webcam_is_the_board(tmp_path: Path) -> None:
    put_cards(tmp_path, "seeed2micvoicec", "Webcam", usb={"Webcam": "046d:0825"}, pcms={"Webcam": "c"})
    overlay(tmp_path, "reSpeaker V2.0")
    assert detect(tmp_path, BOARDS).board == "respeaker-2mic-v2"


def test_a_usb_card_that_only_has_a_boards_name_is_any_usb_card(tmp_path: Path) -> None:
    put_cards(tmp_path, "Array", usb={"Array": "1234:5678"})
    verdict = detect(tmp_path, BOARDS)
    assert verdict.board == "usb"
    assert verdict.reasons[-1] == "no other board, and a sound card on USB, name of Array: usb"


def test_googles_overlay_without_googles_eeprom_is_not_its_hat(tmp_path: Path) -> None:
    put_cards(tmp_path, "sndrpigooglevoi")
    assert detect(tmp_path, BOARDS).candidates == ()


@pytest.mark.parametrize("number", ["0x0003", "nonsense"])
def test_another_board_of_googles_is_not_its_hat(number: str, tmp_path: Path) -> None:
    eeprom(tmp_path, "AIY Voice Bonnet", number)
    verdict = detect(tmp_path, BOARDS)
    assert verdict.candidates == ()
    assert verdict.reasons[0] == "EEPROM of the HAT says 'AIY Voice Bonnet': no board of ours"


class Boot:
    """Time that passes only while somebody sleeps; after 3 s, the board's drivers have bound."""

    def __init__(self, root: Path) -> None:
        self.now_s, self._root = 0.0, root

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        if self.now_s < 3 <= self.now_s + seconds:
            respeaker_v1(self._root)
        self.now_s += seconds


def test_a_board_whose_drivers_bind_late_is_waited_for_and_not_an_instant_longer(tmp_path: Path) -> None:
    boot = Boot(tmp_path)
    verdict = wait_for_board(10, root=tmp_path, boards=BOARDS, clock=boot, sleep=boot.sleep)
    assert verdict.board == "respeaker-2mic-v1"
    assert 3 <= boot.now_s < 3.5


def test_where_no_board_comes_that_is_the_verdict_after_a_while(tmp_path: Path) -> None:
    boot = Boot(tmp_path)
    assert wait_for_board(2, root=tmp_path, boards=BOARDS, clock=boot, sleep=boot.sleep).board is None
    assert 2 <= boot.now_s < 2.5


def test_nothing_is_written(tmp_path: Path) -> None:
    respeaker_v1(tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    detect(tmp_path, BOARDS)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


FILES = [
    "proc/asound/cards",
    "proc/asound/card0/usbid",
    "proc/device-tree/hat/product",
    "proc/device-tree/hat/product_id",
    "proc/device-tree/hardware",
    "sys/bus/i2c/devices/1-001a/name",
    "sys/bus/usb/devices/1-1/idVendor",
]
_CONTENT = st.binary(max_size=30) | st.sampled_from([b" 0 [Zero           ]: x - y\n", b"wm8960\n", b"AIY\0", b"2886"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(contents=st.lists(st.none() | _CONTENT, min_size=len(FILES), max_size=len(FILES)))
def test_whatever_the_files_say_the_verdict_is_one_board_or_none(contents: list[bytes | None], tmp_path: Path) -> None:
    for path, content in zip(FILES, contents, strict=True):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).unlink(missing_ok=True)
        if content is not None:
            (tmp_path / path).write_bytes(content)
    verdict = detect(tmp_path, BOARDS)
    assert (verdict.board is not None) == (len(verdict.candidates) == 1)
    assert set(verdict.candidates) <= set(BOARDS)
    assert verdict.reasons
