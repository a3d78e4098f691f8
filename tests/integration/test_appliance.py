"""`talkbox run`, as it is started on a device: every part of it at once."""

import json
import signal
import socket
import struct
import time
from pathlib import Path

import pytest

from talkbox.terminal.record import read_wav, rms
from tests.support.programs import agent, device, eventually, talkbox
from tests.support.wav_files import speech

pytestmark = pytest.mark.integration


def test_a_conversation_with_tones_from_the_first_tap_to_the_last(tmp_path: Path) -> None:
    capture = tmp_path / "speech.wav"
    capture.write_bytes(speech(2.0, "what time is it"))  # the greeting is not interrupted
    with agent(tmp_path) as url, device(tmp_path, url, f"audio.capture=wav:{capture}") as talkbox_:
        assert talkbox_.status()["state"] == "idle"
        talkbox_.do("tap")
        greeting = talkbox_.until(state="speaking")
        assert greeting["mode"] == "speaking"
        assert any(map(any, greeting["leds"]))
        talkbox_.until(state="listening")
        talkbox_.until(state="speaking")
        status = talkbox_.until(state="listening")
        assert status["conversation_id"].startswith("conv_")
        assert status["counters"]["chunks_sent"] > 100
        assert status["counters"]["underruns"] == 0
        talkbox_.do("tap")
        talkbox_.until(state="idle", conversation_id=None)
        talkbox_.process.terminate()
        assert talkbox_.process.wait(30) == 0
        assert not talkbox_.socket.exists()
    sound = read_wav(talkbox_.speaker)
    assert sound.rate_hz == 16_000
    assert rms(sound.samples) > 0.02
    assert "stopped" in talkbox_.said()


def test_the_volume_is_remembered_over_a_restart_until_the_configured_one_changes(tmp_path: Path) -> None:
    server = "ws://127.0.0.1:1"
    with device(tmp_path, server) as talkbox_:
        talkbox_.do("turn", detents=-4)
        talkbox_.until(volume=0.6)
    with device(tmp_path, server) as talkbox_:
        assert talkbox_.status()["volume"] == 0.6
    with device(tmp_path, server, "audio.volume=0.3") as talkbox_:
        assert talkbox_.status()["volume"] == 0.3
    with device(tmp_path, server, STATE_DIRECTORY="/proc/none") as talkbox_:
        talkbox_.do("turn", detents=-1)
        talkbox_.until(volume=0.75)
        talkbox_.process.terminate()
        assert talkbox_.process.wait(30) == 0
    assert talkbox_.said().count("the volume is not remembered") == 1


def test_the_agent_sets_the_volume_by_its_tool_and_the_encoder_turns_it(tmp_path: Path) -> None:
    script = """
[[when]]
when = "started"
do = [{ call_tool = "set_volume", parameters = { volume = 0.4 } }]
"""
    with agent(tmp_path, script=script) as url, device(tmp_path, url) as talkbox_:
        talkbox_.do("tap")
        talkbox_.until(volume=0.4)
        talkbox_.do("turn", detents=2)
        talkbox_.until(volume=0.5)
        talkbox_.do("mute")
        talkbox_.until(muted=True)


def test_hold_to_talk_mutes_on_release_and_ends_after_lingering(tmp_path: Path) -> None:
    with agent(tmp_path) as url, device(tmp_path, url, "controls.linger_s=1", "controls.hold_s=0.3") as talkbox_:
        talkbox_.do("press")
        talkbox_.until(state="speaking", muted=False)
        time.sleep(0.5)
        talkbox_.do("release")
        talkbox_.until(muted=True)
        talkbox_.until(state="listening", muted=True)
        talkbox_.until(state="idle", muted=False)
        assert "controls.linger_s" in talkbox_.said()


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ('[refuse]\nstatus = 401\nbody = "no"', "session refused (401)"),
        ('[refuse]\nstatus = 403\nbody = "no"', "session refused (403)"),
        ('[refuse]\nstatus = 404\nbody = "no"', "session refused (404)"),
        ('[refuse]\nstatus = 429\nbody = "no"', "session refused (429)"),
        ('[session]\nmetadata = "never"', "within 1"),
        (
            '[[when]]\nwhen = "opened"\ndo = [{ close = 1008, reason = "requires authentication" }]',
            "requires authentication",
        ),
        ('[[when]]\nwhen = "started"\ndo = [{ drop = true }]', "error"),
        ('[[when]]\nwhen = "started"\ndo = [{ close = 1011, reason = "internal" }]', "internal"),
    ],
)
def test_what_goes_wrong_with_the_service_is_said_and_the_device_is_idle_again(
    tmp_path: Path, script: str, said: str
) -> None:
    with agent(tmp_path, script=script) as url, device(tmp_path, url, "agent.metadata_timeout_s=1") as talkbox_:
        talkbox_.do("tap")
        eventually(lambda: said in talkbox_.said(), f"{said} in the log: {talkbox_.said()}")
        talkbox_.until(state="idle")
        eventually(lambda: rms(read_wav(talkbox_.speaker).samples) > 0.001, "the error cue")
        assert "Traceback" not in talkbox_.said()
        talkbox_.do("tap")
        talkbox_.until(state="idle")


def test_a_service_that_nobody_runs_is_unreachable_and_the_device_is_idle_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"ws://127.0.0.1:{closed.getsockname()[1]}"
    with device(tmp_path, url) as talkbox_:
        talkbox_.do("tap")
        eventually(lambda: "hint" in talkbox_.said(), "the remedy in the log")
        talkbox_.until(state="idle")


def test_malformed_messages_of_every_kind_end_nothing(tmp_path: Path) -> None:
    script = """
[[when]]
when = "started"
do = [
  { send_text = "not json" },
  { send_text = "[]" },
  { send_text = "null" },
  { send_text = '{"type": 7}' },
  { send_text = '{"type": "audio"}' },
  { send_text = '{"type": "audio", "audio_event": {"event_id": "x", "audio_base_64": "!"}}' },
  { send = { type = "from_the_future", body = 1 } },
  { send_binary = "00ff" },
]
"""
    with agent(tmp_path, script=script) as url, device(tmp_path, url) as talkbox_:
        talkbox_.do("tap")
        talkbox_.until(state="speaking")
        talkbox_.until(state="listening")
        assert talkbox_.status()["counters"]["sessions"] == 1
        assert "Traceback" not in talkbox_.said()


def test_after_a_kill_the_speaker_file_counts_every_frame_it_holds(tmp_path: Path) -> None:
    with agent(tmp_path) as url, device(tmp_path, url) as talkbox_:
        talkbox_.do("tap")
        talkbox_.until(state="speaking")
        talkbox_.process.kill()
        talkbox_.process.wait()
    payload = talkbox_.speaker.read_bytes()
    [riff_bytes] = struct.unpack_from("<I", payload, 4)
    [data_bytes] = struct.unpack_from("<I", payload, 40)
    assert data_bytes > 0
    assert riff_bytes == 36 + data_bytes
    assert 0 <= len(payload) - 44 - data_bytes <= 2 * 160  # a period may have been written and not yet counted
    with agent(tmp_path) as url, device(tmp_path, url) as talkbox_:
        talkbox_.do("tap")
        talkbox_.until(state="speaking")
    assert len(read_wav(talkbox_.speaker).samples) * 2 > data_bytes


def test_a_second_device_on_the_same_socket_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    with device(tmp_path, "ws://127.0.0.1:9") as first:
        second = talkbox("run", "--set", "agent.agent_id=x", "--set", f"control.socket={first.socket}")
        assert second.returncode == 73
        assert str(first.socket) in second.stderr
        assert "hint: " in second.stderr
        assert first.status()["state"] == "idle"


def test_every_problem_of_a_configuration_is_told_at_once(tmp_path: Path) -> None:
    path = tmp_path / "talkbox.toml"
    path.write_text('[audio]\nvolum = 1\nchunk_ms = 5\n[agent]\nserver = "ws://example.org"\n', "utf-8")
    done = talkbox("run", "--config", str(path))
    assert done.returncode == 78
    assert done.stderr.count(str(path)) >= 4
    assert "did you mean audio.volume?" in done.stderr
    assert "10..250" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        (["audio.capture=wav:missing.wav"], 78, "audio.capture"),
        (["hardware.board=toaster"], 78, "simulated"),
        (["control.socket=/nowhere/at/all/control.sock"], 73, "/nowhere/at/all"),
    ],
)
def test_a_device_that_cannot_come_up_says_why_and_what_to_do(settings: list[str], code: int, said: str) -> None:
    options = [part for setting in settings for part in ("--set", setting)]
    done = talkbox("run", "--set", "agent.agent_id=x", *options)
    assert done.returncode == code
    assert said in done.stderr
    assert "hint: " in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_no_wav_is_refused_and_left_alone(tmp_path: Path) -> None:
    diary = tmp_path / "diary.txt"
    diary.write_text("dear diary, " * 100, "utf-8")
    done = talkbox("run", "--set", "agent.agent_id=x", "--set", f"audio.playback=wav:{diary}")
    assert done.returncode == 78
    assert diary.read_text("utf-8") == "dear diary, " * 100


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_in_mid_session_ends_it_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    with agent(tmp_path) as url, device(tmp_path, url) as talkbox_:
        talkbox_.do("tap")
        talkbox_.until(state="speaking")
        talkbox_.process.send_signal(number)
        assert talkbox_.process.wait(30) == 0
        assert "ended by user" in talkbox_.said()
        assert not talkbox_.socket.exists()


def test_the_verbs_of_the_command_line_reach_the_device(tmp_path: Path) -> None:
    with device(tmp_path, "ws://127.0.0.1:9") as running:
        path = str(running.socket)
        assert talkbox("turn", "2", "--socket", path).returncode == 0
        assert talkbox("turn", "-1", "--socket", path).returncode == 0
        status = json.loads(talkbox("status", "--json", "--socket", path).stdout)
        assert status["volume"] == 0.85
        assert talkbox("mute", "--socket", path).returncode == 0
        running.until(muted=True)
    assert talkbox("tap", "--socket", path).returncode == 69
