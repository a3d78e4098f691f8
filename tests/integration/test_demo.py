"""The demonstration as a user runs it: the installed programs, recognised speech, spoken answers, real time."""

import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from talkbox.terminal.record import read_wav, rms
from tests.support.programs import environment, program

pytestmark = pytest.mark.integration

needs_speech = pytest.mark.skipif(
    importlib.util.find_spec("pocketsphinx") is None or shutil.which("flite") is None,
    reason="needs pocketsphinx and flite: provisioning/workstation.sh test",
)
DEMO_S = 300


@needs_speech
def test_a_spoken_conversation_happens_and_can_be_looked_at(tmp_path: Path) -> None:
    out, log = tmp_path / "demo", tmp_path / "said.txt"
    with program(sys.executable, "-m", "talkbox", "demo", "--out", str(out), log=log) as demo:
        code = demo.wait(DEMO_S)
    said = log.read_text("utf-8")
    assert code == 0, said
    assert "FAILED" not in said
    for name in ("speaker.wav", "transcript.txt", "events.jsonl", "timeline.svg"):
        assert str(out / name) in said
    assert rms(read_wav(out / "speaker.wav").samples) > 0.01
    assert "user: what time is it" in (out / "transcript.txt").read_text("utf-8")
    assert (out / "timeline.svg").read_text("utf-8").startswith("<svg")
    events = [json.loads(line) for line in (out / "events.jsonl").read_text("utf-8").splitlines()]
    assert {"state", "mode", "message", "interrupted", "tool", "volume", "button", "disconnected"} <= {
        event["event"] for event in events
    }
    assert "Traceback" not in (out / "device.log").read_text("utf-8")


def test_without_a_voice_it_says_what_to_install_and_starts_nothing(tmp_path: Path) -> None:
    log = tmp_path / "said.txt"
    command = (sys.executable, "-m", "talkbox", "demo", "--out", str(tmp_path / "demo"))
    with program(*command, log=log, PATH=str(tmp_path)) as demo:
        assert demo.wait(DEMO_S) == 69
    assert "apt install flite" in log.read_text("utf-8")
    assert not (tmp_path / "demo").exists()


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    log = tmp_path / "said.txt"
    command = (sys.executable, "-m", "talkbox", "demo", "--out", str(tmp_path / "file" / "demo"))
    with program(*command, log=log, PATH=environment().get("PATH", "")) as demo:
        assert demo.wait(DEMO_S) == os.EX_CANTCREAT
    said = log.read_text("utf-8")
    assert "--out" in said
    assert "Traceback" not in said


def test_a_folder_that_takes_nothing_is_one_clear_error(tmp_path: Path) -> None:
    log = tmp_path / "said.txt"
    command = (sys.executable, "-m", "talkbox", "demo", "--out", "/proc/self")  # there, and not even root's
    with program(*command, log=log, PATH=environment().get("PATH", "")) as demo:
        assert demo.wait(DEMO_S) == os.EX_CANTCREAT
    assert "cannot write into /proc/self" in log.read_text("utf-8")
    assert "Traceback" not in log.read_text("utf-8")
