"""The unit files, as systemd's own tools read them. Nothing is started."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.support.units import DROP_INS, SYSTEMD, UNITS, directives

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        shutil.which("systemd-analyze") is None, reason="systemd-analyze is not here: apt install systemd"
    ),
]
SYSTEM_UNITS = next(
    (path for path in map(Path, ("/usr/lib/systemd", "/lib/systemd")) if path.exists()), Path("/nowhere")
)
# Exposure, times ten: what was reached, so that nobody gives it away unnoticed.
EXPOSURE = {"talkbox.service": 15, "talkbox-broker.service": 13, "talkbox-doctor.service": 17}


def run(*command: object) -> str:
    """Run a tool, and return all that it says; its exit status says less than that."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, check=False)
    return done.stdout + done.stderr


def systemd_version() -> int:
    found = re.search(r"systemd (\d+)", run("systemd-analyze", "--version"))
    assert found
    return int(found[1])


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with systemd's own units, ours, and a program for each to start."""
    units = tmp_path / "etc/systemd/system"
    shutil.copytree(SYSTEM_UNITS / "system", tmp_path / "usr/lib/systemd/system", symlinks=True)
    shutil.copytree(SYSTEMD / "system", units)
    for path in UNITS:
        for _, key, value in directives(path):
            if key.startswith("Exec"):
                program = tmp_path / value.lstrip("-@:+!").split()[0].lstrip("/")
                program.parent.mkdir(parents=True, exist_ok=True)
                program.touch(0o755)
    return tmp_path


def verify(root: Path) -> str:
    return run("systemd-analyze", "verify", "--man=no", f"--root={root}", *(path.name for path in UNITS))


def test_the_units_are_without_a_word_of_complaint(root: Path) -> None:
    assert verify(root) == ""


@pytest.mark.parametrize(
    ("good", "bad", "word"),
    [
        ("LockPersonality=yes", "LockPersonalitie=yes", "LockPersonalitie"),
        ("WatchdogSec=30", "WatchdogSec=soon", "soon"),
        ("/bin/talkbox run", "/bin/talkbux run", "talkbux"),
    ],
)
def test_a_mistake_is_complained_about(root: Path, good: str, bad: str, word: str) -> None:
    unit = root / "etc/systemd/system/talkbox.service"
    text = unit.read_text("utf-8")
    assert good in text
    unit.write_text(text.replace(good, bad), "utf-8")
    assert word in verify(root)


def test_the_drop_ins_are_without_a_word_of_complaint_where_systemd_is_new_enough(root: Path) -> None:
    new = systemd_version() >= 254
    for path in DROP_INS:
        if new or path.name != "restart-steps.conf":
            target = root / "etc/systemd/system" / path.parent.name / path.name
            target.parent.mkdir(exist_ok=True)
            shutil.copy(path, target)
    assert verify(root) == ""


@pytest.mark.parametrize(("unit", "threshold"), EXPOSURE.items())
def test_the_exposure_stays_as_low_as_it_is(root: Path, unit: str, threshold: int) -> None:
    assert threshold <= 19
    options = ("--offline=true", "--no-pager", f"--threshold={threshold}", f"--root={root}")
    said = run("systemd-analyze", "security", *options, unit)
    found = re.search(r"Overall exposure level for \S+: (\d+\.\d)", said)
    assert found, said
    assert float(found[1]) * 10 <= threshold + 0.01, said


def test_the_users_and_groups_are_made_and_those_that_are_there_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    (tmp_path / "etc/group").write_text("root:x:0:\ngpio:x:997:pi\n")
    said = run("systemd-sysusers", "--dry-run", f"--root={tmp_path}", SYSTEMD / "sysusers.d/talkbox.conf")
    made = re.findall(r"Creating (group|user) '([\w-]+)'", said)
    assert sorted(made) == [
        ("group", "spi"),
        ("group", "talkbox"),
        ("group", "talkbox-broker"),
        ("user", "talkbox"),
        ("user", "talkbox-broker"),
    ]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to others")
def test_the_files_with_secrets_are_for_those_alone_who_need_them(tmp_path: Path) -> None:
    (tmp_path / "etc/talkbox").mkdir(parents=True)
    (tmp_path / "etc/credstore").mkdir()
    (tmp_path / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    (tmp_path / "etc/group").write_text("root:x:0:\ntalkbox:x:991:\ntalkbox-broker:x:990:\n")
    files = {
        "etc/talkbox/talkbox.toml": (0o640, 991),
        "etc/talkbox/broker.toml": (0o640, 990),
        "etc/credstore/talkbox-broker.elevenlabs-api-key": (0o600, 0),
    }
    for name in files:
        (tmp_path / name).touch(0o644)
    assert run("systemd-tmpfiles", "--create", f"--root={tmp_path}", SYSTEMD / "tmpfiles.d/talkbox.conf") == ""
    for name, (mode, group) in files.items():
        status = (tmp_path / name).stat()
        assert (stat.S_IMODE(status.st_mode), status.st_gid) == (mode, group), name
