"""The real setup script, on made-up Pis: from the first run to the last byte of its removal."""

import os
import subprocess
import tempfile
from pathlib import Path

import pytest

from tests.support import pi_tree
from tests.support.pi_tree import BACKUPS, CONFIG_TXT, Entry, PiTree, Release, write

KEY = "sk_0123456789abcdef"
ANSWERS = ("--agent-id", "agent_1", "--public", "--board", "respeaker-2mic-v1", "--consent")
PRIVATE = ("--agent-id", "agent_1", "--private", "--board", "respeaker-2mic-v1", "--consent", "--api-key-file", "-")
NOT_OURS = ("proc", "dev", *BACKUPS)
JOURNAL = ("var/log/talkbox-setup.log", "var/lib/talkbox-setup")
CARD = "seeed2micvoicec"


def installed(pi: PiTree) -> dict[str, Entry]:
    """Return what is on the card, without what setup keeps for itself."""
    return pi.snapshot(*NOT_OURS, *JOURNAL)


def release_of(pi: PiTree) -> str:
    return str((pi.root / "opt/talkbox/current").readlink())


def text_of(pi: PiTree, path: str) -> str:
    return (pi.root / path).read_text("utf-8")


@pytest.mark.parametrize("release", ["trixie", "bookworm"])
def test_from_a_fresh_card_to_an_appliance_and_back_to_the_byte(
    tmp_path: Path, checkout: Path, release: Release
) -> None:
    pi = pi_tree.make(tmp_path, checkout, release)
    fresh = pi.snapshot(*NOT_OURS)

    tried = pi.setup(*PRIVATE, "--dry-run", text=KEY)
    assert tried.code == 0
    assert "+dtoverlay=respeaker-2mic-v1_0" in tried.said
    assert pi.snapshot(*NOT_OURS) == fresh
    assert not [call for call in pi.called() if not call.startswith("python3 ") and "is-enabled" not in call]

    first = pi.setup(*PRIVATE, text=KEY)
    assert first.code == 0, first.said
    assert pi.called()[-1] == "systemctl reboot"
    config = text_of(pi, "boot/firmware/config.txt")
    assert config.startswith(CONFIG_TXT)
    assert config.endswith(
        "[all]\n# the respeaker-2mic-v1\ndtparam=spi=on\ndtparam=i2c_arm=on\n"
        "dtoverlay=respeaker-2mic-v1_0\n# <<< talkbox\n"
    )

    pi.boot(card=CARD)
    resumed = pi.go_on_after_a_restart()
    assert resumed.code == 0, resumed.said
    calls = pi.called()
    assert "systemctl reboot" not in calls
    assert calls[-2:] == [
        "systemctl --quiet is-enabled talkbox-setup.service",
        "systemctl disable talkbox-setup.service",
    ]
    assert "talkbox doctor" in calls

    appliance = installed(pi)
    again = pi.setup(*PRIVATE, text=KEY)
    assert again.code == 0, again.said
    assert not again.lines("changed")
    assert installed(pi) == appliance
    assert not [
        call for call in pi.called() if "restart" in call or "enable " in call or "pip" in call or "apt-get" in call
    ]

    gone = pi.setup("--uninstall")
    assert gone.code == 0, gone.said
    assert pi.snapshot(*NOT_OURS) == fresh


def test_an_older_boot_partition_is_found(tmp_path: Path, checkout: Path) -> None:
    pi = pi_tree.make(tmp_path, checkout, "bookworm", boot="boot")
    tried = pi.setup(*ANSWERS, "--dry-run")
    assert {"/boot/config.txt", "/boot/overlays/respeaker-2mic-v1_0.dtbo"} <= set(tried.lines("would"))


def test_an_image_is_prepared_and_goes_on_by_itself_when_it_starts(pi: PiTree) -> None:
    fresh = pi.snapshot()
    prepared = pi.setup(*PRIVATE, text=KEY, live=False)
    assert prepared.code == 0, prepared.said
    assert {call.split()[0] for call in pi.called()} <= {"python3", "systemctl"}
    assert len(prepared.lines("skipped")) == 4  # packages and release, and the lines of their steps
    assert not (pi.root / "opt/talkbox/current").exists()
    assert (pi.root / "etc/systemd/system/multi-user.target.wants/talkbox-setup.service").is_symlink()

    assert pi.setup("--uninstall", live=False).code == 0
    assert pi.snapshot() == fresh

    pi.setup(*PRIVATE, text=KEY, live=False)
    pi.boot(card=CARD)
    started = pi.go_on_after_a_restart()
    assert started.code == 0, started.said
    assert release_of(pi) == "releases/0.1.0"
    assert not (pi.root / "etc/systemd/system/multi-user.target.wants/talkbox-setup.service").is_symlink()
    # A key that came with the image is encrypted as soon as the device runs.
    assert not (pi.root / "etc/credstore/talkbox-broker.elevenlabs-api-key").exists()
    assert (pi.root / "etc/credstore.encrypted/talkbox-broker.elevenlabs-api-key").exists()


FAILURES = {
    "apt-get .* update": "packages",
    "apt-get .*--simulate": "packages",
    "apt-get .* install --yes --no-install-recommends alsa": "packages",
    "systemd-sysusers": "accounts",
    "usermod": "accounts",
    "python3 -m venv": "release",
    "python -m pip": "release",
    "talkbox version": "release",
    "dtc": "board",
    "talkbox config": "configuration",
    "systemctl enable talkbox.service": "services",
    "systemctl enable talkbox-broker.socket": "services",
    "systemctl enable talkbox-setup.service": "start",
    "systemctl reboot": "start",
}


def test_whatever_fails_is_named_and_the_next_run_goes_on_from_there(tmp_path: Path, checkout: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "broken").mkdir()
    whole = pi_tree.make(tmp_path / "whole", checkout)
    whole.setup(*PRIVATE, text=KEY)
    pi = pi_tree.make(tmp_path / "broken", checkout)
    pi.watch("systemd-sysusers", "usermod", "dtc")
    fresh = pi.snapshot(*NOT_OURS)
    order = ["packages", "accounts", "release", "board", "configuration", "services", "start"]
    for pattern, step in FAILURES.items():
        failed = pi.setup(*PRIVATE, text=KEY, FAIL=pattern)
        assert failed.code not in (0, 64), pattern
        [line] = failed.lines("failed")
        assert line.startswith(f"{step}: "), failed.said
        assert "run me again" in failed.said
        assert text_of(pi, "var/lib/talkbox-setup/status") == f"failed at step {step}\n"
        done = [line.split(":")[0] for word in ("ok", "changed") for line in failed.lines(word)]
        assert set(order[: order.index(step)]) <= set(done)
    finished = pi.setup(*PRIVATE, text=KEY)
    assert finished.code == 0, finished.said
    assert installed(pi) == installed(whole)
    assert pi.setup("--uninstall").code == 0
    assert pi.snapshot(*NOT_OURS) == fresh


def test_no_power_cut_leaves_what_cannot_be_mended_or_removed(tmp_path: Path, checkout: Path) -> None:
    (tmp_path / "whole").mkdir()
    (tmp_path / "cut").mkdir()
    whole = pi_tree.make(tmp_path / "whole", checkout)
    whole.setup(*PRIVATE, text=KEY)
    pi = pi_tree.make(tmp_path / "cut", checkout)
    pi.watch("mv")
    fresh = pi.snapshot(*NOT_OURS)
    # At a command that does much, then again and again when so many files more are in place.
    for pattern in ("apt-get .* install --yes", "python -m pip"):
        assert pi.setup(*PRIVATE, text=KEY, KILL=pattern).code < 0
    cuts = 0
    while (ended := pi.setup(*PRIVATE, text=KEY, KILL_AT="8")).code != 0:
        assert ended.code < 0, ended.said
        cuts += 1
        (pi.root.parent / "moves").unlink()
    assert cuts >= 2
    assert installed(pi) == installed(whole)
    assert pi.setup("--uninstall").code == 0
    assert pi.snapshot(*NOT_OURS) == fresh


def test_an_uninstall_that_was_cut_off_is_finished_by_the_next(pi: PiTree) -> None:
    fresh = pi.snapshot(*NOT_OURS)
    pi.setup(*ANSWERS)
    assert pi.setup("--uninstall", KILL="dpkg --purge").code < 0
    assert pi.setup("--uninstall").code == 0
    assert pi.snapshot(*NOT_OURS) == fresh


@pytest.mark.parametrize(
    "options", [("--agent", "x"), ("--uninstal",), ("--board",), ("--agent-id", "--public"), ("x",)]
)
def test_what_is_typed_wrong_stops_before_anything(pi: PiTree, options: tuple[str, ...]) -> None:
    fresh = pi.snapshot()
    refused = pi.setup(*ANSWERS, *options)
    assert refused.code == 64
    assert "--help" in refused.said
    assert pi.snapshot() == fresh
    assert not pi.called()


def test_all_missing_answers_are_named_at_once(pi: PiTree) -> None:
    refused = pi.setup("--private")
    assert refused.code == 64
    for option in ("--agent-id", "--board", "--consent", "--api-key-file"):
        assert f"          {option} " in refused.said or f"          {option}," in refused.said, refused.said
    assert installed(pi).keys() <= pi.snapshot(*NOT_OURS).keys()
    # To look for the board on I2C, it is switched on until the next start.
    assert {call.split()[0] for call in pi.called()} == {"python3", "dtparam", "modprobe"}


def test_yes_takes_defaults_and_neither_invents_an_agent_nor_consent(pi: PiTree) -> None:
    pi.boot(card=CARD)
    refused = pi.setup("--yes")
    assert refused.code == 64
    assert "--agent-id" in refused.said
    assert "--consent" in refused.said
    assert "--board" not in refused.said
    assert pi.setup("--yes", "--agent-id", "agent_1", "--consent").code == 0
    assert 'board = "respeaker-2mic-v1"' in text_of(pi, "etc/talkbox/talkbox.toml")


REFUSALS = {
    "32-bit": ("usr/bin/dpkg", "\x7fELF\x01\x01\x01", "32-bit"),
    "another system": ("etc/os-release", "ID=fedora\nVERSION_CODENAME=\n", "fedora"),
    "an old one": ("etc/os-release", "ID=debian\nVERSION_CODENAME=bullseye\n", "bullseye"),
    "no Pi": ("proc/device-tree/model", "ThinkPad\0", "provisioning/deploy.sh"),
    "an overlay": ("proc/mounts", "overlayroot / overlay rw 0 0\n", "raspi-config"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_system_that_cannot_do_it_is_refused_with_the_remedy(pi: PiTree, case: str) -> None:
    path, content, word = REFUSALS[case]
    write(pi.root / path, content)
    refused = pi.setup(*ANSWERS)
    assert refused.code == 69
    assert word in refused.said
    assert not [call for call in pi.called() if not call.startswith("python3 -c")]


def test_who_is_not_root_is_told_what_to_type(checkout: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        copy = Path(folder) / "provisioning"
        subprocess.run(["cp", "--recursive", checkout / "provisioning", copy], check=True)
        done = subprocess.run(
            ["bash", copy / "setup.sh", "--agent-id", "a b"],
            user=65534,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    assert done.returncode == 77
    assert f"sudo {copy}/setup.sh '--agent-id' 'a b'" in done.stderr


def test_answers_and_key_on_the_boot_partition_are_moved_and_leave_no_trace(pi: PiTree) -> None:
    boot_file = pi.root / "boot/firmware/talkbox.toml"
    write(
        boot_file,
        f'# mine\r\n[setup]\r\nprivate = true\r\nconsent = true\r\napi_key = "{KEY}" # secret\r\n'
        '[agent]\r\nagent_id = "agent_2"\r\n[audio]\r\nvolume = 0.5 # loud\r\n'
        '[hardware]\r\nboard = "respeaker-2mic-v2"\r\n',
    )
    done = pi.setup()
    assert done.code == 0, done.said
    assert not boot_file.exists()
    assert "replace the API key if the card leaves your hands" in done.said
    assert text_of(pi, "etc/talkbox/talkbox.toml") == (
        '# mine\n[agent]\nsigned_url_from = "unix:/run/talkbox-broker/http.sock"\nagent_id = "agent_2"\n'
        '[audio]\nvolume = 0.5 # loud\n[hardware]\nboard = "respeaker-2mic-v2"\n'
    )
    assert 'agents = ["agent_2"]' in text_of(pi, "etc/talkbox/broker.toml")
    assert "dtoverlay=respeaker-2mic-v2_0" in text_of(pi, "boot/firmware/config.txt")
    assert not where_is(KEY, pi.root.parent)


@pytest.mark.parametrize("encrypts", [True, False], ids=["encrypted", "plain"])
def test_the_key_is_kept_for_the_broker_alone_and_is_in_no_command_log_or_environment(
    pi: PiTree, encrypts: bool
) -> None:
    done = pi.setup(*PRIVATE, text=f"  {KEY}\r\n", NO_CREDS="" if encrypts else "1")
    assert done.code == 0, done.said
    assert KEY not in done.said
    plain = pi.root / "etc/credstore/talkbox-broker.elevenlabs-api-key"
    assert where_is(KEY, pi.root.parent) == ([] if encrypts else [plain])
    drop_in = pi.root / "etc/systemd/system/talkbox-broker.service.d/encrypted-key.conf"
    assert drop_in.exists() == encrypts
    kept = plain if not encrypts else pi.root / "etc/credstore.encrypted/talkbox-broker.elevenlabs-api-key"
    assert kept.stat().st_mode & 0o777 == 0o600
    # A new key takes the old one's place; none leaves it alone.
    before = kept.read_bytes()
    assert pi.setup(*PRIVATE[:-2], NO_CREDS="" if encrypts else "1").code == 0
    assert kept.read_bytes() == before
    assert pi.setup(*PRIVATE, text="sk_other", NO_CREDS="" if encrypts else "1").code == 0
    assert kept.read_bytes() != before


def where_is(secret: str, folder: Path) -> list[Path]:
    """Return the files that hold it."""
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def test_settings_and_key_are_readable_by_those_who_need_them_only(pi: PiTree) -> None:
    pi.setup(*PRIVATE, text=KEY)
    groups = {line.split(":")[0]: line.split(":")[2] for line in text_of(pi, "etc/group").splitlines()}
    for path, group in (("etc/talkbox/talkbox.toml", "talkbox"), ("etc/talkbox/broker.toml", "talkbox-broker")):
        status = (pi.root / path).stat()
        assert (status.st_mode & 0o777, status.st_uid, str(status.st_gid)) == (0o640, 0, groups[group])
    assert "talkbox:x:" in text_of(pi, "etc/group")
    assert [
        line for line in text_of(pi, "etc/group").splitlines() if line.startswith("talkbox:") and line.endswith(":pi")
    ]


def test_an_answer_file_with_mistakes_is_refused_with_all_of_them(pi: PiTree) -> None:
    answers = pi.root.parent / "answers.toml"
    write(answers, '[setup]\nconsnt = true\nprivate = "yes"\n[agent]\nagent_id = "a b"\n')
    refused = pi.setup("--answers", str(answers))
    assert refused.code == 78
    assert "did you mean consent?" in refused.said
    assert "setup.private must be true or false" in refused.said
    assert "agent.agent_id must be text without blanks" in refused.said


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("dtoverlay=seeed-2mic-voicecard\n", "loads a sound overlay already"),
        ("# >>> talkbox (managed; edits here are lost)\n", "not closed"),
    ],
)
def test_a_boot_configuration_that_would_break_is_left_alone(pi: PiTree, line: str, words: str) -> None:
    path = pi.root / "boot/firmware/config.txt"
    path.write_text(CONFIG_TXT + "\n" + line)
    refused = pi.setup(*ANSWERS)
    assert refused.code == 78
    assert words in refused.said
    assert path.read_text() == CONFIG_TXT + "\n" + line


def test_there_is_no_restart_where_the_card_is_there_already(pi: PiTree) -> None:
    pi.boot(card=CARD)
    done = pi.setup(*ANSWERS)
    assert done.code == 0, done.said
    calls = pi.called()
    assert "systemctl reboot" not in calls
    assert "systemctl restart talkbox.service" in calls


def test_there_is_one_restart_and_no_second_where_the_card_does_not_come(pi: PiTree) -> None:
    pi.setup(*ANSWERS)
    assert "systemctl reboot" in pi.called()
    pi.boot()
    resumed = pi.go_on_after_a_restart()
    assert resumed.code == 0, resumed.said
    calls = pi.called()
    assert "systemctl reboot" not in calls
    assert "talkbox doctor" in calls


def test_wheels_need_neither_network_nor_compiler(pi: PiTree) -> None:
    wheels = pi.root.parent / "wheels"
    for name in ("talkbox-0.1.0-py3-none-any.whl", "lgpio-0.2.2.0-cp313-cp313-linux_aarch64.whl"):
        write(wheels / name, "")
    with (pi.root / "var/lib/dpkg/status").open("a") as status:
        status.writelines(map(pi_tree.stanza, ("alsa-utils", "libspeexdsp1")))
    done = pi.setup(*ANSWERS, "--wheels", str(wheels))
    assert done.code == 0, done.said
    calls = pi.called()
    [pip] = [call for call in calls if " -m pip " in call]
    assert f"--no-index --find-links {wheels} talkbox[pi" in pip
    assert pip.endswith("]==0.1.0 lgpio")
    assert not [call for call in calls if call.startswith("apt-get")]


def test_what_the_operator_changed_stays(pi: PiTree) -> None:
    pi.boot(card=CARD)
    pi.setup(*ANSWERS)
    settings = pi.root / "etc/talkbox/talkbox.toml"
    settings.write_text(settings.read_text() + "\n[audio]\nvolume = 0.3\n")
    config = pi.root / "boot/firmware/config.txt"
    config.write_text(config.read_text().replace("dtparam=audio=on", "dtparam=audio=off"))
    pi.called()
    again = pi.setup()
    assert again.code == 0, again.said
    assert not again.lines("changed")
    pi.setup("--agent-id", "agent_9")
    assert "volume = 0.3" in settings.read_text()
    assert 'agent_id = "agent_9"' in settings.read_text()
    gone = pi.setup("--uninstall")
    assert "changed by somebody else too" in gone.said
    assert config.read_text() == CONFIG_TXT.replace("dtparam=audio=on", "dtparam=audio=off") + "\n"


def test_another_source_is_built_beside_the_release_in_use(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("not root: files of other owners cannot be made here")
    pi = pi_tree.make(tmp_path, pi_tree.copy_checkout(tmp_path / "checkout"))
    pi.boot(card=CARD)
    pi.setup(*ANSWERS)
    releases = [release_of(pi)]
    for number in range(3):
        write(pi.checkout / "device/talkbox/news.py", f"NUMBER = {number}\n")
        assert pi.setup(*ANSWERS).code == 0
        assert "systemctl restart talkbox.service" in pi.called()
        assert release_of(pi) != releases[-1]
        releases.append(release_of(pi))
        kept = {f"releases/{path.name}" for path in (pi.root / "opt/talkbox/releases").iterdir()}
        assert kept == set(releases[-2:])


def test_another_board_takes_the_first_ones_place(pi: PiTree) -> None:
    pi.setup(*ANSWERS)
    assert pi.setup("--board", "usb").code == 0
    assert "talkbox" not in text_of(pi, "boot/firmware/config.txt")
    assert 'board = "usb"' in text_of(pi, "etc/talkbox/talkbox.toml")


def test_without_an_agent_everything_is_in_place_and_nothing_starts(pi: PiTree) -> None:
    pi.boot(card=CARD)
    done = pi.setup("--agent-id", "later", *ANSWERS[2:])
    assert done.code == 0, done.said
    assert "the agent is missing: sudo /opt/talkbox/setup/provisioning/setup.sh --agent-id ID" in done.said
    assert "systemctl restart talkbox.service" not in pi.called()


def test_an_agent_that_is_named_later_is_known_to_the_broker_too(pi: PiTree) -> None:
    pi.boot(card=CARD)
    assert pi.setup("--agent-id", "later", *PRIVATE[2:], text=KEY).code == 0
    assert not (pi.root / "etc/talkbox/broker.toml").exists()
    done = pi.setup("--agent-id", "agent_7")
    assert done.code == 0, done.said
    assert 'agents = ["agent_7"]' in text_of(pi, "etc/talkbox/broker.toml")
    assert "systemctl restart talkbox.service" in pi.called()


def test_a_public_agent_needs_no_broker_and_a_private_one_gets_it(pi: PiTree) -> None:
    pi.boot(card=CARD)
    socket = pi.root / "etc/systemd/system/sockets.target.wants/talkbox-broker.socket"
    pi.setup(*ANSWERS)
    assert not socket.is_symlink()
    pi.setup(*PRIVATE, text=KEY)
    assert socket.is_symlink()
    pi.setup(*ANSWERS)
    assert not socket.is_symlink()
    assert 'signed_url_from = ""' in text_of(pi, "etc/talkbox/talkbox.toml")


def test_in_a_chroot_everything_is_installed_and_nothing_is_started(pi: PiTree) -> None:
    """As the builders of images call it: without `--root`, on a computer that is no Pi."""
    (pi.root / "run/systemd/system").rmdir()
    (pi.root / "proc/device-tree/model").unlink()
    done = pi.setup(*PRIVATE, text=KEY)
    assert done.code == 0, done.said
    assert release_of(pi) == "releases/0.1.0"
    assert {call.split()[1] for call in pi.called() if call.startswith("systemctl")} == {"--quiet", "enable"}
    (pi.root / "run/systemd/system").mkdir()
    pi.boot(card=CARD)
    write(pi.root / "proc/device-tree/model", "Raspberry Pi 5\0")
    assert pi.go_on_after_a_restart().code == 0
    assert "talkbox doctor" in pi.called()
