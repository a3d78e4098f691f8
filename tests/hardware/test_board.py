import re
import tomllib
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import talkbox_hardware
from talkbox_hardware.board import Board, BoardError, Button, Control, board_names, load_board, load_boards, parse_board

BOARDS = load_boards()
FOLDER = Path(str(files(talkbox_hardware))) / "boards"
TIER_1 = {
    "respeaker-2mic-v1",
    "respeaker-2mic-v2",
    "keyestudio-ks0314",
    "adafruit-voice-bonnet",
    "waveshare-wm8960",
    "respeaker-usb-4mic",
    "respeaker-xvf3800",
    "respeaker-lite",
    "simulated",
    "usb",
}
MINIMAL = """
title = "t"
tier = 1
[detection]
[[facts]]
statement = "s"
source = "s"
sureness = "unknown"
"""


def problems(extra: str, base: str = MINIMAL) -> list[str]:
    with pytest.raises(BoardError) as raised:
        parse_board("b", (extra + base).encode())
    return str(raised.value).splitlines()


def test_all_boards_that_were_promised_are_there() -> None:
    tiers = {name: board.tier for name, board in BOARDS.items()}
    assert {name for name, tier in tiers.items() if tier == 1} == TIER_1
    assert {name for name, tier in tiers.items() if tier == 2} == {"codec-zero", "aiy-voice-hat"}
    assert {name for name, tier in tiers.items() if tier == 3} == {
        "respeaker-4mic-array",
        "respeaker-4mic-linear",
        "respeaker-6mic-circular",
    }


def test_a_board_is_named_after_its_file() -> None:
    assert tuple(BOARDS) == board_names() == tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
    assert all(board.name == name for name, board in BOARDS.items())


def test_the_first_respeaker_is_what_its_schematic_says() -> None:
    board = load_board("respeaker-2mic-v1")
    assert board.button == Button(gpio=17, active_low=True, pull="none")
    assert board.leds is not None
    assert (board.leds.driver, board.leds.count, board.leds.data_gpio, board.leds.clock_gpio) == (
        "apa102-spi",
        3,
        10,
        11,
    )
    assert board.leds.power_gpio is None
    assert board.card is not None
    assert (board.card.ids, board.card.speaker_channel) == (("seeed2micvoicec", "wm8960soundcard"), "right")


def test_the_profile_sets_the_loudness_before_it_lets_it_out() -> None:
    card = load_board("respeaker-2mic-v1").card
    assert card is not None
    assert card.profile[: len(card.ceiling)] == card.ceiling
    assert Control(name="Speaker Playback Volume", value=121) in card.profile
    assert Control(name="Left Output Mixer PCM Playback Switch", value=True) in card.profile


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_no_control_is_set_twice(board: Board) -> None:
    names = [control.name for control in board.card.profile] if board.card else []
    assert len(names) == len(set(names))


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_board_on_i2s_keeps_its_pins(board: Board) -> None:
    on_header = board.card is not None and not (
        board.detection.usb_ids or board.detection.usb_products or board.detection.any_usb_card
    )
    assert not on_header or {18, 19, 20, 21} <= set(board.forbidden_gpios)


@pytest.mark.parametrize("board", [board for board in BOARDS.values() if board.tier < 3], ids=lambda board: board.name)
def test_a_board_that_runs_can_play_at_one_of_our_rates(board: Board) -> None:
    assert board.card is None or (
        set(board.card.rates_hz) & {16_000, 48_000}
        and board.card.speaker_channel != "none"
        and 2 in board.card.channels
    )


def keys(table: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from keys(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


@pytest.mark.parametrize("name", BOARDS)
def test_every_key_of_a_file_has_a_fact_behind_it_and_every_fact_a_key(name: str) -> None:
    table = tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))
    said = [key for key in keys(table) if key not in {"title", "tier", "facts"}]
    facts = [about for fact in BOARDS[name].facts for about in fact.about]
    assert [key for key in said if not any(f"{key}.".startswith(f"{about}.") for about in facts)] == []
    sections = {key.rpartition(".")[0] for key in said} | {*table}
    assert [about for about in facts if about not in said and about.partition(".")[0] not in sections] == []


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_a_fact_that_is_sure_has_a_source(board: Board) -> None:
    for fact in board.facts:
        assert fact.statement
        assert (fact.source == "none found") <= (fact.sureness == "unknown")
        assert not re.search(r"hardware\.md|field project", fact.source)


def test_a_board_that_does_not_exist_is_an_error_that_lists_those_that_do() -> None:
    with pytest.raises(BoardError, match=r"no board '../x'; there are .*respeaker-2mic-v1"):
        load_board("../x")


def test_the_least_a_board_needs() -> None:
    board = parse_board("b", MINIMAL.encode())
    assert (board.name, board.card, board.leds, board.button, board.encoder) == ("b", None, None, None, None)
    assert board.own_gpios == ()


@pytest.mark.parametrize(
    ("extra", "problem"),
    [
        ("forbidden_gpios = [28]", "forbidden_gpios[0] must be a whole number, 0..27, not 28"),
        ("forbidden_gpios = [17]\nbutton = {gpio = 17}", "button.gpio is GPIO17, which forbidden_gpios has"),
        ("button = {gpio = 5}\nencoder = {a_gpio = 5, b_gpio = 6}", "GPIO5 is used twice: button.gpio, encoder.a_gpio"),
        ("encoder = {a_gpio = 5, b_gpio = 5}", "GPIO5 is used twice: encoder.a_gpio, encoder.b_gpio"),
        (
            'leds = {driver = "apa102-spi", count = 3}',
            "leds.driver apa102-spi needs leds.data_gpio and leds.clock_gpio",
        ),
        ('leds = {driver = "plain", count = 2, gpios = [1]}', "leds.gpios must name 2 pins, one for each LED, not 1"),
        ('leds = {driver = "plain", count = 0}', "leds.count must be a whole number, 1..64, not 0"),
        ("buttons = {gpio = 5}", "buttons is unknown; did you mean button?"),
    ],
)
def test_what_cannot_be_is_named(extra: str, problem: str) -> None:
    assert f"board b: {problem}" in problems(f"{extra}\n")


def test_a_card_that_has_nothing_is_named() -> None:
    card = """[card]
ids = []
formats = []
rates_hz = []
channels = []
speaker_channel = "both"
hardware_aec = false
"""
    assert problems("", MINIMAL + card) == [
        f"board b: card.{name} is empty" for name in ("formats", "rates_hz", "channels")
    ]


def test_a_usb_id_looks_like_one_and_a_board_needs_facts() -> None:
    found = problems("", 'title = "t"\ntier = 1\nfacts = []\n[detection]\nusb_ids = ["2886:18"]\n')
    assert found == [
        "board b: detection.usb_ids must be like \"2886:0018\", not '2886:18'",
        "board b: facts is empty",
    ]


def test_what_is_no_toml_is_said_once() -> None:
    assert problems("", "title =")[0].startswith("board b: not TOML: ")
    with pytest.raises(BoardError, match="board b: not UTF-8 at byte 1"):
        parse_board("b", b"a\xff")


def test_a_deeply_nested_file_is_an_error_like_any_other() -> None:
    assert "not TOML" in problems("", "a = " + "[" * 20_000)[0]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)
_TABLES = st.dictionaries(
    st.sampled_from([*Board.__dataclass_fields__, "gpio", "x"]),
    _VALUES
    | st.dictionaries(
        st.sampled_from(["driver", "count", "gpio", "gpios", "a_gpio", "b_gpio", "ids", "formats", "usb_ids", "mixer"]),
        _VALUES | st.lists(st.sampled_from([0, 5, 27, 28, "S16_LE", "plain", "2886:0018"]), max_size=3),
        max_size=6,
    ),
)


def as_toml(value: object) -> str:
    match value:
        case None:
            return '""'
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(letter):08x}" for letter in value) + '"'
        case dict():
            return "{" + ", ".join(f"{as_toml(str(name))} = {as_toml(item)}" for name, item in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_toml, value)) + "]"
        case _:
            return repr(value)


def board_or_problems(name: str, content: bytes) -> Board | list[str]:
    """Give what `parse_board` gives; anything else it raises is the test's failure."""
    try:
        return parse_board(name, content)
    except BoardError as error:
        return str(error).splitlines()


@given(content=st.binary(max_size=200))
def test_any_bytes_are_a_board_or_a_board_error(content: bytes) -> None:
    result = board_or_problems("b", content)
    assert isinstance(result, Board) or result[0].startswith("board b: ")


@settings(max_examples=40)
@given(table=_TABLES)
def test_any_toml_is_a_board_or_a_board_error(table: dict[str, object]) -> None:
    content = "\n".join(f"{name} = {as_toml(value)}" for name, value in table.items())
    result = board_or_problems("b", content.encode("utf-8", "replace"))
    assert isinstance(result, Board) or result[0].startswith("board b: ")


@given(
    name=st.sampled_from(sorted(BOARDS)),
    line=st.integers(min_value=0, max_value=400),
    replacement=st.text(alphabet='[]{}="a0 .#', max_size=20),
)
def test_a_board_file_with_a_broken_line_is_a_board_or_a_board_error(name: str, line: int, replacement: str) -> None:
    lines = (FOLDER / f"{name}.toml").read_text("utf-8").splitlines()
    lines[line % len(lines)] = replacement
    result = board_or_problems(name, "\n".join(lines).encode())
    assert isinstance(result, Board) or all(one.startswith(f"board {name}: ") for one in result)


def test_the_boards_are_reported_together(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "boards").mkdir()
    for name in ("one", "two"):
        (tmp_path / "boards" / f"{name}.toml").write_text("tier = 4")
    (tmp_path / "boards" / "README.md").write_text("no board")
    monkeypatch.setattr("talkbox_hardware.board.files", lambda _package: tmp_path)
    with pytest.raises(BoardError) as raised:
        load_boards()
    said = str(raised.value).splitlines()
    assert "board one: tier must be 1 or 2 or 3, not 4" in said
    assert "board two: title is missing" in said
