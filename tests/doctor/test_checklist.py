import os
from pathlib import Path

import pytest

from talkbox.config import Config, load
from talkbox.doctor.check import Check, Status
from talkbox.doctor.checklist import Subject, checklist
from talkbox.doctor.run import examine
from talkbox.doctor.touch import Person
from talkbox.errors import ConfigError, TalkboxError
from talkbox_hardware.board import load_board
from tests.support.computer import put_cards
from tests.support.examined import MadeUpBoard, MadeUpDevice, MadeUpMachine, MadeUpWire

ASKED_FOR = {
    *("model", "os", "kernel", "overlay", "board", "card", "holder", "mixer", "microphone", "loop", "leds", "button"),
    *(
        "encoder",
        "gpio",
        "dns",
        "route",
        "clock",
        "tls",
        "broker",
        "key",
        "agent",
        "rtt",
        "wifi",
        "power-save",
        "power",
    ),
    *("temperature", "disk", "root", "journal", "unit", "versions"),
}


class SetMixer:
    """A card whose controls are what the board needs."""

    def __init__(self, device: str) -> None:
        assert device == "hw:CARD=seeed2micvoicec"
        card = load_board("respeaker-2mic-v1").card
        assert card is not None
        self._values = {control.name: control.value for control in card.profile}

    def info(self, name: str) -> str:
        return name

    def read(self, name: str) -> tuple[int | bool | str, ...]:
        return (self._values[name],)

    def close(self) -> None:
        pass


class NoSound:
    """A card that must not be touched."""

    def __call__(self, _fitted: object) -> "NoSound":
        raise AssertionError("the card was touched")


PRIVATE = ("agent.agent_id=agent_1", "agent.signed_url_from=unix:/run/talkbox-broker/http.sock")
UNIT = "LoadState=loaded\nActiveState=active\nSubState=running\nUnitFileState=enabled\nNRestarts=0"


def healthy(folder: Path) -> MadeUpMachine:
    """A Pi with everything as it should be."""
    machine = MadeUpMachine(folder)
    put_cards(folder, "vc4hdmi", "seeed2micvoicec")
    for path, text in {
        "/proc/device-tree/model": "Raspberry Pi Zero 2 W Rev 1.0\0",
        "/proc/meminfo": "MemTotal: 437872 kB",
        "/etc/os-release": 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"',
        "/proc/sys/kernel/osrelease": "6.12.47+rpt-rpi-v8",
        "/proc/uptime": "11100.0 4.0",
        "/etc/group": "talkbox:x:996:pi",
        "/boot/firmware/config.txt": "[all]\ndtoverlay=respeaker-2mic-v1_0",
        "/boot/firmware/overlays/respeaker-2mic-v1_0.dtbo": "",
        "/proc/net/route": "head\nwlan0 00000000 0101A8C0 0003 0 0 600 00000000 0 0 0",
        "/proc/net/wireless": "head\nhead\n wlan0: 0000   54.  -56.  -256 0",
        "/run/systemd/timesync/synchronized": "",
        "/sys/devices/platform/soc/soc:firmware/get_throttled": "0",
        "/sys/class/thermal/thermal_zone0/temp": "48312",
        "/proc/mounts": "/dev/mmcblk0p2 / ext4 rw,noatime 0 0",
        "/var/log/journal/0123/system.journal": "",
    }.items():
        machine.put(path, text)
    os.utime(folder / "boot/firmware/config.txt", (0, 0))
    machine.programs |= {
        "systemctl show": UNIT,
        "iw dev wlan0 get": "Power save: off",
        "journalctl --disk-usage": "Archived and active journals take up 24.0M in the file system.",
    }
    return machine


def checks(
    folder: Path,
    *settings: str,
    boot: bool = False,
    error: TalkboxError | None = None,
    machine: MadeUpMachine | None = None,
    device: MadeUpDevice | None = None,
) -> list[Check]:
    board = MadeUpBoard(load_board("respeaker-2mic-v1"))
    board.refusal = ConfigError("the pins were touched")
    config = load(None, environ={}, overrides=settings) if error is None else Config()
    subject = Subject(
        config=config,
        config_path="",
        config_error=error,
        fitted=board,
        sound=NoSound(),  # type: ignore[arg-type]
        ask=device or MadeUpDevice(None),
        watch=lambda: iter(()),
        sign=lambda: "wss://x",
        knock=lambda: None,
        machine=machine or MadeUpMachine(folder),
        wire=MadeUpWire(),
    )
    return checklist(subject, Person(there=False, tell=lambda _line: None), boot=boot)


def test_everything_that_was_asked_for_is_a_check_and_none_is_twice(tmp_path: Path) -> None:
    names = [check.name for check in checks(tmp_path)]
    assert set(names) >= ASKED_FOR
    assert len(names) == len(set(names))


def test_a_check_needs_only_what_was_looked_at_before(tmp_path: Path) -> None:
    before: set[str] = set()
    for check in checks(tmp_path):
        assert before.issuperset(check.needs), check.name
        before.add(check.name)


def test_a_broker_of_this_machine_has_a_unit(tmp_path: Path) -> None:
    source = "agent.signed_url_from=unix:/run/talkbox-broker/http.sock"
    assert "broker-unit" in [check.name for check in checks(tmp_path, source)]
    assert "broker-unit" not in [check.name for check in checks(tmp_path)]


def test_at_boot_neither_card_nor_pins_nor_lights_are_touched(tmp_path: Path) -> None:
    found = {finding.check.name: finding.result for finding in examine(checks(tmp_path, boot=True))}
    for name in ("microphone", "loop", "leds", "button", "encoder"):
        assert found[name].status is Status.SKIPPED, name
    assert not [name for name, result in found.items() if "touched" in result.said]


def test_on_a_pi_that_works_nothing_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("talkbox.doctor.checklist.import_lgpio", object)
    monkeypatch.setattr("talkbox_hardware.mixer.Controls", SetMixer)
    monkeypatch.setattr("talkbox.doctor.checklist._built_s", lambda: 0.0)
    device = MadeUpDevice({"state": "idle", "uptime_s": 11_000.0})
    machine = healthy(tmp_path)
    findings = list(examine(checks(tmp_path, *PRIVATE, boot=True, machine=machine, device=device)))
    wrong = [
        (finding.check.name, finding.result.said)
        for finding in findings
        if finding.result.status not in (Status.OK, Status.SKIPPED)
    ]
    assert wrong == []
    skipped = {finding.check.name for finding in findings if finding.result.status is Status.SKIPPED}
    assert skipped == {"microphone", "loop", "leds"}
    assert not [command for command in machine.ran if "set" in command]


def test_a_configuration_that_cannot_be_used_stops_no_other_check(tmp_path: Path) -> None:
    error = ConfigError("x.toml: not TOML")
    found = {finding.check.name: finding.result for finding in examine(checks(tmp_path, boot=True, error=error))}
    assert (found["configuration"].status, found["configuration"].said) == (Status.FAILED, "x.toml: not TOML")
    assert found["board"].status is Status.OK
    assert found["agent"].said.startswith("see configuration")


@pytest.mark.parametrize("agent_id", ["agent_1"])
def test_an_agent_is_knocked_at(tmp_path: Path, agent_id: str) -> None:
    (tmp_path / "proc/net").mkdir(parents=True)
    (tmp_path / "proc/net/route").write_text("head\nwlan0 00000000 0101A8C0 0003 0 0 600 00000000 0 0 0\n")
    found = {
        finding.check.name: finding.result
        for finding in examine(checks(tmp_path, f"agent.agent_id={agent_id}", boot=True))
    }
    assert (found["agent"].status, found["agent"].said[:7]) == (Status.OK, agent_id)
