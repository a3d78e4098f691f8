"""What the unit files say, held against the program, the documentation and each other."""

import re
import tomllib
from pathlib import Path

import pytest

from talkbox.appliance import endings
from talkbox.arguments import DEFAULT_SOCKET
from talkbox.audio import realtime
from talkbox.config import DEFAULT_PATH
from tests.support.units import DROP_INS, SERVICES, SETTINGS, SYSTEMD, TOP, UNITS, directives, values

BIN = "/opt/talkbox/current/bin/"
DEVICE = SYSTEMD / "system" / "talkbox.service"
BROKER = SYSTEMD / "system" / "talkbox-broker.service"
SOCKET = SYSTEMD / "system" / "talkbox-broker.socket"
DOCTOR = SYSTEMD / "system" / "talkbox-doctor.service"
OURS = [DEVICE, BROKER, SOCKET, DOCTOR]
README = (SYSTEMD / "README.md").read_text("utf-8")
NEWER = {"RestartSteps", "RestartMaxDelaySec"}
"""What systemd 252 does not know, and complains about."""


def explained() -> set[str]:
    """The directives in the first column of a table of the README."""
    rows = [line.split("|")[1] for line in README.splitlines() if line.startswith("| `")]
    return {key for row in rows for key in re.findall(r"`(\w+)=", row)}


def documented() -> list[Path]:
    return [*OURS, *DROP_INS, *SETTINGS]


def test_every_directive_is_explained_and_every_explanation_has_its_directive() -> None:
    assert {key for path in documented() for _, key, _ in directives(path)} == explained()


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_every_program_is_an_entry_point(path: Path) -> None:
    scripts = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    commands = [value.lstrip("-") for _, key, value in directives(path) if key.startswith("Exec")]
    assert commands or path is SOCKET
    for command in commands:
        assert command.startswith(BIN)
        assert command.removeprefix(BIN).split()[0] in scripts


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_no_unit_has_a_directive_that_the_oldest_systemd_complains_about(path: Path) -> None:
    assert not {key for _, key, _ in directives(path)} & NEWER


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.name)
def test_a_directive_is_given_once_but_for_lists(path: Path) -> None:
    keys = [key for _, key, _ in directives(path) if key not in ("DeviceAllow", "SystemCallFilter")]
    assert len(keys) == len(set(keys))


def test_no_key_is_in_a_unit_file() -> None:
    text = "".join(path.read_text("utf-8") for path in documented())
    assert "sk_" not in text
    assert "API_KEY" not in text


def test_a_mistake_in_the_configuration_is_not_tried_again_and_everything_else_is() -> None:
    for service in (DEVICE, BROKER):
        assert values(service, "Restart") == ["always"]
        assert values(service, "StartLimitIntervalSec") == ["0"]
        assert values(service, "RestartPreventExitStatus") == ["78"]
    ended = endings.ending({"SERVICE_RESULT": "exit-code", "EXIT_CODE": "exited", "EXIT_STATUS": "78"})
    assert ended is not None
    assert "not started again" in ended.text


def test_a_restart_comes_later_each_time_where_systemd_can_do_that() -> None:
    for path in (path for path in DROP_INS if path.name == "restart-steps.conf"):
        service = SYSTEMD / "system" / path.parent.name.removesuffix(".d")
        assert int(values(path, "RestartMaxDelaySec")[0]) > int(values(service, "RestartSec")[0])


def test_the_audio_threads_may_have_the_priority_that_they_ask_for() -> None:
    assert values(DEVICE, "LimitRTPRIO") == [str(realtime.PRIORITY)]
    assert not values(DEVICE, "RestrictRealtime")
    assert "sched_setscheduler" in " ".join(values(DEVICE, "SystemCallFilter")[2:])


def test_the_device_finds_its_configuration_and_makes_its_socket_where_the_commands_look_for_them() -> None:
    for key in ("ExecStart", "ExecStopPost"):
        assert f"--config {DEFAULT_PATH}" in values(DEVICE, key)[0]
    assert Path("/run") / values(DEVICE, "RuntimeDirectory")[0] == DEFAULT_SOCKET.parent


def test_a_stop_that_goes_wrong_fails_nothing() -> None:
    assert values(DEVICE, "ExecStopPost")[0].startswith("-")


def test_the_device_has_no_way_to_the_key() -> None:
    assert not [key for _, key, _ in directives(DEVICE) if "Credential" in key]
    assert values(DEVICE, "User") != values(BROKER, "User")
    assert values(SOCKET, "SocketGroup") == values(DEVICE, "Group")
    assert values(SOCKET, "SocketMode") == ["0660"]


def test_what_lgpio_writes_goes_where_the_device_may_write() -> None:
    assert values(DEVICE, "WorkingDirectory") == [f"%t/{values(DEVICE, 'RuntimeDirectory')[0]}"]


def test_the_doctor_is_never_in_the_way() -> None:
    assert "talkbox.service" in values(DOCTOR, "After")[0].split()
    assert "multi-user.target" in values(DOCTOR, "After")[0].split()
    assert "--boot" in values(DOCTOR, "ExecStart")[0]
    assert values(DOCTOR, "CPUSchedulingPolicy") == values(DOCTOR, "IOSchedulingClass") == ["idle"]


def test_nobody_but_the_doctor_waits_for_the_network() -> None:
    assert [path.name for path in OURS if "network" in path.read_text("utf-8").partition("[Service]")[0]] == [
        DOCTOR.name
    ]


def test_every_group_and_user_of_a_unit_is_made_or_is_in_every_debian() -> None:
    made = {line.split()[1] for line in (SYSTEMD / "sysusers.d" / "talkbox.conf").read_text("utf-8").splitlines()[1:]}
    debian = {"root", "audio", "systemd-journal"}
    for path in OURS:
        for key in ("User", "Group", "SupplementaryGroups", "SocketUser", "SocketGroup"):
            assert set(" ".join(values(path, key)).split()) <= made | debian, key


def test_the_journal_s_settings_win_over_those_of_raspberry_pi_os() -> None:
    path = SYSTEMD / "journald.conf.d" / "talkbox.conf"
    assert path.name > "40-rpi-volatile-storage.conf"
    assert path.name > "80-raspi-config-journal-storage.conf"
    assert values(path, "Storage") == ["persistent"]
    assert values(path, "SystemMaxUse")


def test_the_hardware_watchdog_is_asked_for_no_more_than_it_can_count() -> None:
    (text,) = values(SYSTEMD / "system.conf.d" / "talkbox.conf", "RuntimeWatchdogSec")
    assert 0 < int(text.removesuffix("s")) <= 15


def test_every_file_of_the_folder_is_known_to_these_tests() -> None:
    known = {*documented(), SYSTEMD / "README.md", SYSTEMD / "udev" / "rules.d" / "70-talkbox.rules"}
    known |= {SYSTEMD / folder / "talkbox.conf" for folder in ("sysusers.d", "tmpfiles.d")}
    known.add(SYSTEMD / "polkit-1" / "rules.d" / "70-talkbox.rules")
    setup = {SYSTEMD / "system" / "talkbox-setup.service"}  # the setup's own, and tested with it
    assert {path for path in SYSTEMD.rglob("*") if path.is_file()} - setup == known
    assert set(SERVICES) - setup == {DEVICE, BROKER, DOCTOR}
    assert set(UNITS) - setup == set(OURS)
