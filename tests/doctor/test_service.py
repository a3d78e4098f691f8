import pytest

from talkbox.doctor.check import Status
from talkbox.doctor.ports import Output
from talkbox.doctor.service import journal, unit
from talkbox.errors import TalkboxError
from tests.support.examined import MadeUpMachine

UNIT = "talkbox.service"
WELL = {
    "LoadState": "loaded",
    "ActiveState": "active",
    "SubState": "running",
    "UnitFileState": "enabled",
    "Result": "success",
    "NRestarts": "0",
    "ExecMainStatus": "0",
    "StatusText": "idle: press the button to talk",
}


def state(machine: MadeUpMachine, **changed: str) -> None:
    machine.programs["systemctl show"] = "\n".join(f"{key}={value}" for key, value in (WELL | changed).items())


def test_a_unit_that_runs_says_what_it_does(machine: MadeUpMachine) -> None:
    state(machine)
    result = unit(machine, UNIT)
    assert (result.status, result.said) == (Status.OK, "active (running): idle: press the button to talk")


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"LoadState": "not-found"}, Status.WARNING, "not installed"),
        ({"UnitFileState": "disabled"}, Status.WARNING, "not at boot"),
        ({"NRestarts": "7"}, Status.WARNING, "after 7 restarts"),
        ({"ActiveState": "inactive", "SubState": "dead"}, Status.FAILED, "does not run"),
        ({"ActiveState": "activating", "SubState": "auto-restart", "NRestarts": "4"}, Status.FAILED, "4 restarts"),
        ({"ActiveState": "failed", "Result": "watchdog", "ExecMainStatus": "6"}, Status.FAILED, "watchdog"),
        ({"ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "78"}, Status.FAILED, "configuration"),
        (
            {"UnitFileState": "static", "SubState": "listening", "NRestarts": ""},
            Status.OK,
            "listening",
        ),
        ({"ActiveState": "activating", "SubState": "start"}, Status.OK, "activating (start)"),
    ],
)
def test_what_can_be_wrong_with_a_unit(
    machine: MadeUpMachine, changed: dict[str, str], status: Status, said: str
) -> None:
    state(machine, **changed)
    result = unit(machine, UNIT)
    assert result.status is status
    assert said in result.said


def test_one_that_failed_is_restarted_by_a_fix_but_not_over_its_configuration(machine: MadeUpMachine) -> None:
    state(machine, ActiveState="failed", Result="signal", ExecMainStatus="9")
    machine.programs["systemctl --no-ask-password restart"] = ""
    fix = unit(machine, UNIT).fix
    assert fix is not None
    fix.act()
    assert machine.ran[-2:] == [
        f"systemctl --no-ask-password reset-failed {UNIT}",
        f"systemctl --no-ask-password restart {UNIT}",
    ]
    state(machine, ActiveState="failed", ExecMainStatus="78")
    assert unit(machine, UNIT).fix is None


def test_a_fix_that_systemd_refuses_says_why(machine: MadeUpMachine) -> None:
    state(machine, ActiveState="inactive")
    machine.programs["systemctl --no-ask-password start"] = Output(code=1, said="Failed to start: Access denied")
    fix = unit(machine, UNIT).fix
    assert fix is not None
    with pytest.raises(TalkboxError, match="Access denied"):
        fix.act()


@pytest.mark.parametrize("said", [None, Output(code=1, said="System has not been booted with systemd")])
def test_without_systemd_there_are_no_units(machine: MadeUpMachine, said: Output | None) -> None:
    if said is not None:
        machine.programs["systemctl"] = said
    assert unit(machine, UNIT).status is Status.SKIPPED


USED = "Archived and active journals take up 24.0M in the file system."


def test_a_journal_that_is_kept(machine: MadeUpMachine) -> None:
    machine.put("/var/log/journal/0123/system.journal", "")
    machine.programs["journalctl --disk-usage"] = USED
    assert journal(machine).said == "kept over a reboot, 24.0M"


def test_a_journal_in_memory_goes_with_the_power(machine: MadeUpMachine) -> None:
    machine.put("/run/log/journal/0123/system.journal", "")
    machine.programs["journalctl --disk-usage"] = USED
    result = journal(machine)
    assert (result.status, "Storage=persistent" in result.remedy) == (Status.WARNING, True)


def test_a_journal_that_this_user_may_not_read(machine: MadeUpMachine) -> None:
    machine.put("/var/log/journal/0123/system.journal", "")
    machine.programs["journalctl"] = f"Hint: You are currently not seeing messages from other users.\n{USED}"
    assert journal(machine).status is Status.UNSEEN


def test_without_a_journal_there_is_none_to_keep(machine: MadeUpMachine) -> None:
    assert journal(machine).status is Status.SKIPPED
    machine.put("/var/log/journal/0123/system.journal", "")
    assert journal(machine).said == "kept over a reboot"
