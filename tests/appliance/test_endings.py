import pytest

from talkbox.appliance.endings import Ending, ending
from talkbox.errors import TalkboxError


def end(result: str, code: str = "", status: str = "") -> Ending | None:
    return ending({"SERVICE_RESULT": result, "EXIT_CODE": code, "EXIT_STATUS": status})


def all_errors(kind: type[TalkboxError] = TalkboxError) -> set[int]:
    return {kind.exit_code} | {code for child in kind.__subclasses__() for code in all_errors(child)}


@pytest.mark.parametrize(("code", "status"), [("exited", "0"), ("killed", "TERM")])
def test_a_good_end_is_not_worth_a_word(code: str, status: str) -> None:
    assert end("success", code, status) is None


def test_outside_systemd_nothing_is_known() -> None:
    assert ending({}) is None


@pytest.mark.parametrize(
    ("result", "code", "status", "text", "hint"),
    [
        ("watchdog", "killed", "ABRT", "its watchdog ended it", "talkbox report"),
        ("watchdog", "dumped", "ABRT", "its watchdog ended it", "talkbox report"),
        ("signal", "killed", "KILL", "killed from outside", "oom"),
        ("core-dump", "dumped", "SEGV", "crashed", "bug report"),
        ("signal", "killed", "USR1", "signal USR1 ended it", "journalctl"),
        ("oom-kill", "killed", "KILL", "memory ran out", "MemoryMax="),
        ("timeout", "killed", "KILL", "too long", "journalctl"),
        ("protocol", "exited", "0", "before it was ready", "journalctl"),
        ("resources", "", "", "nothing to start it with", "systemctl status"),
        ("exit-code", "exited", "78", "configuration cannot be used", "talkbox.toml"),
        ("exit-code", "exited", "70", "bug", "talkbox report"),
        ("exit-code", "exited", "69", "not installed", "setup.sh"),
        ("exit-code", "exited", "74", "cannot be used", "doctor"),
        ("exit-code", "exited", "73", "control socket", "pgrep"),
        ("exit-code", "exited", "3", "ended with status 3", "journalctl"),
        ("exit-code", "exited", "", "no more than that", "journalctl"),
        ("of-the-future", "exited", "1", "no more than that", "journalctl"),
    ],
)
def test_a_bad_end_is_said_in_words_with_a_remedy(result: str, code: str, status: str, text: str, hint: str) -> None:
    ended = end(result, code, status)
    assert ended is not None
    assert text in ended.text
    assert result in ended.text
    assert hint in ended.hint


def test_only_what_restarting_cannot_mend_is_not_started_again() -> None:
    for status in range(256):
        ended = end("exit-code", "exited", str(status))
        assert ended is not None
        assert ("not started again" in ended.text) == (status == 78)
    killed = end("signal", "killed", "KILL")
    assert killed is not None
    assert killed.text.endswith("it is started again")


def test_every_exit_code_of_our_errors_is_explained() -> None:
    for status in all_errors():
        ended = end("exit-code", "exited", str(status))
        assert ended is not None
        assert "ended with status" not in ended.text
