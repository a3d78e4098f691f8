import pytest

from talkbox.doctor.check import SUDO, Fix, Result, Status, failed, ok, skipped, unseen, warning

FIX = Fix(says="mended it", act=lambda: None)


@pytest.mark.parametrize(
    ("result", "status"),
    [
        (ok("it is", figures={"n": 1}), Status.OK),
        (warning("it is", "do this", fix=FIX, figures={"n": 1}), Status.WARNING),
        (failed("it is", "do this", fix=FIX, figures={"n": 1}), Status.FAILED),
        (unseen("it is", "do this"), Status.UNSEEN),
        (skipped("it is"), Status.SKIPPED),
    ],
)
def test_each_word_gives_its_status_and_what_was_said(result: Result, status: Status) -> None:
    assert (result.status, result.said) == (status, "it is")


def test_what_is_wrong_has_a_remedy_a_fix_and_figures() -> None:
    for word in (warning, failed):
        result = word("a", "do this", fix=FIX, figures={"n": 1})
        assert (result.remedy, result.fix, result.figures) == ("do this", FIX, {"n": 1})


def test_what_could_not_be_seen_is_seen_by_root() -> None:
    assert unseen("hidden").remedy == SUDO
