"""What the setup script is told of boards."""

from pathlib import Path

import pytest

from provisioning import boards


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    code = boards.main(arguments)
    captured = capsys.readouterr()
    return code, captured.out + captured.err


def test_a_board_says_what_has_to_be_set_up_for_it(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "show", "respeaker-2mic-v1")
    assert code == 0
    assert said.splitlines() == [
        "title=ReSpeaker 2-Mics Pi HAT v1",
        "overlay=respeaker-2mic-v1_0",
        "cards=seeed2micvoicec wm8960soundcard",
        "spi=yes",
    ]
    assert run(capsys, "show", "usb") == (0, "title=any USB sound card\noverlay=\ncards=\nspi=\n")


def test_an_unknown_board_and_one_that_needs_a_module_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "show", "respeaker-2mic-v3")
    assert code == 64
    assert "did you mean respeaker-2mic-v" in said
    code, said = run(capsys, "show", "respeaker-6mic-circular")
    assert code == 64
    assert "documented only" in said


def test_boards_that_need_a_module_are_not_offered(capsys: pytest.CaptureFixture[str]) -> None:
    code, said = run(capsys, "list")
    assert code == 0
    assert "respeaker-2mic-v1=" in said
    assert "respeaker-4mic" not in said


@pytest.mark.parametrize(
    ("addresses", "first", "count"),
    [
        ({boards.WM8960}, "respeaker-2mic-v1", 5),
        ({boards.AIC3104}, "respeaker-2mic-v2", 1),
        ({boards.AIC3104, boards.XMOS}, None, 0),
        ({boards.WM8960, boards.AC108, boards.AC108_TOO}, None, 0),
        (set(), None, 0),
    ],
)
def test_an_address_on_i2c_narrows_the_boards_down(addresses: set[int], first: str | None, count: int) -> None:
    found, seen = boards.by_address(frozenset(addresses))
    assert len(found) == count
    assert (found[0] if found else None) == first
    assert len(seen) == len(addresses)


def test_without_a_bus_nothing_answers(tmp_path: Path) -> None:
    assert boards.probe(tmp_path / "i2c-1") == frozenset()
    (tmp_path / "no-bus").write_bytes(b"")
    assert boards.probe(tmp_path / "no-bus") == frozenset()


def test_the_likeliest_of_several_boards_comes_first(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cards = tmp_path / "proc/asound/cards"
    cards.parent.mkdir(parents=True)
    cards.write_text(
        " 0 [wm8960soundcard]: wm8960-soundcar - wm8960-soundcard\n                      wm8960-soundcard\n"
    )
    code, said = run(capsys, "detect", str(tmp_path))
    assert code == 0
    assert said.splitlines()[0].startswith("candidates=respeaker-2mic-v1 ")
