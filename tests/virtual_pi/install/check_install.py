"""
The appliance that setup.sh made, on a system with systemd: in the order in which these things happen to a device.

The last check uninstalls it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.programs import eventually
from tests.virtual_pi.checks import pi
from tests.virtual_pi.checks.check_appliance import ANSWER_HZ, GREETING_HZ, pitch_hz, question
from tests.virtual_pi.install import device

pytestmark = pytest.mark.virtual_pi

Figure = Callable[[str, object], None]
EXPOSURE_AT_MOST = 1.9
YEAR_1971_S = 365 * 86400.0


@pytest.fixture(scope="module", autouse=True)
def _let_in() -> None:
    device.let_in()


def test_setup_went_on_by_itself_after_the_restart_and_is_over(record_property: Figure) -> None:
    assert device.shown("talkbox-setup.service", "Result") == "success"
    assert device.shown("talkbox-setup.service", "UnitFileState") == "disabled"
    assert not Path("/boot/firmware/talkbox.toml").exists()
    config = Path("/boot/firmware/config.txt").read_text("utf-8")
    assert config.count("# >>> talkbox") == 1
    block = config.partition("# >>> talkbox")[2]
    overlay = re.search(r"^dtoverlay=(\S+)", block, re.MULTILINE)
    assert overlay
    assert Path(f"/boot/firmware/overlays/{overlay[1]}.dtbo").exists()
    record_property("figure", f"dtoverlay={overlay[1]}, one restart")


def test_a_second_run_changes_nothing(record_property: Figure) -> None:
    before = device.main_pid()
    said = device.run(str(device.SETUP / "provisioning/setup.sh"), "--wheels", "/srv/wheels", "--yes").stdout
    said = said.partition("talkbox doctor:")[0]
    changed = [line for line in said.splitlines() if re.match(r" +(changed|failed|would) ", line)]
    assert changed == []
    assert device.main_pid() == before
    record_property("figure", f"{len(re.findall(r'^ +ok  ', said, re.MULTILINE))} steps, all ok")


def test_the_services_run_and_are_ready_within_seconds(record_property: Figure) -> None:
    for unit in (device.SERVICE, "talkbox-broker.socket"):
        assert device.shown(unit, "ActiveState") == "active"
        assert device.shown(unit, "UnitFileState") == "enabled"
    device.run("systemctl", "restart", device.SERVICE)
    asked, active = (
        int(device.shown(device.SERVICE, key)) / 1e6
        for key in ("InactiveExitTimestampMonotonic", "ActiveEnterTimestampMonotonic")
    )
    device.until(state="idle")
    assert "button" in device.shown(device.SERVICE, "StatusText")
    record_property(
        "figure", f"ready {active - asked:.1f} s after its start: {device.shown(device.SERVICE, 'StatusText')}"
    )


def test_every_service_is_sandboxed(record_property: Figure) -> None:
    for unit in (device.SERVICE, "talkbox-broker.service", "talkbox-doctor.service"):
        said = device.run("systemd-analyze", "security", "--no-pager", unit).stdout
        exposure = re.search(r"exposure level for \S+: ([\d.]+)", said)
        assert exposure
        assert float(exposure[1]) <= EXPOSURE_AT_MOST
        record_property("figure", f"{unit} {exposure[1]}")


def test_nobody_but_root_can_read_the_api_key(record_property: Figure) -> None:
    stored = [path for path in Path("/etc").glob(f"credstore*/{device.STORED_KEY}") if path.stat().st_size]
    assert len(stored) == 1
    for user in ("talkbox", "pi"):
        read = device.run(
            "setpriv", "--reuid", user, "--regid", user, "--init-groups", "cat", str(stored[0]), check=False
        )
        assert read.returncode != 0
    found = device.run(
        "grep", "-rlF", device.API_KEY, "/etc", "/var/log", "/opt", "/boot", "/run/talkbox", check=False
    ).stdout
    assert set(found.split()) <= {str(stored[0])}
    assert device.API_KEY not in device.run("journalctl", "--no-pager", "--boot").stdout
    record_property("figure", f"{stored[0].parent.name}, mode {stored[0].stat().st_mode & 0o777:o}")


def test_a_pressed_button_starts_a_conversation_through_a_signed_url_of_the_broker(
    tmp_path: Path, record_property: Figure
) -> None:
    speaker = tmp_path / "said.wav"
    with device.service_at_home(tmp_path):
        with pi.recorded(speaker):
            pi.press(bounce_ms=pi.CHATTER_MS)
            device.until(state="speaking")
            device.until(state="listening")
        greeting = pitch_hz(speaker)
        with pi.recorded(speaker):
            pi.say(question())
            device.until(state="speaking")
            device.until(state="listening")
        answer = pitch_hz(speaker)
        pi.press(bounce_ms=pi.CHATTER_MS)
        device.until(state="idle")
    assert abs(greeting - GREETING_HZ) < 5
    assert abs(answer - ANSWER_HZ) < 5
    asked = [line for line in device.messages("talkbox-broker.service").splitlines() if "signed-url" in line]
    assert asked
    record_property("figure", f"greeted with {greeting:.0f} Hz, answered with {answer:.0f} Hz; the broker: {asked[-1]}")
    memory = int(device.shown(device.SERVICE, "MemoryPeak")) / 2**20
    record_property("figure", f"at most {memory:.0f} MiB")


def test_the_audio_threads_have_real_time_priority(tmp_path: Path, record_property: Figure) -> None:
    with device.service_at_home(tmp_path):
        pi.press()
        device.until(state="speaking")
        policies = device.run("ps", "-L", "-o", "comm=,cls=,rtprio=", "-p", str(device.main_pid())).stdout.splitlines()
        pi.press()
        device.until(state="idle")
    real_time = [line.split() for line in policies if line.split()[-2] in ("RR", "FF")]
    assert len(real_time) == 2
    record_property("figure", "; ".join(" ".join(words) for words in real_time))


def test_the_journal_has_one_conversation_with_its_fields(record_property: Figure) -> None:
    entries = [entry for entry in device.journal() if "TALKBOX_CONVERSATION_ID" in entry]
    first = entries[0]["TALKBOX_CONVERSATION_ID"]
    lines = [entry for entry in entries if entry["TALKBOX_CONVERSATION_ID"] == first]
    assert {"metrics"} <= {entry.get("TALKBOX_EVENT") for entry in lines}
    assert 3 <= len(lines) <= 15
    metrics = next(entry["MESSAGE"] for entry in lines if entry.get("TALKBOX_EVENT") == "metrics")
    record_property("figure", f"{len(lines)} lines; {metrics}")


def test_the_logs_are_read_over_ssh(record_property: Figure) -> None:
    def logs(*options: str) -> str:
        return device.run(str(device.SETUP / "provisioning/logs.sh"), "pi@localhost", *options).stdout

    everything = logs()
    assert "talkbox" in everything or "session" in everything
    entries = [json.loads(line) for line in logs("--json").splitlines()]
    assert entries
    one = next(entry["TALKBOX_CONVERSATION_ID"] for entry in device.journal() if "TALKBOX_CONVERSATION_ID" in entry)
    of_one = logs("--conversation", one)
    assert 3 <= len(of_one.splitlines()) < len(everything.splitlines())
    logs("--errors", "--since", "-1h")
    print(everything)
    record_property("figure", f"{len(everything.splitlines())} lines, {len(of_one.splitlines())} of one conversation")


def test_who_operates_it_needs_no_root(record_property: Figure) -> None:
    assert json.loads(device.as_pi("talkbox", "status", "--json").stdout)["state"] == "idle"
    doctor = device.as_pi("talkbox", "doctor", check=False)
    assert doctor.returncode in (0, 1)
    record_property("figure", summed_up(doctor.stdout))


def test_the_doctor_looks_at_everything(record_property: Figure) -> None:
    doctor = device.talkbox("doctor", check=False)
    assert doctor.returncode in (0, 1)
    assert "Traceback" not in doctor.stdout + doctor.stderr
    found = json.loads(device.talkbox("doctor", "--json", check=False).stdout)
    assert found
    Path("/mnt/share").joinpath("doctor.txt").write_text(doctor.stdout, "utf-8")
    record_property("figure", summed_up(doctor.stdout))


def test_the_doctor_of_the_boot_said_what_it_saw(record_property: Figure) -> None:
    eventually(lambda: device.shown("talkbox-doctor.service", "ActiveState") in ("inactive", "active"), "the doctor")
    said = device.messages("talkbox-doctor.service")
    assert said
    assert "Traceback" not in said
    record_property("figure", f"{len(said.splitlines())} lines")


def test_a_report_has_no_secret(tmp_path: Path, record_property: Figure) -> None:
    report = tmp_path / "report"
    device.talkbox("report", "--out", str(report))
    (made,) = [path for path in tmp_path.iterdir() if path.name.startswith("report")]
    unpacked = device.run("tar", "--extract", "--to-stdout", "--file", str(made), check=False).stdout or made.read_text(
        "utf-8"
    )
    assert unpacked
    assert device.API_KEY not in unpacked
    record_property("figure", f"{made.stat().st_size // 1024} KiB")


def test_a_killed_device_is_dark_says_why_and_comes_back(tmp_path: Path, record_property: Figure) -> None:
    with device.service_at_home(tmp_path):
        pi.press()
        device.until(state="speaking")
        before = device.main_pid()
        pi.forget_spi()
        os.kill(before, signal.SIGKILL)
        eventually(lambda: device.main_pid() != before, "systemd to notice")
        eventually(lambda: len(pi.spi_transfers()) > 0 and not any(map(any, pi.lights())), "the lights to go out")
        device.restarted(before)
    (why,) = [line for line in device.messages().splitlines() if "SIGKILL" in line or "killed" in line][-1:]
    record_property("figure", f"dark; {why}")


def test_a_device_that_hangs_is_ended_by_the_watchdog_and_comes_back(record_property: Figure) -> None:
    before, begun_s = device.main_pid(), time.monotonic()
    os.kill(before, signal.SIGSTOP)
    limit_s = 90
    while device.main_pid() in (0, before):
        assert time.monotonic() - begun_s < limit_s
        time.sleep(0.5)
    device.restarted(before)
    (why,) = [line for line in device.messages().splitlines() if "watchdog" in line and "ended badly" in line][-1:]
    record_property("figure", f"back after {time.monotonic() - begun_s:.0f} s; {why}")


class Zeros:
    """As much nothing as one wants."""

    def read(self, size: int = 0, /) -> bytes:
        return bytes(size)


def test_a_full_disk_stops_nothing(tmp_path: Path, record_property: Figure) -> None:
    filler = Path("/var/lib/filler")
    before = device.main_pid()
    try:
        with filler.open("wb") as file, device.service_at_home(tmp_path):
            with pytest.raises(OSError, match="No space"):
                shutil.copyfileobj(Zeros(), file, 1 << 20)
            pi.turn(+1)
            pi.press()
            device.until(state="speaking")
            pi.press()
            device.until(state="idle")
            time.sleep(5)  # the volume is written once the knob has rested
    finally:
        filler.unlink()
    assert device.main_pid() == before
    said = [line for line in device.messages().splitlines() if "space" in line.lower()]
    record_property("figure", f"a conversation with 0 bytes free; said: {said[-1] if said else 'nothing'}")


def test_without_the_service_a_press_ends_in_words(record_property: Figure) -> None:
    pi.press()
    device.until(state="idle")
    errors = [entry for entry in device.journal() if int(entry.get("PRIORITY", 6)) <= 4]
    assert errors
    record_property("figure", str(errors[-1]["MESSAGE"]))


def test_a_broken_configuration_is_named_and_not_tried_again(record_property: Figure) -> None:
    path = Path("/etc/talkbox/talkbox.toml")
    good = path.read_text("utf-8")
    try:
        path.write_text(good + "\n[audio]\nvolume = 7\nchunk = 20\n", "utf-8")
        device.run("systemctl", "restart", device.SERVICE, check=False)
        eventually(lambda: device.shown(device.SERVICE, "ActiveState") == "failed", "systemd to give up")
        assert device.shown(device.SERVICE, "ExecMainStatus") == "78"
        said = device.messages()
        assert "audio.volume" in said
    finally:
        path.write_text(good, "utf-8")
    device.run("systemctl", "restart", device.SERVICE)
    device.until(state="idle")
    record_property("figure", "exit 78, and back when it is mended")


def test_a_wrong_clock_keeps_nobody_from_starting(record_property: Figure) -> None:
    now_s = time.time()
    try:
        time.clock_settime(time.CLOCK_REALTIME, YEAR_1971_S)
        device.run("systemctl", "restart", device.SERVICE)
        device.until(state="idle")
        year = time.gmtime().tm_year
    finally:
        time.clock_settime(time.CLOCK_REALTIME, now_s)
    record_property("figure", f"ready in {year}")


def summed_up(doctor: str) -> str:
    """Return the line in which the doctor counts."""
    return next(line for line in doctor.splitlines() if re.match(r"\d+ checks: ", line))


def test_uninstalled_the_system_is_as_it_was(record_property: Figure) -> None:
    device.run(str(device.SETUP / "provisioning/setup.sh"), "--uninstall")
    before = set(Path("/srv/before").read_text("utf-8").splitlines())
    after = set(
        subprocess.run(
            ["/srv/talkbox/tests/virtual_pi/install/snapshot.sh"], capture_output=True, text=True, check=True
        ).stdout.splitlines()
    )
    # What this check itself made, to come in over SSH, and what it was given.
    ours = ("/home/pi/.ssh", "/boot/firmware/talkbox.toml")
    differences = sorted(line for line in before ^ after if not any(path in line for path in ours))
    assert [line for line in differences if not line.startswith("d ")] == []
    for unit in (device.SERVICE, "talkbox-broker.socket"):
        assert device.shown(unit, "LoadState") == "not-found"
    record_property("figure", f"{len(after)} files compared")
