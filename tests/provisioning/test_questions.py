"""A person at a terminal: what setup asks, and what it does not show."""

import os
import pty
import select
import subprocess
import sys
import time

from tests.support.pi_tree import STAND_IN, PiTree

KEY = "sk_0123456789abcdef"
LIMIT_S = 60


def converse(pi: PiTree, answers: list[tuple[str, str]], *options: str) -> tuple[int, str]:
    """Run setup on a terminal of its own, and answer each question when it is asked."""
    ours, theirs = pty.openpty()
    script = pi.checkout / "provisioning/setup.sh"
    environment = {
        "PATH": str(pi.programs),
        "TREE": str(pi.root),
        "CALLS": str(pi.calls),
        "STAND_IN": str(STAND_IN),
        "REAL_PYTHON": sys.executable,
        "LC_ALL": "C.UTF-8",
    }
    with subprocess.Popen(
        ["bash", script, "--root", pi.root, "--live", *options],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env=environment,
        start_new_session=True,
    ) as process:
        os.close(theirs)
        said, asked, until_s = "", 0, time.monotonic() + LIMIT_S
        while time.monotonic() < until_s and select.select([ours], [], [], LIMIT_S)[0]:
            try:
                said += os.read(ours, 4096).decode("utf-8", "replace")
            except OSError:  # the other side is closed
                break
            if answers and answers[0][0] in said[asked:]:
                asked = len(said)
                os.write(ours, f"{answers.pop(0)[1]}\n".encode())
        os.close(ours)
        return process.wait(LIMIT_S), said


def test_a_person_is_asked_for_what_is_missing_and_the_key_is_not_shown(pi: PiTree) -> None:
    answers = [
        ("agent id [later] ", "agent_7"),
        ("public or private [public] ", "private"),
        ("which board", "respeaker-2mic-v3"),
        ("which board", "respeaker-2mic-v2"),
        ("do you agree? yes or no [no] ", "yes"),
        ("API key: ", ""),  # a private agent needs one
        ("API key: ", KEY),
    ]
    code, said = converse(pi, answers)
    assert code == 0, said
    assert not answers
    assert KEY not in said
    assert "The microphone is open from the press that begins a session until the session is over" in said
    assert "[hardware]" in (pi.root / "etc/talkbox/talkbox.toml").read_text()
    assert 'board = "respeaker-2mic-v2"' in (pi.root / "etc/talkbox/talkbox.toml").read_text()
    # Once answered, nothing is asked again.
    code, said = converse(pi, [])
    assert code == 0, said
    assert "?" not in said


def test_without_consent_nothing_is_installed(pi: PiTree) -> None:
    fresh = pi.snapshot("var/log", "var/lib/talkbox-setup")
    code, said = converse(pi, [("agree?", "")], "--agent-id", "later", "--public", "--board", "usb")
    assert code == 64
    assert "not without your consent" in said
    assert pi.snapshot("var/log", "var/lib/talkbox-setup") == fresh


def test_a_key_that_is_stored_is_replaced_when_asked_to_and_is_not_shown(pi: PiTree) -> None:
    options = ("--agent-id", "agent_1", "--private", "--board", "usb", "--consent", "--api-key-file", "-")
    key = pi.root / "etc/credstore.encrypted/talkbox-broker.elevenlabs-api-key"
    assert pi.setup(*options, text="sk_old").code == 0
    before = key.read_bytes()
    code, said = converse(pi, [("API key: ", KEY)], "--api-key-file", "-")
    assert code == 0, said
    assert KEY not in said
    assert key.read_bytes() != before
