"""What a conversation leaves in the journal: the real device, the embedded agent, and a socket in journald's place."""

import os
import sys
from pathlib import Path

import pytest

from talkbox.terminal.request import request
from tests.support.journal import JournaldStandIn
from tests.support.programs import PATIENCE_S, agent, eventually, program
from tests.support.wav_files import speech

pytestmark = pytest.mark.integration

# As systemd starts it: standard error ends in the journal.
DEVICE = """
import os, sys
from pathlib import Path
from talkbox import cli, logs

status = os.fstat(2)
os.environ["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"
logs.set_up.__kwdefaults__["journal"] = Path(sys.argv.pop(1))
sys.exit(cli.main())
"""


def test_a_conversation_is_about_ten_lines_with_its_id_and_ends_with_its_figures(tmp_path: Path) -> None:
    capture = tmp_path / "speech.wav"
    # The greeting is not interrupted, but the answer, after two seconds of it, is.
    capture.write_bytes(speech(2.0, "what time is it", 2.0, "what time is it"))
    control = tmp_path / "control.sock"
    settings = [
        "agent.agent_id=test",
        f"control.socket={control}",
        "audio.rate_hz=16000",
        f"audio.capture=wav:{capture}",
        f"audio.playback=wav:{tmp_path / 'speaker.wav'}",
    ]
    with JournaldStandIn(tmp_path / "journal") as journald, agent(tmp_path) as url:
        options = [part for setting in (f"agent.server={url}", *settings) for part in ("--set", setting)]
        command = [sys.executable, "-c", DEVICE, str(journald.path), "run", *options]
        with program(*command, log=tmp_path / "stderr", STATE_DIRECTORY=str(tmp_path)) as child:
            eventually(control.exists, "the device to be ready")
            request(control, "tap")
            entries = [journald.entry()]
            while [entry.get("TALKBOX_EVENT") for entry in entries].count("agent_spoke") < 3:
                entries.append(journald.entry())
            request(control, "tap")
            while entries[-1].get("TALKBOX_EVENT") != "metrics":
                entries.append(journald.entry())
            child.terminate()
            assert child.wait(PATIENCE_S) == os.EX_OK
    assert (tmp_path / "stderr").read_text("utf-8") == ""
    said = [entry for entry in entries if "TALKBOX_CONVERSATION_ID" in entry]
    events = [entry["TALKBOX_EVENT"] for entry in said]
    assert events[0] == "session_started"
    assert events[-2:] == ["session_ended", "metrics"]
    assert {"user_spoke", "agent_spoke", "interrupted"} < set(events)
    assert len(events) <= 12
    assert len({entry["TALKBOX_CONVERSATION_ID"] for entry in said}) == 1
    assert not [entry for entry in entries if "..." in entry["MESSAGE"]]  # the words: with tones, three dots
    figures = {name.removeprefix("TALKBOX_").lower(): value for name, value in said[-1].items()}
    assert float(figures["duration_s"]) > 1
    # A quick machine rounds it to 0; on a busy one speech waits for seconds, and is dropped when it is 5 s old.
    assert 0 <= int(figures["mic_to_wire_p50_ms"]) <= int(figures["mic_to_wire_p95_ms"]) < 6000
    for name in ("first_chunk_ms", "answer_p95_ms", "silence_p50_ms", "bytes_out", "bytes_in"):
        assert int(figures[name]) > 0, name
    assert int(figures["turns"]) >= 3
    assert int(figures["interruptions"]) >= 1
