"""What a power cut, a second setup or a careless checkout must not leave behind."""

import fcntl
import os
from pathlib import Path

import pytest

from tests.support import pi_tree
from tests.support.pi_tree import BACKUPS, PiTree

KEY = "sk_0123456789abcdef"
PRIVATE = ("--agent-id", "agent_1", "--private", "--board", "respeaker-2mic-v1", "--consent", "--api-key-file", "-")
NOT_OURS = ("proc", "dev", *BACKUPS)


def test_an_uninstall_right_after_a_power_cut_leaves_nothing_either(pi: PiTree) -> None:
    fresh = pi.snapshot(*NOT_OURS)
    pi.watch("mv")
    left = set()
    for number in (3, 9, 14, 19):
        (pi.root.parent / "moves").unlink(missing_ok=True)
        assert pi.setup(*PRIVATE, text=KEY, NO_CREDS="1", KILL_AT=str(number)).code < 0
        left |= {path.name for path in pi.root.rglob("*.talkbox-new")}
        (pi.root.parent / "moves").unlink()
        assert pi.setup("--uninstall").code == 0
        assert pi.snapshot(*NOT_OURS) == fresh, number
    assert len(left) > 1


def test_of_two_at_once_the_second_leaves_the_first_alone(pi: PiTree) -> None:
    pi.setup(*PRIVATE, text=KEY)
    state = pi.root / "var/lib/talkbox-setup"
    before = pi.snapshot()
    folder = os.open(state, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        for options in ((*PRIVATE, "--board", "usb"), ("--resume",), ("--uninstall",)):
            refused = pi.setup(*options, text=KEY)
            assert refused.code == 69, refused.said
            assert "another setup is under way" in refused.said
        assert pi.setup("--dry-run").code == 0
    finally:
        os.close(folder)
    assert pi.snapshot() == before
    assert pi.setup("--uninstall").code == 0


@pytest.mark.parametrize("mode", [0o777, 0o666])
def test_what_root_runs_after_a_restart_nobody_else_can_write(tmp_path: Path, mode: int) -> None:
    """As a checkout comes from a USB stick."""
    pi = pi_tree.make(tmp_path, pi_tree.copy_checkout(tmp_path / "checkout"))
    for path in pi.checkout.rglob("*"):
        if path.is_file():
            path.chmod(mode)
    pi.setup(*PRIVATE, text=KEY)
    loose = [
        path for path in (pi.root / "opt/talkbox").rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o022
    ]
    assert not loose
