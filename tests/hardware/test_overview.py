from pathlib import Path

from talkbox_hardware import overview
from talkbox_hardware.board import Fact, load_boards, parse_board

README = Path(overview.__file__).parent.parent / "README.md"
BEGIN, END = "<!-- boards: made by `python -m talkbox_hardware.overview` -->\n", "\n<!-- boards: end -->"
ARRAY = """
title = "An array"
tier = 3
[card]
ids = ["array"]
formats = ["S32_LE"]
rates_hz = [16000]
channels = [4]
speaker_channel = "none"
hardware_aec = true
[leds]
driver = "apa102-spi"
count = 12
data_gpio = 10
clock_gpio = 11
power_gpio = 5
[encoder]
a_gpio = 12
b_gpio = 13
[detection]
[[facts]]
statement = "a | b"
source = "c"
sureness = "one report"
[[facts]]
statement = "d"
source = "e"
sureness = "verified"
"""


def test_the_readme_has_the_table_of_these_board_files() -> None:
    told = README.read_text("utf-8").split(BEGIN)[1].split(END)[0]
    assert told == overview.markdown(load_boards()), "a board file was edited: put the output of overview there"


def test_every_board_has_its_row_and_every_fact_is_told() -> None:
    boards = load_boards()
    told = overview.markdown(boards)
    for board in boards.values():
        assert f"| `{board.name}` | {board.title} | {board.tier} |" in told
        for fact in board.facts:
            assert f"{overview.MARKS[fact.sureness]} {fact.statement} ({fact.source})" in told


def test_a_row_says_what_the_board_has_and_lacks() -> None:
    told = overview.markdown({"array": parse_board("array", ARRAY.encode())})
    row = told.splitlines()[2]
    assert row == (
        "| `array` | An array | 3 | `array`, no loudspeaker | the board's | 12 apa102-spi, GPIO10 and 11, power 5 |  "
        "| 12, 13, – | 1✓ 1? |"
    )
    assert "* ✓ d (e)\n* ? a | b (c)" in told


def test_the_best_supported_boards_come_first() -> None:
    told = overview.markdown(load_boards())
    tiers = [line.split("|")[3].strip() for line in told.splitlines() if line.startswith("| `")][1:]
    assert tiers == sorted(tiers)


def test_every_sureness_has_its_mark() -> None:
    assert overview.MARKS.keys() == set(overview.SURENESS)
    assert all(isinstance(fact, Fact) for board in load_boards().values() for fact in board.facts)
