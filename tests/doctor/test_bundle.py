import io
import json
import tarfile

import pytest

from talkbox.doctor import bundle
from talkbox.doctor.ports import Output
from tests.support.examined import MadeUpMachine


def test_everything_that_is_promised_is_gathered(machine: MadeUpMachine) -> None:
    machine.put("/boot/firmware/config.txt", "[all]\ndtparam=spi=on\n")
    machine.put("/proc/asound/cards", " 0 [x]: x - x")
    machine.put("/var/log/talkbox-setup.log", "\n".join(f"step {number}" for number in range(1000)))
    machine.forbidden.add("/etc/talkbox/broker.toml")
    machine.programs["systemctl"] = "talkbox.service: active"
    files = bundle.gather(machine, packages=["pytest 9", "Abc 1"])
    assert {"doctor.txt", "doctor.json", "configuration.toml", *files} == set(bundle.TEXTS)
    assert files["boot.txt"] == "[all]\ndtparam=spi=on"
    assert files["broker.toml"] == "/etc/talkbox/broker.toml: this user may not read it"
    assert files["setup.txt"].splitlines()[0] == "step 700"
    assert files["units.txt"] == "talkbox.service: active"
    assert files["kernel.txt"].startswith("journalctl is not installed")
    assert files["versions.txt"] == "Abc 1\npytest 9"


def test_a_machine_that_says_nothing_says_that(machine: MadeUpMachine) -> None:
    files = bundle.gather(machine, packages=["pytest 9", "Abc 1"])
    assert files["boot.txt"] == "there is none"
    assert files["setup.txt"] == "/var/log/talkbox-setup.log is empty, or there is none"


def test_the_log_begins_a_minute_before_the_last_session(machine: MadeUpMachine) -> None:
    machine.programs["journalctl --output=json"] = json.dumps({"__REALTIME_TIMESTAMP": "1800000000123456"})
    machine.programs["journalctl --output=short-iso"] = "lines"
    assert bundle.last_session(machine) == "lines"
    assert "--since=@1799999940" in machine.ran[-1]
    assert "TALKBOX_EVENT=session_started" in machine.ran[0]


@pytest.mark.parametrize("said", ["-- No entries --", "", '{"other": 1}', "[]", Output(code=1, said="no permission")])
def test_without_a_session_it_is_the_end_of_the_log(machine: MadeUpMachine, said: str | Output) -> None:
    machine.programs["journalctl --output=json"] = said
    machine.programs["journalctl --output=short-iso"] = "lines"
    assert bundle.last_session(machine) == "lines"
    assert "--since" not in machine.ran[-1]


def test_every_line_is_masked_and_none_moves_a_cursor() -> None:
    text = "xi-api-key: sk_0123456789abcdef\nheader Bearer abcdefgh\nmine: hush-hush\x1b[2J\n"
    cleaned = bundle.clean(text, ["hush-hush"])
    for secret in ("0123456789abcdef", "abcdefgh", "hush-hush", "\x1b"):
        assert secret not in cleaned
    assert cleaned.count("\n") == 3


def test_a_report_unpacks_into_a_folder_of_its_own() -> None:
    files = {"README.txt": "é\n", "log.txt": "x\n"}
    with tarfile.open(fileobj=io.BytesIO(bundle.packed(files, at_s=5.5)), mode="r:gz") as archive:
        assert archive.getnames() == ["talkbox-report/README.txt", "talkbox-report/log.txt"]
        member = archive.extractfile("talkbox-report/README.txt")
        assert member is not None
        assert member.read().decode("utf-8") == "é\n"
    assert bundle.joined(files).decode("utf-8") == "===== README.txt =====\né\n\n===== log.txt =====\nx\n"


def test_the_reader_is_told_what_is_in_it_and_to_read_it() -> None:
    text = bundle.readme(["log.txt"], when="now", hidden=["mixer"])
    assert bundle.TEXTS["log.txt"] in text
    assert "Read it before you send it" in text
    assert "could not see everything (mixer)" in text
    assert "sudo" not in bundle.readme([], when="now", hidden=[])
