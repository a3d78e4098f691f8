"""Who may import whom. The tables are the architecture; this file is its guard."""

import ast
from pathlib import Path

import pytest

TOP = Path(__file__).parent.parent
ROOTS = {
    "talkbox": TOP / "device",
    "talkbox_agent": TOP / "device",
    "talkbox_broker": TOP / "device",
    "talkbox_hardware": TOP / "hardware",
}

# Layer of `talkbox` -> layers it may import. Anything absent is forbidden.
LIBRARY = {"errors", "masking"}
SETTINGS = {"config", "config_text", "settings", "logs"}
PARTS = {"conversation", "audio", "controls", "lights"}
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "masking": set(),
    "settings": LIBRARY,
    "config": LIBRARY | {"settings"},
    "config_text": LIBRARY | {"settings"},
    "log_fields": LIBRARY,
    "journald": {"log_fields"},
    "logs": LIBRARY | {"log_fields", "journald"},
    "conversation": {"errors"},
    "audio": {"errors"},
    "lights": {"errors"},
    "controls": {"errors"},
    "appliance": LIBRARY | PARTS | SETTINGS | {"systemd"},
    # The views know a device only through its control socket.
    "terminal": LIBRARY,
    "doctor": LIBRARY | PARTS | SETTINGS,
    "examination": LIBRARY | SETTINGS | {"appliance", "terminal", "doctor"},
    # The journal is read by whoever may, on whichever device.
    "journal": LIBRARY,
    "systemd": LIBRARY,
    "verbs": LIBRARY | SETTINGS | {"appliance", "terminal", "doctor", "examination", "journal"},
    "arguments": {"verbs", "doctor", "journal"},
    "cli": LIBRARY | {"arguments", "logs"},
    "__main__": {"cli"},
    # The library's front door is the one other place where the parts meet.
    "__init__": LIBRARY | {"conversation", "audio"},
}
# Modules outside `talkbox` that only these of its layers may touch.
ONLY_IN = {
    "websockets": {"conversation"},
    "requests": {"conversation"},
    "requests_unixsocket": {"conversation"},
    "numpy": {"audio", "__init__"},
    "alsaaudio": set(),
    "gpiozero": set(),
    "spidev": set(),
    "rich": {"terminal"},
    "talkbox_hardware": {"appliance", "doctor", "__init__"},
    "talkbox_agent": set(),
    "talkbox_broker": set(),
    "aiohttp": set(),
}
# Modules of which exactly one file of a layer may import something.
ONLY_FILE = {
    "websockets": {"conversation/connection.py"},
    "requests": {"conversation/signed_url.py"},
    "requests_unixsocket": {"conversation/signed_url.py"},
    "talkbox_hardware": {
        "appliance/compose/program.py",
        "appliance/compose/hardware.py",
        "doctor/board.py",
        "doctor/card.py",
        "doctor/checklist.py",
        "doctor/ports.py",
        "__init__.py",
    },
}


def modules(package: str) -> list[Path]:
    return sorted((ROOTS[package] / package).rglob("*.py"))


def imports(path: Path, package: str) -> set[str]:
    """Absolute names of every module that `path` imports."""
    inside = [package, *path.relative_to(ROOTS[package] / package).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = inside[: len(inside) - node.level + 1] if node.level else []
            stem = [*base, node.module] if node.module else base
            found |= {".".join([*stem, alias.name]) for alias in node.names}
    return found


@pytest.mark.parametrize("path", modules("talkbox"), ids=lambda p: str(p.relative_to(TOP)))
def test_imports_point_down(path: Path) -> None:
    inside = path.relative_to(ROOTS["talkbox"] / "talkbox")
    layer = inside.parts[0].removesuffix(".py")
    for name in imports(path, "talkbox"):
        top, *rest = name.split(".")
        below = rest[0] if rest else ""
        if top == "talkbox" and below in MAY_IMPORT and below not in (layer, "__init__"):
            assert below in MAY_IMPORT[layer], f"{layer} may not import {name}"
        if top in ONLY_IN:
            assert layer in ONLY_IN[top], f"only {ONLY_IN[top] or 'nobody in talkbox'} may import {top}"
        if top in ONLY_FILE:
            assert inside.as_posix() in ONLY_FILE[top], f"only {ONLY_FILE[top]} may import {top}"


@pytest.mark.parametrize("package", ["talkbox_agent", "talkbox_broker", "talkbox_hardware"])
def test_the_other_programs_import_nothing_of_ours(package: str) -> None:
    for path in modules(package):
        for name in imports(path, package):
            top = name.split(".")[0]
            assert top == package or not top.startswith("talkbox"), f"{path.name} may not import {name}"


@pytest.mark.parametrize("path", modules("talkbox"), ids=lambda p: str(p.relative_to(TOP)))
def test_every_record_has_a_word_for_what_happened(path: Path) -> None:
    """`TALKBOX_EVENT` in the journal; debug is for who reads the code."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="log" | "_log" | "_logger"), attr=str(level))):
                told = level in ("info", "warning", "error", "exception", "critical", "log")
                assert not told or "extra" in [keyword.arg for keyword in node.keywords], f"line {node.lineno}"


@pytest.mark.parametrize(
    "path",
    [*(ROOTS["talkbox"] / "talkbox/audio").rglob("*.py"), ROOTS["talkbox_hardware"] / "talkbox_hardware/alsa.py"],
)
def test_sound_knows_no_clock_that_somebody_sets(path: Path) -> None:
    """A Pi has none when it starts, and the network sets it when it comes. A monotonic one never jumps."""
    assert "datetime" not in imports(path, path.relative_to(TOP).parts[1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Attribute(value=ast.Name(id="time"), attr=str(name)):
                assert name in ("monotonic", "sleep"), f"line {node.lineno}"


@pytest.mark.parametrize("package", ROOTS)
def test_a_module_has_one_idea_and_fits_four_hundred_lines(package: str) -> None:
    for path in modules(package):
        assert len(path.read_text("utf-8").splitlines()) <= 400, f"{path.relative_to(TOP)} is too long"
