"""The command line, run as a user runs it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from talkbox.config import load
from tests.support.fake_device import STATUS

pytestmark = pytest.mark.integration

LONG_S = 60.0
TALKBOX = [sys.executable, "-m", "talkbox"]
CONTROL_VERBS = [["tap"], ["press"], ["release"], ["mute"], ["turn", "2"], ["turn", "-2"]]
VERBS = ["run", "simulate", "demo", "config", "lights", "tools", "version", "monitor", "status", "events"]


def talkbox(*arguments: str | Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run one command; without a terminal, and without this machine's own settings."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TALKBOX_")}
    return subprocess.run(
        [*TALKBOX, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**kept, **environ},
        stdin=subprocess.DEVNULL,
        timeout=LONG_S,
        check=False,
    )


@contextmanager
def device(path: Path) -> Iterator[Path]:
    """A device that takes every command, and hears somebody all the time."""
    with subprocess.Popen([sys.executable, "-m", "tests.support.fake_device", str(path)]) as process:
        try:
            while not path.exists():
                assert process.poll() is None
                time.sleep(0.02)
            yield path
        finally:
            process.kill()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with device(tmp_path_factory.mktemp("d") / "s") as path:
        yield path


@pytest.mark.parametrize("verb", CONTROL_VERBS, ids=" ".join)
def test_a_verb_reaches_a_running_device_and_says_nothing(verb: list[str], running: Path) -> None:
    done = talkbox(*verb, "--socket", running)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("verb", [*CONTROL_VERBS, ["status"], ["events"], ["monitor"]], ids=" ".join)
def test_a_verb_with_nobody_to_hear_it_exits_69(verb: list[str], tmp_path: Path) -> None:
    done = talkbox(*verb, "--socket", tmp_path / "none")
    assert done.returncode == os.EX_UNAVAILABLE
    assert done.stdout == ""
    assert done.stderr == (
        f"error: nothing answers on {tmp_path / 'none'}\n"
        "  hint: `talkbox doctor` says why; by hand `talkbox run` starts one, and --socket names its socket\n"
    )


def test_status_is_for_people_or_one_object_of_json(running: Path) -> None:
    assert "volume        80 %\n" in talkbox("status", "--socket", running).stdout
    status = json.loads(talkbox("status", "--json", "--socket", running).stdout)
    assert status.keys() == STATUS.keys()


@pytest.mark.parametrize("arguments", [["events"], ["events", "--json"], ["monitor"]], ids=" ".join)
def test_events_go_down_a_pipe_that_closes_when_it_has_seen_enough(arguments: list[str], running: Path) -> None:
    command = [*TALKBOX, *arguments, "--socket", str(running)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        line = process.stdout.readline().decode()
        process.stdout.close()
        assert process.wait(LONG_S) == 0
        assert process.stderr.read() == b""
    assert "\x1b" not in line
    assert "time is it" in line
    if "--json" in arguments:
        assert json.loads(line)["text"] == "what\x1b[2J time is it"


def test_events_end_with_the_device(tmp_path: Path) -> None:
    with device(tmp_path / "s") as path:
        command = [*TALKBOX, "events", "--socket", str(path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
    _, complaints = process.communicate(timeout=LONG_S)
    assert (process.returncode, complaints) == (0, b"the device went away\n")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "the following arguments are required: VERB"),
        (["explode"], "invalid choice: 'explode'"),
        (["turn", "far"], "argument N: invalid int value: 'far'"),
        (["tap", "--loud"], "unrecognized arguments: --loud"),
    ],
)
def test_wrong_usage_exits_64(arguments: list[str], complaint: str) -> None:
    done = talkbox(*arguments)
    assert done.returncode == os.EX_USAGE
    assert "error: " in done.stderr
    assert complaint in done.stderr
    assert re.search(r"hint: `talkbox( \w+)? --help` says", done.stderr)


@pytest.mark.parametrize("verb", [*VERBS, *(verb[0] for verb in CONTROL_VERBS[:5])])
def test_every_verb_explains_itself_with_an_example(verb: str) -> None:
    done = talkbox(verb, "--help", COLUMNS="200")
    assert done.returncode == 0
    assert f"example: talkbox {verb}" in done.stdout


def test_the_settings_in_force_can_be_shown_and_read_again(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[agent]\nsigned_url_headers = { Authorization = 'Bearer hunter2' }\n")
    done = talkbox("config", "--config", tmp_path / "a.toml", "--set", "audio.echo=off", TALKBOX_AUDIO__VOLUME="0.5")
    assert done.returncode == 0
    assert "hunter2" not in done.stdout
    assert "volume = 0.5  # TALKBOX_AUDIO__VOLUME\n" in done.stdout
    (tmp_path / "b.toml").write_text(done.stdout)
    assert load(tmp_path / "b.toml", environ={}).audio.echo == "off"


def test_the_reference_is_a_configuration(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(talkbox("config", "--reference").stdout)
    assert talkbox("config", "--config", tmp_path / "a.toml").returncode == 0


@pytest.mark.parametrize("verb", ["run", "config"])
def test_every_mistake_in_the_settings_is_told_at_once_and_exits_78(verb: str, tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("[audio]\nchunk_ms = 5\nvolum = 1\n[agent]\nagent_id = 'a'\n")
    done = talkbox(verb, "--config", path, "--set", "lights.brightness=2")
    assert done.returncode == os.EX_CONFIG
    assert done.stdout == ""
    assert done.stderr == (
        f"error: {path}: audio.chunk_ms must be a whole number, 10..250, not 5\n"
        f"       {path}: unknown key audio.volum; did you mean audio.volume?\n"
        "       --set: lights.brightness must be a number, 0..1, not 2\n"
        "  hint: `talkbox config --reference` prints every key, its default and what it may be\n"
    )


def test_running_without_an_agent_exits_78_and_says_how_to_try_one() -> None:
    done = talkbox("run")
    assert done.returncode == os.EX_CONFIG
    assert "error: configuration: agent.agent_id is missing\n  hint: set agent.agent_id; or talk to the" in done.stderr


def test_a_simulated_device_that_cannot_start_says_why_and_with_which_code() -> None:
    done = talkbox("simulate", "--set", "audio.volume=7")
    assert done.returncode == os.EX_CONFIG
    assert "audio.volume must be a number, 0..1, not 7" in done.stderr
    assert "error: the simulated device ended with exit code 78\n" in done.stderr
    log = Path(done.stderr.splitlines()[-1].removeprefix("its log: "))
    assert "audio.volume" in log.read_text()
    log.unlink()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_simulated_device_without_a_terminal_stops_when_it_is_told_to(number: signal.Signals) -> None:
    # As a shell starts a job in the background: with Ctrl-C ignored.
    program = (
        "import signal, sys\nfrom talkbox.cli import main\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "sys.exit(main(['simulate', '--set', 'agent.agent_id=a', '--set', 'logging.level=debug']))"
    )
    command = [sys.executable, "-c", program]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL) as process:
        time.sleep(2)  # in mid-start or running: it must not matter
        process.send_signal(number)
        _, complaints = process.communicate(timeout=LONG_S)
    assert process.returncode == 0
    log = Path(complaints.decode().strip().removeprefix("its log: "))
    assert "Traceback" not in log.read_text()
    log.unlink()


def test_the_tools_can_be_pasted_into_the_agents_settings() -> None:
    tools = json.loads(talkbox("tools", "--json").stdout)
    assert {"set_volume", "get_device_status", "end_conversation"} <= {tool["name"] for tool in tools}
    assert "set_volume" in talkbox("tools").stdout


def test_the_version_is_printed() -> None:
    assert talkbox("version").stdout.startswith("talkbox ")


@pytest.mark.parametrize("arguments", [["tap", "--socket", "/nowhere"], ["config"], ["tools"], ["version"]])
def test_a_verb_loads_nothing_that_it_does_not_need(arguments: list[str]) -> None:
    program = (
        f"import sys\nfrom talkbox.cli import main\nmain({arguments!r})\n"
        "print(*sorted({'numpy', 'websockets', 'rich', 'requests', 'alsaaudio'} & sys.modules.keys()), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG_S, check=False)
    assert done.stderr.splitlines()[-1] == ""


def test_a_bug_shows_its_traceback_without_secrets_and_exits_70() -> None:
    program = (
        "import sys\nfrom talkbox import cli, verbs\n"
        "def broken(options): raise ZeroDivisionError('at wss://h/?conversation_signature=hunter2')\n"
        "verbs.version = broken\nsys.exit(cli.main(['version']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG_S, check=False)
    assert done.returncode == os.EX_SOFTWARE
    assert "Traceback" in done.stderr
    assert "ZeroDivisionError: at wss://h/?conversation_signature=***" in done.stderr


def test_errors_of_tasks_that_failed_together_are_told_one_by_one() -> None:
    program = (
        "import sys\nfrom talkbox import cli, verbs\nfrom talkbox.errors import AudioDeviceBusy, SessionTimeout\n"
        "errors = [ExceptionGroup('y', [AudioDeviceBusy('busy')]), SessionTimeout('late')]\n"
        "def broken(options): raise ExceptionGroup('x', errors)\n"
        "verbs.version = broken\nsys.exit(cli.main(['version']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LONG_S, check=False)
    assert done.returncode == os.EX_IOERR
    assert [line for line in done.stderr.splitlines() if line.startswith("error")] == ["error: busy", "error: late"]


def test_a_light_can_be_tried_without_a_board() -> None:
    done = talkbox("lights", "show", "sound-card", "--for", "0.3", "--set", "hardware.board=simulated")
    assert done.returncode == 0
    dark, name, *frames = done.stdout.splitlines()
    assert (dark, name) == ("#000000 #000000 #000000", "sound-card")
    assert "#800000 #800000 #800000" in frames
    assert frames[-1] == "#000000 #000000 #000000"


def test_a_light_that_is_told_to_stop_goes_out() -> None:
    command = [*TALKBOX, "lights", "show", "waiting", "--for", "100", "--set", "hardware.board=simulated"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        while "#006e19" not in process.stdout.readline():
            assert process.poll() is None
        process.terminate()
        assert process.stdout.read() == "#000000 #000000 #000000\n"
        assert process.wait(LONG_S) == 130


def test_lights_can_be_put_out_and_what_is_not_in_the_theme_is_refused() -> None:
    assert talkbox("lights", "off", "--set", "hardware.board=simulated").returncode == 0
    done = talkbox("lights", "show", "disco", "--set", "hardware.board=simulated")
    assert done.returncode == os.EX_CONFIG
    assert "error: there is nothing called 'disco' to show" in done.stderr
    assert "listening" in done.stderr
    assert talkbox("lights", "show", "idle", "--for", "-1").returncode == os.EX_USAGE
