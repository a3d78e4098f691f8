import pytest

from talkbox_hardware.board import load_boards
from talkbox_hardware.describe import describe
from talkbox_hardware.detect import Verdict

BOARDS = load_boards()
NONE = Verdict(board=None, candidates=(), reasons=("nothing that was seen belongs to a board",))


def test_a_verdict_comes_with_its_reasons() -> None:
    verdict = Verdict(board="usb", candidates=("usb",), reasons=("one", "two"))
    assert describe(verdict) == "found: usb\n  one\n  two"
    assert describe(NONE) == "found: no board\n  nothing that was seen belongs to a board"


def test_an_ambiguous_board_comes_with_what_to_do() -> None:
    said = describe(Verdict(board=None, candidates=("a", "b"), reasons=("one",))).splitlines()
    assert said == ["ambiguous: a, b", '  say which: hardware.board = "a"', "  one"]


def test_a_board_is_described_in_full() -> None:
    said = describe(NONE, BOARDS["respeaker-2mic-v1"]).splitlines()[3:]
    assert said[:9] == [
        "respeaker-2mic-v1: ReSpeaker 2-Mics Pi HAT v1 (tier 1: made for it)",
        "  card      seeed2micvoicec or wm8960soundcard; 48000 Hz, 16000 Hz; S16_LE, S32_LE; channels 2",
        "  speaker   right; echo canceled by Talkbox",
        "  overlay   respeaker-2mic-v1_0",
        "  leds      3 apa102-spi, data GPIO10, clock GPIO11",
        "  button    GPIO17, low when pressed",
        "  encoder   A GPIO12, B GPIO13, switch GPIO26",
        "  never     GPIO2, GPIO3, GPIO7, GPIO8, GPIO9, GPIO18, GPIO19, GPIO20, GPIO21",
        "  known, from whom, and how surely:",
    ]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("codec-zero", "  leds      2 plain on GPIO23, GPIO24"),
        ("respeaker-4mic-array", "  leds      12 apa102-spi, data GPIO10, clock GPIO11, power GPIO5"),
        ("usb", "  card      whichever is on USB; 48000 Hz, 16000 Hz; S16_LE, S32_LE; channels 2, 1"),
        ("respeaker-lite", "  speaker   both; echo canceled by the board"),
    ],
)
def test_what_a_board_has_of_its_own_is_said(name: str, line: str) -> None:
    assert line in describe(NONE, BOARDS[name]).splitlines()


@pytest.mark.parametrize("name", BOARDS)
def test_every_fact_is_told_with_its_source(name: str) -> None:
    said = describe(NONE, BOARDS[name])
    for fact in BOARDS[name].facts:
        assert f"    {fact.statement}\n      {fact.sureness}: {fact.source}" in said
