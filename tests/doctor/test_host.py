import pytest

from talkbox.doctor import host
from talkbox.doctor.check import Status
from talkbox.doctor.ports import Output
from talkbox.errors import ConfigError, TalkboxError
from tests.support.examined import MadeUpMachine

GROUPS = "root:x:0:\naudio:x:29:pi,talkbox\ntalkbox:x:996:ada\n"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("Raspberry Pi Zero 2 W Rev 1.0\0", Status.OK),
        ("Raspberry Pi 3 Model B Plus Rev 1.3\0", Status.OK),
        ("Raspberry Pi 5 Model B Rev 1.0\0", Status.OK),
        ("Raspberry Pi Compute Module 4 Rev 1.0\0", Status.OK),
        ("Raspberry Pi Zero W Rev 1.1\0", Status.FAILED),
        ("Raspberry Pi Zero Rev 1.3\0", Status.FAILED),
        ("Raspberry Pi Model B Plus Rev 1.2\0", Status.FAILED),
        ("Banana Pi M64\0", Status.SKIPPED),
        ("", Status.SKIPPED),
    ],
)
def test_a_pi_is_known_and_those_that_are_too_slow_are_told(machine: MadeUpMachine, name: str, status: Status) -> None:
    machine.put("/proc/device-tree/model", name)
    machine.put("/proc/meminfo", "MemTotal:         437872 kB\nMemFree: 1 kB\n")
    result = host.model(machine)
    assert result.status is status
    assert "427 MB" in result.said
    assert host.is_pi(machine) is name.startswith("Raspberry Pi")


@pytest.mark.parametrize(
    ("release", "bits", "status"),
    [
        ('PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n', 64, Status.OK),
        ('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nID=debian\nVERSION_ID="12"\n', 64, Status.OK),
        ('PRETTY_NAME="Raspbian GNU/Linux 12 (bookworm)"\nID=raspbian\nVERSION_ID="12"\n', 32, Status.WARNING),
        ('PRETTY_NAME="Debian GNU/Linux 11 (bullseye)"\nID=debian\nVERSION_ID="11"\n', 64, Status.WARNING),
        ('PRETTY_NAME="Ubuntu 24.04"\nID=ubuntu\nVERSION_ID="24.04"\n', 64, Status.WARNING),
        ("", 64, Status.WARNING),
    ],
)
def test_two_systems_of_64_bits_are_ours(machine: MadeUpMachine, release: str, bits: int, status: Status) -> None:
    machine.put("/etc/os-release", release)
    result = host.system(machine, bits=bits)
    assert result.status is status
    assert f"{bits} bits" in result.said
    assert bool(result.remedy) is (status is Status.WARNING)


@pytest.mark.parametrize(
    ("release", "status"),
    [("6.12.47+rpt-rpi-v8", Status.OK), ("7.1.0", Status.OK), ("6.1.21-v8+", Status.WARNING), ("odd", Status.OK)],
)
def test_the_kernel_is_new_enough_to_need_no_module(machine: MadeUpMachine, release: str, status: Status) -> None:
    machine.put("/proc/sys/kernel/osrelease", release)
    machine.put("/proc/uptime", "11100.42 5.00\n")
    result = host.kernel(machine)
    assert (result.status, result.said.startswith(f"Linux {release}, up 3 h 5 min")) == (status, True)


def test_a_kernel_that_says_nothing_breaks_nothing(machine: MadeUpMachine) -> None:
    assert host.kernel(machine).status is Status.OK


def test_versions_are_told_and_what_is_missing() -> None:
    result = host.versions({"talkbox": "1.0", "numpy": "2.4"}.get, python="3.13.1")
    assert result.said.splitlines()[0] == "talkbox 1.0, Python 3.13.1"
    assert "numpy 2.4" in result.said
    assert "spidev (not installed)" in result.said
    assert result.figures["numpy"] == "2.4"


@pytest.mark.parametrize(
    ("name", "root", "said"),
    [
        ("ada", False, "ada may operate the device"),
        ("ada", True, "ada (as root) may operate the device"),
        ("root", True, "root may operate the device"),
        ("talkbox", False, "talkbox may operate the device"),
    ],
)
def test_who_is_in_the_group_may_operate_the_device(machine: MadeUpMachine, name: str, root: bool, said: str) -> None:
    machine.put("/etc/group", GROUPS)
    machine.user = name
    assert host.user(machine, root=root).said == said


def test_who_is_not_is_added_to_it(machine: MadeUpMachine) -> None:
    machine.put("/etc/group", GROUPS)
    machine.programs["usermod"] = ""
    result = host.user(machine, root=True)
    assert result.status is Status.WARNING
    assert result.fix is not None
    result.fix.act()
    assert machine.ran == ["usermod --append --groups talkbox pi"]


def test_without_the_group_nothing_is_installed(machine: MadeUpMachine) -> None:
    machine.put("/etc/group", "root:x:0:\ntalkbox\n")
    assert host.user(machine, root=False).status is Status.SKIPPED


def test_a_configuration_with_an_agent_is_well() -> None:
    result = host.configuration("/etc/talkbox/talkbox.toml", None, agent_id="agent_1")
    assert (result.status, result.said) == (Status.OK, "/etc/talkbox/talkbox.toml, agent agent_1")


@pytest.mark.parametrize("path", ["", "/etc/talkbox/talkbox.toml"])
def test_one_without_is_not_and_says_where_to_put_it(path: str) -> None:
    result = host.configuration(path, None, agent_id="")
    assert result.status is Status.FAILED
    assert "/etc/talkbox/talkbox.toml" in result.remedy


def test_one_that_cannot_be_used_is_what_its_error_says() -> None:
    with pytest.raises(ConfigError, match="no such key"):
        host.configuration("x.toml", ConfigError("no such key"), agent_id="")


def test_one_that_this_user_may_not_read_was_not_seen() -> None:
    result = host.configuration("x.toml", ConfigError("x.toml: permission denied"), agent_id="")
    assert result.status is Status.UNSEEN
    assert "defaults" in result.said


def test_a_program_that_mends_says_why_it_could_not(machine: MadeUpMachine) -> None:
    machine.programs["iw"] = Output(code=255, said="command failed\nOperation not permitted (-1)")
    machine.programs["silent"] = Output(code=1, said="")
    for command, why in (("iw", "Operation not permitted"), ("silent", "hangs"), ("missing", "not installed")):
        with pytest.raises(TalkboxError, match=why) as caught:
            host.run(machine, command, "x")
        assert caught.value.hint == f"`sudo {command} x`"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (11_100, "3 h 5 min"), (7200, "2 h"), (90_061, "1 d 1 h")],
)
def test_a_duration_in_words(seconds: float, words: str) -> None:
    assert host.duration(seconds) == words
