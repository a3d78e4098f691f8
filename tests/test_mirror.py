"""The tests mirror the source: whoever knows a module knows where its test is."""

from pathlib import Path

TESTS = Path(__file__).parent
TOP = TESTS.parent
# Source folder -> the folder of its tests.
MIRROR = {
    TOP / "device" / "talkbox": TESTS,
    TOP / "device" / "talkbox_agent": TESTS / "agent",
    TOP / "device" / "talkbox_broker": TESTS / "broker",
    TOP / "hardware" / "talkbox_hardware": TESTS / "hardware",
}
# Shells, with nothing to decide: what they do is shown in tests/integration, by running them.
SHELLS = {"__init__", "__main__", "ports", "cli", "arguments", "verbs"}
# All threads, sockets, processes or terminals, with little to decide: module -> the integration test that shows it.
SHOWN_BY_RUNNING = {
    "device/talkbox/appliance/compose/program.py": "test_appliance",
    "device/talkbox/appliance/socket_path.py": "test_control_socket",
    "device/talkbox/appliance/threads.py": "test_appliance_threads",
    "device/talkbox/audio/echo/backends.py": "test_audio_echo",
    "device/talkbox/audio/echo/speex.py": "test_audio_echo",
    "device/talkbox/audio/echo/webrtc.py": "test_audio_echo",
    "device/talkbox/journal/read.py": "test_logs_verb",
    "device/talkbox/journald.py": "test_journald",
    "device/talkbox/conversation/signed_url.py": "test_conversation_signed_url",
    "device/talkbox/doctor/knock.py": "test_doctor",
    "device/talkbox/doctor/options.py": "test_doctor",
    "device/talkbox/doctor/program.py": "test_doctor",
    "device/talkbox/doctor/wire.py": "test_doctor",
    "device/talkbox/examination.py": "test_doctor",
    "device/talkbox/terminal/child.py": "test_child",
    "device/talkbox/terminal/client.py": "test_terminal",
    "device/talkbox/terminal/demo.py": "test_demo",
    "device/talkbox/terminal/follow.py": "test_terminal",
    "device/talkbox/terminal/keyboard.py": "test_terminal",
    "device/talkbox/terminal/monitor.py": "test_terminal",
    "device/talkbox/terminal/request.py": "test_cli",
    "device/talkbox/terminal/room.py": "test_demo_room",
    "device/talkbox/terminal/simulate.py": "test_terminal",
    "device/talkbox_broker/app.py": "test_broker_clients",
    "device/talkbox_broker/connections.py": "test_broker_clients",
    "device/talkbox_broker/notify.py": "test_broker",
    "device/talkbox_broker/service.py": "test_broker_service",
    "device/talkbox_broker/sockets.py": "test_broker",
}
# Tests of the whole rather than of a module.
WHOLE = {"test_architecture", "test_mirror", "test_front_door"}
APART = {"support", "integration", "bench", "on_device", "provisioning", "systemd"}


def expected(*, shells: bool = False) -> dict[Path, Path]:
    """Test file -> source file; of shells too, which may have a test and need none."""
    return {
        folder / path.relative_to(source).with_name(f"test_{path.name}"): path
        for source, folder in MIRROR.items()
        for path in source.rglob("*.py")
        if shells or path.stem not in SHELLS
    }


def test_every_module_has_its_test_module() -> None:
    missing = {source.relative_to(TOP).as_posix() for test, source in expected().items() if not test.exists()}
    assert missing == SHOWN_BY_RUNNING.keys()


def test_what_is_shown_by_running_is_shown_somewhere() -> None:
    for module, shown_in in SHOWN_BY_RUNNING.items():
        assert (TESTS / "integration" / f"{shown_in}.py").exists(), module


def test_every_test_module_has_its_source() -> None:
    tests = {path for path in TESTS.rglob("test_*.py") if path.relative_to(TESTS).parts[0] not in APART}
    assert {path.stem for path in tests - expected(shells=True).keys()} == WHOLE
