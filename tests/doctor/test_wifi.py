import pytest

from talkbox.doctor.check import Status
from talkbox.doctor.ports import Output
from talkbox.doctor.wifi import Radio, power_save, radios, strength
from tests.support.examined import MadeUpMachine

HEAD = """Inter-| sta-|   Quality        |   Discarded packets               | Missed | WE
 face | tus | link level noise |  nwid  crypt   frag  retry   misc | beacon | 22
"""


def wireless(machine: MadeUpMachine, level: str) -> None:
    machine.put("/proc/net/wireless", f"{HEAD} wlan0: 0000   54.  {level}  -256        0      0\n")


def test_the_kernel_s_table_is_read() -> None:
    text = f"{HEAD} wlan0: 0000   54.  -56.  -256  0\nwlan1: 0000   0.   30.  0\nwlan2: 0000   0.  -256.  0\n broken\n"
    unknown = [Radio(name=name, level_dbm=None) for name in ("wlan1", "wlan2")]
    assert radios(text) == [Radio(name="wlan0", level_dbm=-56), *unknown]
    assert radios("") == radios(HEAD) == []


@pytest.mark.parametrize(("level", "word"), [("-56.", ""), ("-68.", "weak"), ("-80.", "very weak")])
def test_how_strong_it_is(machine: MadeUpMachine, level: str, word: str) -> None:
    wireless(machine, level)
    result = strength(machine)
    assert result.status is (Status.WARNING if word else Status.OK)
    assert result.said == f"{float(level):.0f} dBm on wlan0{f': {word}' if word else ''}"


def test_a_driver_that_does_not_say_was_not_seen(machine: MadeUpMachine) -> None:
    wireless(machine, "0.")
    assert strength(machine).status is Status.UNSEEN


def test_without_wifi_there_is_nothing_to_look_at(machine: MadeUpMachine) -> None:
    assert strength(machine).status is power_save(machine).status is Status.SKIPPED


def test_power_save_that_is_on_is_switched_off_by_a_fix(machine: MadeUpMachine) -> None:
    wireless(machine, "-50.")
    machine.programs |= {"iw dev wlan0 get power_save": "Power save: on", "iw dev wlan0 set power_save off": ""}
    result = power_save(machine)
    assert result.status is Status.WARNING
    assert result.fix is not None
    result.fix.act()
    assert machine.ran[-1] == "iw dev wlan0 set power_save off"


def test_power_save_that_is_off_is_well(machine: MadeUpMachine) -> None:
    wireless(machine, "-50.")
    machine.programs["iw"] = "Power save: off"
    assert power_save(machine).status is Status.OK


@pytest.mark.parametrize("said", [None, Output(code=237, said="command failed: Operation not supported (-95)")])
def test_power_save_that_nobody_tells_was_not_seen(machine: MadeUpMachine, said: Output | None) -> None:
    wireless(machine, "-50.")
    if said is not None:
        machine.programs["iw"] = said
    assert power_save(machine).status is Status.UNSEEN
