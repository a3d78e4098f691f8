import pytest

from talkbox.doctor.check import Status
from talkbox.doctor.clock import clock
from talkbox.doctor.network import Server
from talkbox.doctor.ports import Output
from tests.support.examined import NOW_S, MadeUpMachine, bad_certificate, shaken, shaking

SERVICE = Server(host="api.example", port=443, secure=True, proxy="")
HERE = Server(host="127.0.0.1", port=8787, secure=False, proxy="")


@pytest.mark.parametrize(
    ("ahead_s", "ntp", "status", "said"),
    [
        (0.4, "yes", Status.OK, "synchronized, as the service has it"),
        (0.4, "no", Status.OK, "not synchronized, as the service has it"),
        (-60.0, "no", Status.WARNING, "1 min behind the service, not synchronized"),
        (7200.0, "no", Status.FAILED, "2 h ahead of the service"),
        (None, "yes", Status.OK, "synchronized"),
        (None, "no", Status.WARNING, "not synchronized"),
        (None, "", Status.OK, "nobody says"),
    ],
)
def test_the_clock_is_compared_with_the_service_s_and_with_what_systemd_says(
    machine: MadeUpMachine, ahead_s: float | None, ntp: str, status: Status, said: str
) -> None:
    machine.programs["timedatectl show"] = ntp or Output(code=1, said="no bus")
    result = clock(SERVICE, shaken(ahead_s=ahead_s), machine, built_s=NOW_S - 1)
    assert result.status is status
    assert said in result.said
    assert (result.fix is not None) is (status is not Status.OK)


def test_systemd_s_own_mark_is_enough(machine: MadeUpMachine) -> None:
    machine.put("/run/systemd/timesync/synchronized", "")
    result = clock(SERVICE, shaking(OSError(101, "no network")), machine, built_s=0)
    assert (result.status, machine.ran) == (Status.OK, [])


def test_a_clock_from_before_the_installation_is_wrong_unless_somebody_knows_better(machine: MadeUpMachine) -> None:
    assert clock(SERVICE, shaken(), machine, built_s=NOW_S + 1).status is Status.OK
    machine.ran.clear()
    machine.programs["timedatectl show"] = "no"
    result = clock(SERVICE, shaken(ahead_s=None), machine, built_s=NOW_S + 1)
    assert (result.status, "before this version" in result.said) == (Status.FAILED, True)
    machine.programs["timedatectl --no-ask-password set-ntp"] = ""
    assert result.fix is not None
    result.fix.act()
    assert machine.ran[-1] == "timedatectl --no-ask-password set-ntp true"


def test_a_certificate_from_the_future_accuses_the_clock_and_no_other_does(machine: MadeUpMachine) -> None:
    assert clock(SERVICE, shaking(bad_certificate(9)), machine, built_s=0).status is Status.FAILED
    assert clock(SERVICE, shaking(bad_certificate(18)), machine, built_s=0).status is Status.OK


def test_on_this_machine_there_is_no_clock_to_compare_with(machine: MadeUpMachine) -> None:
    assert clock(HERE, shaking(OSError("was asked")), machine, built_s=0).status is Status.OK
