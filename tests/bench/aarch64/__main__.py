"""
`python -m tests.bench.aarch64`: how many instructions a Raspberry Pi's kind of processor needs for each stage.

Counted by qemu-user, exactly; what a Pi Zero 2 W makes of them is an estimate. Debian's packages and the wheels are
fetched into a folder (200 MB unpacked); nothing is installed. For Debian bookworm on x86_64.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import zipfile
from pathlib import Path

SUITE, PYTHON = "bookworm", "3.11"
GUEST = (
    *("python3.11-minimal", "libpython3.11-minimal", "libpython3.11-stdlib", "libc6", "libgcc-s1", "libstdc++6"),
    *("zlib1g", "libexpat1", "libssl3", "libffi8", "libbz2-1.0", "liblzma5", "libuuid1", "libspeexdsp1"),
)
HOST = ("qemu-user", "libcapstone4", "liburing2")
WHEELS = ("numpy", "pywebrtc-audio", "websockets")
PLATFORMS = ("manylinux_2_28_aarch64", "manylinux_2_27_aarch64", "manylinux2014_aarch64")
MHZ, INSTRUCTIONS_A_CYCLE = 1000, (0.6, 0.9)
"""Of a Pi Zero 2 W's Cortex-A53; the second is assumed."""

_ROOT = Path(__file__).parents[3]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.aarch64", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("build/aarch64"), help="for what is fetched")
    parser.add_argument("--rate-hz", type=int, choices=(16_000, 48_000), default=16_000, help="the card's")
    options = parser.parse_args()
    folder: Path = options.folder.resolve()
    if not (folder / "complete").exists():
        _fetch(folder)
        (folder / "complete").touch()
    print(f"card at {options.rate_hz} Hz; millions of aarch64 instructions a second of sound,")
    print("and of one core of a Pi Zero 2 W, estimated (1 GHz, 0.6 to 0.9 instructions a cycle assumed), percent\n")
    _print(_run(folder, options.rate_hz))
    return 0


def _fetch(folder: Path) -> None:
    for name in ("guest", "host", "wheels", "root", "emulator"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    _download(folder / "host", HOST, {})
    _download(folder / "guest", GUEST, {"APT_CONFIG": str(_apt(folder / "apt"))})
    for source, target in (("host", "emulator"), ("guest", "root")):
        for package in (folder / source).glob("*.deb"):
            subprocess.run(["dpkg", "-x", str(package), str(folder / target)], check=True)
    platforms = [part for platform in PLATFORMS for part in ("--platform", platform)]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", *platforms]
    subprocess.run([*command, "--python-version", PYTHON, "--dest", folder / "wheels", *WHEELS], check=True)
    for wheel in (folder / "wheels").glob("*.whl"):
        zipfile.ZipFile(wheel).extractall(folder / "root" / "site")
    counter = Path(__file__).with_name("count.c")
    subprocess.run(["cc", "-O2", "-fPIC", "-shared", "-o", folder / "count.so", counter], check=True)


def _download(folder: Path, packages: tuple[str, ...], env: dict[str, str]) -> None:
    subprocess.run(["apt-get", "--quiet=2", "download", *packages], cwd=folder, check=True, env={**os.environ, **env})


def _apt(folder: Path) -> Path:
    """Make a package list of its own, for the other architecture: the system's is left alone."""
    for name in ("state/lists/partial", "cache/archives/partial", "etc/preferences.d", "etc/apt.conf.d"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "state/status").touch()
    signed = "/usr/share/keyrings/debian-archive-keyring.gpg"
    (folder / "etc/sources.list").write_text(f"deb [signed-by={signed}] http://deb.debian.org/debian {SUITE} main\n")
    config = folder / "apt.conf"
    config.write_text(
        f'APT::Architecture "arm64"; APT::Architectures {{ "arm64"; }}; Dir::State "{folder}/state";\n'
        f'Dir::State::status "{folder}/state/status"; Dir::Cache "{folder}/cache"; Dir::Etc "{folder}/etc";\n'
        'Dir::Etc::sourcelist "sources.list"; Dir::Etc::sourceparts "none"; APT::Sandbox::User "root";\n'
    )
    subprocess.run(["apt-get", "--quiet=2", "update"], check=True, env={**os.environ, "APT_CONFIG": str(config)})
    return config


def _run(folder: Path, rate_hz: int) -> dict[str, dict[str, float]]:
    """Return millions of instructions a second of sound, by direction and stage."""
    root, emulator = folder / "root", folder / "emulator" / "usr"
    paths = (root / "site", _ROOT / "device", _ROOT / "hardware", _ROOT)
    libraries = "LD_LIBRARY_PATH"
    guest = {"PYTHONPATH": ":".join(map(str, paths)), "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    told = [part for name, value in guest.items() for part in ("-E", f"{name}={value}")]
    command: list[str | Path] = [
        emulator / "bin/qemu-aarch64",
        "-cpu",
        "cortex-a53",
        "-L",
        root,
        "-U",
        libraries,
        *told,
    ]
    command += ["-plugin", folder / "count.so", root / f"usr/bin/python{PYTHON}"]
    command += ["-m", "tests.bench.aarch64.counted", str(rate_hz)]
    env = {libraries: str(emulator / "lib/x86_64-linux-gnu"), "PATH": os.environ["PATH"]}
    done = subprocess.run(command, env=env, cwd=_ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    counts = [int(line.split()[1]) for line in done.stderr.splitlines() if line.startswith("instructions ")]
    spent = iter((end - begin) / 1e6 for begin, end in zip(counts[::2], counts[1::2], strict=True))
    found: dict[str, dict[str, float]] = {}
    title = ""
    for line in done.stdout.splitlines():
        if line.startswith("\t"):
            found[title][line.strip()] = next(spent)
        else:
            title = line
            found[title] = {}
    return found


def _print(found: dict[str, dict[str, float]]) -> None:
    for title, stages in found.items():
        print(title)
        for name, millions in stages.items():
            high, low = (100 * millions / (MHZ * each) for each in INSTRUCTIONS_A_CYCLE)
            print(f"  {name:<48} {millions:7.1f}   {low:4.1f} to {high:4.1f}")


if __name__ == "__main__":
    sys.exit(main())
