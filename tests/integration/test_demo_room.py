"""The agent leaves itself alone and can be interrupted, on the real programs, with a card whose microphone hears it."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from talkbox.errors import MissingFeature
from talkbox.terminal.record import read_wav, rms
from talkbox.terminal.room import check
from tests.support.programs import program

pytestmark = pytest.mark.integration

DEMO_S = 300
REFUSED_S = 60


def missing() -> str:
    """Say what there is no room or no conversation without."""
    try:
        check()
    except MissingFeature as error:
        return str(error)
    speaks = importlib.util.find_spec("pocketsphinx") is not None and shutil.which("flite") is not None
    return "" if speaks else "needs pocketsphinx and flite"


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_an_agent_that_hears_itself_is_never_interrupted_by_itself_and_always_by_the_user(tmp_path: Path) -> None:
    out, log = tmp_path / "demo", tmp_path / "said.txt"
    with program(sys.executable, "-m", "talkbox", "demo", "--room", "--out", str(out), log=log) as demo:
        code = demo.wait(DEMO_S)
    said = log.read_text("utf-8") + (out / "device.log").read_text("utf-8")
    assert code == 0, said
    assert "ok      the agent never interrupted itself, over 60 s of its own speech: 0 times" in said
    assert rms(read_wav(out / "microphone.wav").samples) > 0.01
    assert "Traceback" not in said


def test_without_a_compiler_it_says_what_to_install_and_starts_nothing(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "flite").symlink_to("/bin/true")
    log = tmp_path / "said.txt"
    command = (sys.executable, "-m", "talkbox", "demo", "--room", "--out", str(tmp_path / "demo"))
    with program(*command, log=log, PATH=str(tools)) as demo:
        assert demo.wait(REFUSED_S) == 69
    assert "there is no C compiler" in log.read_text("utf-8")
    assert "apt install gcc" in log.read_text("utf-8")
    assert not (tmp_path / "demo").exists()
