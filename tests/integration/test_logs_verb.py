"""`talkbox logs` and provisioning/logs.sh, run as people run them; journalctl and ssh are stand-ins."""

import json
import os
import pty
import select
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.support.programs import PATIENCE_S, environment, eventually

pytestmark = pytest.mark.integration

SCRIPT = Path(__file__).parents[2] / "provisioning" / "logs.sh"
AT_US = 1763820200_000000
CONVERSATION = {"TALKBOX_CONVERSATION_ID": "conv_1"}
RECORDED: list[dict[str, Any]] = [
    {"MESSAGE": "Started talkbox.service.", "SYSLOG_IDENTIFIER": "systemd", "at_s": 0},
    {"MESSAGE": "ready: press the button", "TALKBOX_EVENT": "ready", "at_s": 1},
    {"MESSAGE": "conversation conv_1 began", "TALKBOX_EVENT": "session_started", "at_s": 10, **CONVERSATION},
    {"MESSAGE": "the user spoke", "TALKBOX_EVENT": "user_spoke", "at_s": 12, **CONVERSATION},
    {
        "MESSAGE": "metrics: 18.2 s",
        "TALKBOX_EVENT": "metrics",
        "TALKBOX_DURATION_S": "18.2",
        "at_s": 28,
        **CONVERSATION,
    },
    *(
        {"MESSAGE": "refused\x1b[2J [hint: look]", "TALKBOX_HINT": "look", "PRIORITY": "3", "at_s": 30 + n}
        for n in range(3)
    ),
]
SHOWN = f"""\
Saturday 2025-11-22
14:03:20  systemd: Started talkbox.service.
14:03:21  ready: press the button
{"┌── conv_1 ".ljust(40, "─")}
14:03:30  began
14:03:32  the user spoke
14:03:48  metrics: 18.2 s
{"└── 18 s ".ljust(40, "─")}
14:03:50  error: refused\\x1b[2J
          → look
          … 2 more times in 2 s
"""


def lines(entries: list[dict[str, Any]]) -> str:
    """As ``journalctl --output=json`` prints them."""
    plain = [{"SYSLOG_IDENTIFIER": "talkbox", "PRIORITY": "6", **entry} for entry in entries]
    stamped = [{"__REALTIME_TIMESTAMP": str(AT_US + entry.pop("at_s") * 1_000_000), **entry} for entry in plain]
    return "".join(json.dumps(entry) + "\n" for entry in stamped)


class Stage:
    """A folder at the head of PATH with programs that stand in for the real ones."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = environment(PATH=f"{folder}:{os.environ['PATH']}", TZ="UTC", COLUMNS="41")
        self.env.pop("NO_COLOR", None)
        self.program("talkbox", f'exec {shlex.quote(sys.executable)} -m talkbox "$@"')
        # Runs its last argument in a shell, as sshd does.
        self.program("ssh", 'printf "%s\\0" "$@" >"$0.args"; for last; do :; done; exec sh -c "$last"')

    def program(self, name: str, body: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{body}\n", "utf-8")
        path.chmod(0o755)

    def journal(self, entries: list[dict[str, Any]], *, after: str = "") -> None:
        """Let journalctl print these, and then do what `after` says."""
        (self.folder / "recorded").write_text(lines(entries), "utf-8")
        record = 'printf "%s\\0" "$@" >"$0.args"; echo $$ >"$0.pid"'
        self.program("journalctl", f'{record}\ncat "$(dirname "$0")/recorded"\n{after}')

    def arguments(self, name: str) -> list[str]:
        """What the stand-in was given last."""
        return (self.folder / f"{name}.args").read_text("utf-8").split("\0")[:-1]

    def run(self, *command: str | Path, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=self.env | env,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE_S,
            check=False,
        )

    @contextmanager
    def running(self, *command: str | Path, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[bytes]]:
        child = subprocess.Popen(
            command,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with child:
            try:
                yield child
            finally:
                child.kill()

    def journalctl_is_gone(self) -> bool:
        pid = int((self.folder / "journalctl.pid").read_text())
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    made = Stage(tmp_path)
    made.journal(RECORDED)
    return made


VERB = ["talkbox", "logs"]
OVER_SSH: list[str | Path] = [SCRIPT, "pi@device"]


@pytest.mark.parametrize("command", [VERB, OVER_SSH], ids=["here", "over ssh"])
def test_the_log_is_readable_at_a_glance(stage: Stage, command: list[str | Path]) -> None:
    done = stage.run(*command)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == SHOWN


@pytest.mark.parametrize("command", [VERB, OVER_SSH], ids=["here", "over ssh"])
def test_for_programs_it_is_an_object_a_line(stage: Stage, command: list[str | Path]) -> None:
    done = stage.run(*command, "--json")
    assert done.returncode == 0
    entries = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(entries) == len(RECORDED)
    assert entries[4] == {
        "time": "2025-11-22T14:03:48.000+00:00",
        "level": "info",
        "event": "metrics",
        "conversation_id": "conv_1",
        "message": "metrics: 18.2 s",
        "duration_s": 18.2,
    }


@pytest.mark.parametrize("command", [VERB, OVER_SSH], ids=["here", "over ssh"])
def test_it_is_journald_that_filters(stage: Stage, command: list[str | Path]) -> None:
    stage.run(*command, "--since", "1 hour ago", "--conversation", "conv_1", "--errors")
    given = stage.arguments("journalctl")
    assert {"--since=1 hour ago", "TALKBOX_CONVERSATION_ID=conv_1", "--priority=warning"} < set(given)
    assert "--unit=talkbox.service" in given
    assert "--follow" not in given


HOSTILE = """'; touch pwned; '$(touch pwned)`touch pwned`"\\ \n&|<*~ ü"""


def test_no_argument_is_more_than_an_argument_over_there(stage: Stage, tmp_path: Path) -> None:
    done = stage.run("sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", tmp_path, *OVER_SSH, "--conversation", HOSTILE)
    assert done.returncode == 0
    assert f"TALKBOX_CONVERSATION_ID={HOSTILE}" in stage.arguments("journalctl")
    stage.run(*OVER_SSH, f"--since={HOSTILE}")
    assert f"--since={HOSTILE}" in stage.arguments("journalctl")
    assert not (tmp_path / "pwned").exists()


def test_options_for_ssh_reach_it(stage: Stage) -> None:
    stage.run(SCRIPT, "-p", "2222", "-i", "a key", "-o", "User=x", "-F", "config", "pi@device", "--errors")
    given = stage.arguments("ssh")
    assert given[:-2] == [
        *("-o", "LogLevel=ERROR", "-p", "2222", "-i", "a key", "-o", "User=x", "-F", "config"),
        *("-T", "-n"),
    ]
    assert given[-2] == "pi@device"


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ([], "USER@HOST is missing"),
        (["pi@device", "--color"], "unknown option --color"),
        (["-oProxyCommand=touch pwned"], "unknown option -oProxyCommand=touch pwned"),
        (["pi@device", "pi@other"], "one host at a time"),
        (["pi@device", "--since"], "--since needs a value"),
        (["pi@device", "-p"], "-p needs a value"),
        ([""], "the host is empty"),
    ],
)
def test_what_cannot_be_meant_ends_with_64_before_anything(stage: Stage, arguments: list[str], complaint: str) -> None:
    done = stage.run(SCRIPT, *arguments)
    assert done.returncode == os.EX_USAGE
    assert complaint in done.stderr
    assert not (stage.folder / "ssh.args").exists()


def test_help_is_help(stage: Stage) -> None:
    done = stage.run(SCRIPT, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("usage: provisioning/logs.sh ")


def test_a_device_without_talkbox_is_told_with_the_remedy(stage: Stage) -> None:
    (stage.folder / "talkbox").unlink()
    empty = stage.folder / "bin"
    empty.mkdir()
    stage.program("ssh", f'for last; do :; done; PATH={empty}; export PATH; eval "$last"')
    done = stage.run(*OVER_SSH)
    assert done.returncode == os.EX_UNAVAILABLE
    assert done.stderr == (
        "error: talkbox is not installed on pi@device\n  hint: provisioning/deploy.sh pi@device installs it\n"
    )


@pytest.mark.parametrize("status", [1, 64, 77, 255])
def test_exit_codes_are_passed_on(stage: Stage, status: int) -> None:
    stage.program("ssh", f"exit {status}")
    assert stage.run(*OVER_SSH).returncode == status


@pytest.mark.parametrize(
    "complaint",
    [
        "Hint: You are currently not seeing messages from other users and the system.",
        "No journal files were opened due to insufficient permissions.",
    ],
)
@pytest.mark.parametrize("follow", [False, True])
def test_who_may_not_read_the_journal_is_told_what_to_do(stage: Stage, complaint: str, follow: bool) -> None:
    stage.journal([], after=f"echo '{complaint}' >&2; {'sleep 60' if follow else ''}")
    done = stage.run(*VERB, *(["-f"] if follow else []))
    assert done.returncode == os.EX_NOPERM
    assert done.stderr.startswith("error: this user may not read the system's journal\n  hint: use sudo")


def test_a_time_that_cannot_be_read_is_told_with_examples(stage: Stage) -> None:
    stage.journal([], after="echo 'Failed to parse timestamp: soon\x1b[2J' >&2; exit 1")
    done = stage.run(*VERB, "--since", "soon")
    assert done.returncode == os.EX_UNAVAILABLE
    assert "error: journalctl ended with 1: Failed to parse timestamp: soon\\x1b[2J\n  hint: try --since" in done.stderr


def test_without_journalctl_it_ends_with_69(stage: Stage) -> None:
    done = stage.run(sys.executable, "-m", "talkbox", "logs", PATH="/nonexistent")
    assert done.returncode == os.EX_UNAVAILABLE
    assert "journalctl cannot be run: no such file or directory" in done.stderr


def test_an_empty_journal_is_said_and_is_no_error(stage: Stage) -> None:
    stage.journal([], after="echo '-- No entries --'")
    done = stage.run(*VERB, "--errors")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "nothing in the journal that fits\n")


@pytest.mark.parametrize("command", [VERB, OVER_SSH], ids=["here", "over ssh"])
def test_who_follows_sees_each_entry_as_it_comes_and_how_often_it_repeats(
    stage: Stage, command: list[str | Path]
) -> None:
    stage.journal(RECORDED, after="exec sleep 60")
    with stage.running(*command, "-f") as child:
        assert child.stdout is not None
        seen = b""
        until_s = time.monotonic() + PATIENCE_S
        while seen.decode("utf-8", "ignore") != SHOWN and time.monotonic() < until_s:
            if select.select([child.stdout], [], [], 1.0)[0]:
                seen += os.read(child.stdout.fileno(), 4096)
        assert seen.decode() == SHOWN


@pytest.mark.parametrize("command", [VERB, OVER_SSH], ids=["here", "over ssh"])
def test_when_nobody_reads_any_more_everything_ends(stage: Stage, command: list[str | Path]) -> None:
    stage.journal([], after="exec sleep 60")
    with stage.running(*command, "-f") as child:
        assert child.stdout is not None
        eventually((stage.folder / "journalctl.pid").exists, "journalctl to be there")
        child.stdout.close()
        child.wait(PATIENCE_S)
        eventually(stage.journalctl_is_gone, "journalctl to be gone")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_ends_journalctl_too(stage: Stage, number: signal.Signals, status: int) -> None:
    stage.journal([], after="exec sleep 60")
    with stage.running(*VERB, "-f") as child:
        eventually((stage.folder / "journalctl.pid").exists, "journalctl to be there")
        time.sleep(0.1)
        child.send_signal(number)
        assert child.wait(PATIENCE_S) == status
        eventually(stage.journalctl_is_gone, "journalctl to be gone")


def on_terminal(stage: Stage, *command: str | Path, **env: str) -> str:
    """Run `command` on a terminal of its own; return what is to be seen there."""
    pid, terminal = pty.fork()
    if pid == 0:  # the child, which becomes another program at once
        try:
            os.execvpe(command[0], [str(part) for part in command], stage.env | env)  # noqa: S606  a terminal has no shell
        finally:
            os._exit(1)
    seen = b""
    while True:
        try:
            read = os.read(terminal, 4096)
        except OSError:  # EIO: the other side is closed
            break
        if not read:
            break
        seen += read
    os.waitpid(pid, 0)
    os.close(terminal)
    return seen.decode()


@pytest.mark.parametrize("command", [VERB, OVER_SSH], ids=["here", "over ssh"])
def test_on_a_terminal_it_is_colored_unless_that_is_not_wanted(stage: Stage, command: list[str | Path]) -> None:
    assert "\x1b[31merror: refused\\x1b[2J\x1b[0m" in on_terminal(stage, *command)
    assert "\x1b" not in on_terminal(stage, *command, NO_COLOR="1")


def test_a_terminal_is_asked_for_there_if_there_is_one_here(stage: Stage) -> None:
    on_terminal(stage, *OVER_SSH)
    assert "-t" in stage.arguments("ssh")
    stage.run(*OVER_SSH)
    assert "-t" not in stage.arguments("ssh")
