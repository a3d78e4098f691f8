"""`provisioning/workstation.sh` on machines that lack something; their programs are made up, and install nothing."""

import os
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.integration

ROOT = Path(__file__).parent.parent.parent
SCRIPT = ROOT / "provisioning" / "workstation.sh"
LONG_S = 60.0
COMMAND = "  sudo apt-get update && sudo apt-get install --yes --no-install-recommends python3-venv flite\n"
NOTHING = "exit 1"
SAY = 'echo "$(basename "$0")" "$@" >>"$0.log"'


def machine(folder: Path, **programs: str) -> Path:
    """A folder of programs that come before the real ones. No package is installed, and there is no environment."""
    bin_ = folder / "bin"
    bin_.mkdir()
    for name, does in {
        "dpkg-query": NOTHING,
        "python3": NOTHING,
        "sudo": NOTHING,
        "apt-get": NOTHING,
        **programs,
    }.items():
        (bin_ / name.replace("_", "-")).write_text(f"#!/bin/sh\n{does}\n")
        (bin_ / name.replace("_", "-")).chmod(0o755)
    return bin_


def prepare(bin_: Path, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPT, *(arguments or ("demo",))],
        cwd=cwd,
        env={"PATH": f"{bin_}:{os.environ['PATH']}", "VENV": str(bin_.parent / "venv"), "HOME": str(bin_.parent)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=LONG_S,
        check=False,
    )


def test_without_root_or_sudo_it_says_the_exact_command_and_stops(tmp_path: Path) -> None:
    done = prepare(machine(tmp_path, id="echo 1000", apt_get=SAY))
    assert done.returncode == 77
    assert done.stdout == ""
    assert done.stderr == f"error: root is needed to install packages; run this, then run me again:\n{COMMAND}"
    assert not (tmp_path / "bin" / "apt-get.log").exists()
    assert not (tmp_path / "venv").exists()


def test_root_installs_what_is_missing_by_itself(tmp_path: Path) -> None:
    done = prepare(machine(tmp_path, id="echo 0", sudo=SAY, apt_get=SAY))
    assert done.stdout.startswith("apt: installing python3-venv flite\n")
    update, install = (tmp_path / "bin" / "apt-get.log").read_text().splitlines()
    assert update.endswith("update")
    assert install.endswith("install --yes --no-install-recommends python3-venv flite")
    assert not (tmp_path / "bin" / "sudo.log").exists()


def test_others_install_through_sudo(tmp_path: Path) -> None:
    prepare(machine(tmp_path, id="echo 1000", sudo=f'{SAY}\n[ "$1" = -n ] || "$@"', apt_get=SAY))
    assert len((tmp_path / "bin" / "sudo.log").read_text().splitlines()) == 3  # may I?, update, install
    assert len((tmp_path / "bin" / "apt-get.log").read_text().splitlines()) == 2


def test_when_apt_fails_it_says_the_exact_command_and_stops(tmp_path: Path) -> None:
    done = prepare(machine(tmp_path, id="echo 0"))
    assert done.returncode == 69
    assert done.stderr == f"error: apt could not install the packages; run this, then run me again:\n{COMMAND}"
    assert not (tmp_path / "venv").exists()


def test_an_old_python_makes_no_environment(tmp_path: Path) -> None:
    old = '[ "$1" = --version ] && echo Python 3.9.2 || exit 1'
    done = prepare(machine(tmp_path, dpkg_query="echo ii", python3=old))
    assert done.returncode == 69
    assert "error: Python 3.11 or newer is needed; python3 is: Python 3.9.2\n" in done.stderr
    assert not (tmp_path / "venv").exists()


def test_an_environment_without_pip_is_made_again(tmp_path: Path) -> None:
    made = '[ "$1" = -m ] && echo "$@"; exit 0'
    (tmp_path / "venv" / "bin").mkdir(parents=True)
    (tmp_path / "venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "venv" / "bin" / "python").chmod(0o755)
    done = prepare(machine(tmp_path, dpkg_query="echo ii", python3=made))
    assert f"-m venv {tmp_path / 'venv'}\n" in done.stdout


@pytest.mark.parametrize(("arguments", "code"), [(["--help"], 0), (["demos"], 64), (["demo", "test"], 64)])
def test_it_says_how_it_is_used(arguments: list[str], code: int, tmp_path: Path) -> None:
    done = prepare(machine(tmp_path), *arguments)
    assert done.returncode == code
    assert "usage: provisioning/workstation.sh demo|test" in done.stdout + done.stderr


def test_help_is_given_anywhere(tmp_path: Path) -> None:
    assert prepare(machine(tmp_path), "--help", cwd=tmp_path).returncode == 0
    assert "run me from the top folder" in prepare(tmp_path / "bin", "demo", cwd=tmp_path).stderr
