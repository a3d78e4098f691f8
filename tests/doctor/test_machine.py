import os
from pathlib import Path

import pytest

from talkbox.doctor.machine import ThisMachine
from tests.support.computer import put


def test_a_text_is_read_without_the_nul_of_a_device_tree(tmp_path: Path) -> None:
    put(tmp_path, "proc/device-tree/model", "Raspberry Pi 5\0")
    assert ThisMachine(tmp_path).text("/proc/device-tree/model") == "Raspberry Pi 5"


def test_what_is_not_there_or_is_a_folder_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    machine = ThisMachine(tmp_path)
    assert (machine.text("/none"), machine.text("/folder"), machine.changed_s("/none")) == ("", "", None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_what_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    put(tmp_path, "secret", "x")
    (tmp_path / "secret").chmod(0)
    with pytest.raises(PermissionError):
        ThisMachine(tmp_path).text("/secret")


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    put(tmp_path, "huge", "x" * 3_000_000)
    assert len(ThisMachine(tmp_path).text("/huge")) == 1024 * 1024


def test_files_are_found_below_the_root_in_order(tmp_path: Path) -> None:
    for name in ("b", "a"):
        put(tmp_path, f"proc/{name}/status", "")
    machine = ThisMachine(tmp_path)
    assert machine.find("/proc/*/status") == ["/proc/a/status", "/proc/b/status"]
    os.utime(tmp_path / "proc/a/status", (5, 5))
    assert machine.changed_s("/proc/a/status") == 5


def test_there_is_room_and_a_time_and_a_user(tmp_path: Path) -> None:
    machine = ThisMachine(tmp_path)
    space = machine.space("/")
    assert 0 < space.free_bytes <= space.total_bytes
    assert machine.now_s() > 1_700_000_000
    assert machine.user


def test_behind_sudo_it_is_still_the_same_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "ada")
    assert ThisMachine().user == "ada"


def test_a_user_without_a_name_is_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setattr("getpass.getuser", nameless)
    assert ThisMachine().user == str(os.getuid())
