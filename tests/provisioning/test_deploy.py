"""What deploy.sh sends over, what it has done there, and what it shows; the Pi at the other end is a folder."""

import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pi_tree import STAND_IN, TOP, PiTree, write

KEY = "sk_0123456789abcdef"
FAKE_SETUP = """\
#!/usr/bin/env bash
printf '<%s>' "$@" >"$TREE/setup-was-called"
for argument in "$@"; do
  [[ ! -f $argument ]] || { stat --format='%a' "$argument" && cat "$argument"; }
done
ls wheels 2>/dev/null
[[ -z ${FAKE_NOTHING:-} ]] || exit 0
mkdir -p "$TREE/var/lib/talkbox-setup"
echo " changed  before the restart" | tee "$TREE/var/log/talkbox-setup.log"
echo "${FAKE_STATUS:-done}" >"$TREE/var/lib/talkbox-setup/status"
exit "${FAKE_EXIT:-0}"
"""


@pytest.fixture
def laptop(pi: PiTree, tmp_path: Path) -> Path:
    """Return a checkout on another computer; its setup.sh only says that it was called."""
    folder = tmp_path / "laptop"
    write(folder / "provisioning/setup.sh", FAKE_SETUP, 0o755)
    shutil.copy(TOP / "provisioning/deploy.sh", folder / "provisioning")
    write(folder / "README.md", "")
    write(folder / ".venv/bin/python", "")
    write(folder / "build/junk", "")
    for name in ("ls", "sleep"):
        (pi.programs / name).unlink(missing_ok=True)
    (pi.programs / "ls").symlink_to("/bin/ls")
    (pi.programs / "sleep").symlink_to(STAND_IN)
    return folder


def deploy(pi: PiTree, laptop: Path, *arguments: str, text: str = "", **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        ["bash", laptop / "provisioning/deploy.sh", *arguments],
        input=text,
        cwd=laptop.parent,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        env={
            "PATH": str(pi.programs),
            "TREE": str(pi.root),
            "CALLS": str(pi.calls),
            "STAND_IN": str(STAND_IN),
            "REAL_PYTHON": sys.executable,
            "TMPDIR": str(laptop.parent),
            **environment,
        },
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_checkout_is_copied_without_what_was_made_in_it_and_nothing_stays_behind(pi: PiTree, laptop: Path) -> None:
    pi.watch("tar")
    code, said = deploy(
        pi, laptop, "-p", "2222", "-i", "a key", "pi@box", "--agent-id", "it's; rm -rf $HOME", "--public"
    )
    assert code == 0, said
    assert (pi.root / "setup-was-called").read_text() == "<--agent-id><it's; rm -rf $HOME><--public>"
    calls = pi.called()
    assert all(" -p 2222 -i a key " in call for call in calls if call.startswith("ssh "))
    assert any(" pi@box " in call for call in calls)
    assert list((pi.root / "home/pi/.cache").iterdir()) == []
    assert " changed  before the restart" in said


def test_files_are_taken_from_here_and_secrets_go_into_memory_only(pi: PiTree, laptop: Path) -> None:
    write(laptop.parent / "key", KEY)
    write(laptop.parent / "answers.toml", "[setup]\nconsent = true\n")
    write(laptop.parent / "wheels/talkbox-0.1.0-py3-none-any.whl", "")
    options = ("--api-key-file", "key", "--answers", "answers.toml", "--wheels", "wheels")
    code, said = deploy(pi, laptop, "box", *options)
    assert code == 0, said
    assert f"600\n{KEY}" in said
    assert "consent = true" in said
    assert "talkbox-0.1.0-py3-none-any.whl" in said
    words = (pi.root / "setup-was-called").read_text().strip("<>").split("><")
    key_file = Path(words[words.index("--api-key-file") + 1])
    assert key_file.is_relative_to("/dev/shm" if Path("/dev/shm").is_dir() else "/tmp")  # noqa: S108  where the script looks
    assert not key_file.parent.exists()
    assert not [call for call in pi.called() if KEY in call]


def test_a_key_from_standard_input_is_not_eaten_by_another_command(pi: PiTree, laptop: Path) -> None:
    code, said = deploy(pi, laptop, "box", "--api-key-file", "-", text=KEY)
    assert code == 0, said
    assert KEY in said


@pytest.mark.parametrize("ending", ["0", "255"])
def test_a_restart_is_waited_for_and_what_came_after_it_is_shown(pi: PiTree, laptop: Path, ending: str) -> None:
    code, said = deploy(pi, laptop, "box", FAKE_STATUS="restarting 1234", FAKE_EXIT=ending)
    assert code == 0, said
    before, _, after = said.partition("box restarts; waiting for it\n")
    assert before.count("before the restart") == 1
    assert after == " changed  talkbox.service runs\ntalkbox doctor:\nall is well\n"


@pytest.mark.parametrize("option", ["--dry-run", "--uninstall", "--help"])
def test_where_nothing_was_set_up_no_restart_is_waited_for(pi: PiTree, laptop: Path, option: str) -> None:
    code, said = deploy(pi, laptop, "box", option, FAKE_NOTHING="1")
    assert code == 0, said
    assert "restarts" not in said
    assert not [call for call in pi.called() if call.startswith("sleep ")]


def test_a_setup_that_failed_and_a_lost_connection_are_told_apart(pi: PiTree, laptop: Path) -> None:
    assert deploy(pi, laptop, "box", FAKE_EXIT="64")[0] == 64
    code, said = deploy(pi, laptop, "box", FAKE_STATUS="at step packages", FAKE_EXIT="255")
    assert code == 69
    assert "the connection was lost; setup is at step packages" in said
    pi.called()
    code, said = deploy(pi, laptop, "box", FAIL="ssh ")
    assert code == 69
    assert "no connection to box" in said
    # Each attempt asks for a password.
    assert len([call for call in pi.called() if call.startswith("ssh ") and "-O exit" not in call]) == 1


@pytest.mark.parametrize(
    "arguments", [(), ("-x", "box"), ("-p",), ("box", "--answers", "none"), ("box", "--root", "/mnt")]
)
def test_what_is_typed_wrong_reaches_nobody(pi: PiTree, laptop: Path, arguments: tuple[str, ...]) -> None:
    code, said = deploy(pi, laptop, *arguments)
    assert code == 64
    assert "hint" in said
    assert not pi.called()


def test_both_scripts_can_be_called_as_they_are() -> None:
    for name in ("setup.sh", "deploy.sh"):
        assert os.access(TOP / "provisioning" / name, os.X_OK)
        assert stat.S_IMODE((TOP / "provisioning" / name).stat().st_mode) & 0o022 == 0
