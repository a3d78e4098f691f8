import json

import pytest

from talkbox.doctor.check import Check, Fix, Result, Status, failed, ok, skipped, unseen, warning
from talkbox.doctor.lines import as_json, lines, summary
from talkbox.doctor.run import Finding

FIX = Fix(says="opened it", act=lambda: None)


def finding(result: Result, *, title: str = "mixer", fixed: str = "") -> Finding:
    return Finding(check=Check(name=title, title=title, look=lambda: result), result=result, took_s=0.1234, fixed=fixed)


def test_a_line_a_check_in_columns_with_the_remedy_below() -> None:
    told = [*lines(finding(ok("set")), titles=8, color=False)]
    told += lines(finding(failed("shut", "open it")), titles=8, color=False)
    assert told == ["     ok  mixer     set", " failed  mixer     shut", "                   → open it"]


def test_more_lines_stand_below_the_first() -> None:
    told = list(lines(finding(warning("2 differ\na\nb", "set them")), titles=5, color=False))
    assert told == ["warning  mixer  2 differ", "                a", "                b", "                → set them"]


def test_what_was_mended_is_said_first() -> None:
    told = list(lines(finding(ok("open"), fixed="opened it"), titles=5, color=False))
    assert told == ["  fixed  mixer  opened it", "     ok  mixer  open"]


def test_a_result_without_words_is_a_line_all_the_same() -> None:
    assert list(lines(finding(ok("")), titles=5, color=False)) == ["     ok  mixer"]


@pytest.mark.parametrize("result", [ok("a"), warning("a", "b"), failed("a", "b"), unseen("a"), skipped("a")])
def test_color_changes_no_word(result: Result) -> None:
    plain, colored = ("\n".join(lines(finding(result), titles=5, color=color)) for color in (False, True))
    assert "\x1b" not in plain
    assert colored.startswith("\x1b[")
    for code in ("32", "33", "31;1", "36", "2", "1", "0"):
        colored = colored.replace(f"\x1b[{code}m", "")
    assert colored == plain


def test_neither_a_secret_nor_a_control_character_is_shown() -> None:
    result = failed("wss://x/?conversation_signature=abc\x1b[2J", "token=hunter2hunter2")
    told = "\n".join(lines(finding(result), titles=5, color=False))
    assert "abc" not in told
    assert "hunter2" not in told
    assert "\x1b" not in told


def test_the_summary_counts_and_says_what_to_type_next() -> None:
    findings = [finding(result) for result in (ok("a"), ok("a"), failed("a", "b", fix=FIX), unseen("a"))]
    assert list(summary(findings, root=False, fixing=False)) == [
        "4 checks: 2 ok, 1 failed, 1 unseen",
        "`sudo talkbox doctor --fix` mends: mixer",
        "`sudo talkbox doctor` sees more",
    ]
    assert list(summary(findings, root=True, fixing=False))[1:] == ["`talkbox doctor --fix` mends: mixer"]
    assert list(summary(findings, root=True, fixing=True)) == ["4 checks: 2 ok, 1 failed, 1 unseen"]


def test_json_has_everything_and_no_secret() -> None:
    findings = [
        finding(warning("token=hunter2hunter2", "é", fix=FIX, figures={"n": 1.5, "key": "api_key=abcdefgh"})),
        finding(ok("well"), title="other", fixed="opened it"),
    ]
    text = as_json(findings, version="1.2", time="now")
    assert text.isascii()
    assert "hunter2" not in text
    assert "abcdefgh" not in text
    answer = json.loads(text)
    assert (answer["version"], answer["time"], answer["ok"]) == ("1.2", "now", True)
    assert answer["counts"] == {"ok": 1, "warning": 1, "failed": 0, "unseen": 0, "skipped": 0}
    first, second = answer["checks"]
    assert (first["status"], first["remedy"], first["fixable"], first["took_s"]) == ("warning", "é", True, 0.123)
    assert first["figures"]["n"] == 1.5
    assert second["fixed"] == "opened it"


def test_json_says_that_something_failed() -> None:
    assert json.loads(as_json([finding(failed("a", "b"))], version="", time=""))["ok"] is False
    assert Status.FAILED in set(Status)
