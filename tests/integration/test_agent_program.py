"""`talkbox-agent` as a program: what it prints, what it is told, and how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from websockets.sync.client import connect

from talkbox_agent import cli

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parents[2]


def start(*options: str, path: str | None = None) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "device")} | ({"PATH": path} if path else {})
    return subprocess.Popen(
        [sys.executable, "-m", "talkbox_agent", "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_listens_and_ends_cleanly_in_mid_conversation(number: signal.Signals) -> None:
    with start("--tones") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("talkbox-agent listening on ws://127.0.0.1:")
        with connect(line.split()[-1] + "/v1/convai/conversation?agent_id=home", proxy=None) as client:
            client.send('{"type": "conversation_initiation_client_data"}')
            client.recv(timeout=20)
            process.send_signal(number)
            output, log = process.communicate(timeout=20)
        assert (process.returncode, output) == (os.EX_OK, "")
        assert "started, pcm_16000 in, pcm_16000 out" in log
        assert "Traceback" not in log


def test_without_voice_and_recognizer_it_says_so_once_and_speaks_in_tones() -> None:
    with start(path="/nonexistent") as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        with connect(url + "/v1/convai/conversation?agent_id=home", proxy=None) as client:
            client.send('{"type": "conversation_initiation_client_data"}')
            while json.loads(client.recv(timeout=20))["type"] != "audio":
                pass
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
        assert log.count("no voice, so tones instead: install one with: sudo apt install flite") == 1


def test_formats_of_the_command_line_go_before_those_of_the_script(tmp_path: Path) -> None:
    script = tmp_path / "script.toml"
    script.write_text('[session]\ninput_format = "pcm_8000"\noutput_format = "pcm_48000"\n')
    with start("--tones", "--quiet", "--script", str(script), "--output-format", "ulaw_8000") as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        with connect(url + "/v1/convai/conversation?agent_id=home", proxy=None) as client:
            client.send('{"type": "conversation_initiation_client_data"}')
            metadata = json.loads(client.recv(timeout=20))["conversation_initiation_metadata_event"]
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=20)
    assert metadata["user_input_audio_format"] == "pcm_8000"
    assert metadata["agent_output_audio_format"] == "ulaw_8000"
    assert not log


def test_an_address_that_is_not_ours_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--tones", "--host", "256.0.0.1", "--port", "0"]) == os.EX_UNAVAILABLE
    assert capsys.readouterr().err.startswith("error: cannot listen on 256.0.0.1:0")
