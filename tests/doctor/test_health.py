import pytest

from talkbox.doctor import health
from talkbox.doctor.check import Status
from talkbox.doctor.ports import Space
from tests.support.examined import MadeUpMachine


@pytest.mark.parametrize(
    ("bits", "status", "said"),
    [
        ("0", Status.OK, "no under-voltage"),
        ("50005", Status.FAILED, "now: under-voltage, throttling"),
        ("50000", Status.WARNING, "since the boot: under-voltage, throttling"),
        ("20000", Status.WARNING, "since the boot: a lowered clock"),
        ("80008", Status.FAILED, "now: the soft limit of the temperature"),
        ("10004", Status.FAILED, "now: throttling; since the boot also under-voltage"),
    ],
)
@pytest.mark.parametrize("by", ["file", "vcgencmd"])
def test_power_now_and_since_the_boot(machine: MadeUpMachine, bits: str, status: Status, said: str, by: str) -> None:
    if by == "file":
        machine.put(health.THROTTLED, f"{bits}\n")
    else:
        machine.programs["vcgencmd get_throttled"] = f"throttled=0x{bits}"
    result = health.power(machine)
    assert result.status is status
    assert result.said.startswith(said)


def test_too_little_power_asks_for_another_supply_and_heat_for_air(machine: MadeUpMachine) -> None:
    machine.put(health.THROTTLED, "50005")
    assert health.power(machine).remedy == health.SUPPLY
    machine.put(health.THROTTLED, "8")
    assert health.power(machine).remedy == health.COOL


def test_only_a_pi_knows_of_its_power(machine: MadeUpMachine) -> None:
    assert health.power(machine).status is Status.SKIPPED
    machine.programs["vcgencmd"] = "VCHI initialization failed"
    assert health.power(machine).status is Status.SKIPPED


@pytest.mark.parametrize(
    ("milli", "status"),
    [("48312", Status.OK), ("70000", Status.WARNING), ("80001", Status.FAILED), ("", Status.SKIPPED)],
)
def test_how_hot_it_is(machine: MadeUpMachine, milli: str, status: Status) -> None:
    if milli:
        machine.put("/sys/class/thermal/thermal_zone0/temp", f"{milli}\n")
    assert health.temperature(machine).status is status


@pytest.mark.parametrize(
    ("free", "status", "said"),
    [
        (8_000_000_000, Status.OK, "8.0 GB of 16.0 GB free"),
        (250_000_000, Status.WARNING, "nearly full: 250 MB of 16.0 GB free"),
        (10_000_000, Status.FAILED, "full: 10 MB of 16.0 GB free"),
    ],
)
def test_how_much_room_there_is(machine: MadeUpMachine, free: int, status: Status, said: str) -> None:
    machine.room = Space(total_bytes=16_000_000_000, free_bytes=free)
    result = health.disk(machine)
    assert (result.status, result.said) == (status, said)


@pytest.mark.parametrize(
    ("mounts", "status", "said"),
    [
        ("/dev/mmcblk0p2 / ext4 rw,noatime 0 0\nproc /proc proc rw 0 0\n", Status.OK, "ext4, can be written"),
        ("/dev/root / ext4 ro,errors=remount-ro 0 0\n", Status.FAILED, "ext4, read-only after errors"),
        ("/dev/root / ext4 ro 0 0\n", Status.FAILED, "ext4, read-only: nothing"),
        ("rootfs / rootfs rw 0 0\noverlay / overlay rw,lowerdir=/lower 0 0\n", Status.OK, "read-only below; overlay"),
        ("proc /proc proc rw 0 0\n", Status.UNSEEN, "/proc/mounts"),
    ],
)
def test_whether_what_is_written_stays(machine: MadeUpMachine, mounts: str, status: Status, said: str) -> None:
    machine.put("/proc/mounts", mounts)
    result = health.root(machine)
    assert result.status is status
    assert result.said.startswith(said)


def test_a_pi_that_does_not_tell_of_its_power_is_not_taken_for_another_computer(machine: MadeUpMachine) -> None:
    machine.put("/proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    machine.programs["vcgencmd get_throttled"] = "Can't open device file: /dev/vcio"
    result = health.power(machine)
    assert result.status is Status.UNSEEN
    assert "sudo" in result.remedy
