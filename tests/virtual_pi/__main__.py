"""
Run the checks in virtual Pis: `make virtual-pi`, or ``python -m tests.virtual_pi --help``.

Builds the virtual Pi where it is not built, makes Talkbox's wheel, boots each model with each board in real and in
virtual time, and prints one line a check. Then the same from a fresh system on, with setup.sh and systemd. What the
guests get is a copy: they cannot touch the checkout.
"""

from __future__ import annotations

import argparse
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from .report import PREFIX

HERE = Path(__file__).resolve().parent
TOP = HERE.parent.parent
MODELS = ("pi4", "zero2w")
BOARDS = ("respeaker", "respeaker2", "wm8960", "none", "install")
TIMES = ("real", "virtual")
CHECKOUT = ("device", "hardware", "provisioning", "systemd")
LIMIT_S = 900
"""Of one virtual Pi, from start to power off."""
INSTALLED = "install"
"""In place of a board: the ReSpeaker 2-Mics v1, and a system that setup.sh has to make an appliance of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pi:
    """One way to boot the virtual Pi."""

    model: str
    board: str
    time: str

    def __str__(self) -> str:
        return f"{self.model:7}{self.board:11}{self.time:8}"


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of the checks on one virtual Pi."""

    pi: Pi
    exit_code: int = 0
    took_s: float = 0.0
    counts: dict[str, int] = field(default_factory=lambda: {"pass": 0, "FAIL": 0, "skip": 0})

    @property
    def good(self) -> bool:
        """Whether every check passed or had nothing to check."""
        return self.exit_code == 0 and self.counts["pass"] > 0 and not self.counts["FAIL"]

    def __str__(self) -> str:
        counts = ", ".join(f"{count} {word}" for word, count in self.counts.items() if count or word == "pass")
        ending = "" if self.good else f"; exit status {self.exit_code}"
        return f"{self.pi}{counts}; {self.took_s:.0f} s from start to power off{ending}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what was asked for. Return 0 if everything passed."""
    options = _parse(arguments)
    subprocess.run(
        [HERE / "build", "--wheels", HERE / "talkbox-wheels.txt", "--packages", HERE / "talkbox-packages.txt"],
        check=True,
    )
    pis = [
        Pi(model=model, board=board, time=time_)
        for model, board, time_ in itertools.product(options.model, options.board, options.time)
    ]
    with tempfile.TemporaryDirectory(prefix="talkbox-virtual-pi-") as folder:
        stage = Path(folder) / "stage"
        _prepare(stage)
        with ThreadPoolExecutor(options.jobs) as pool:
            outcomes = list(pool.map(lambda pi: _run(pi, stage, options.pytest, options.logs), pis))
    print()
    for outcome in outcomes:
        print(outcome)
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _prepare(stage: Path) -> None:
    """Lay out what the guests get: Talkbox as a wheel, what setup.sh needs of the checkout, and the tests."""
    ignore = shutil.ignore_patterns("__pycache__")
    for folder in (*CHECKOUT, "tests/support", "tests/virtual_pi/checks", "tests/virtual_pi/install"):
        shutil.copytree(TOP / folder, stage / folder, ignore=ignore)
    for file in ("README.md", "CHANGELOG.md", "LICENSE", "requirements.lock"):
        shutil.copy(TOP / file, stage)
    shutil.copy(HERE / "report.py", stage / "tests" / "virtual_pi")
    shutil.copy(TOP / "tests" / "conftest.py", stage / "tests")
    shutil.copy(TOP / "pyproject.toml", stage)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", stage / "wheel", TOP], check=True)


def _run(pi: Pi, stage: Path, pytest_arguments: Sequence[str], logs: Path) -> Outcome:
    """Boot one virtual Pi and pass on what its checks say; the rest of its output goes into a file."""
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / f"{pi.model}-{pi.board}-{pi.time}.log"
    journal = log.with_suffix(".journal")
    installed = pi.board == INSTALLED
    board = "respeaker" if installed else pi.board
    folder = "install" if installed else "checks"
    command = [str(HERE / "run"), "--model", pi.model, "--board", board, "--share", str(stage)]
    command += ["--timeout", str(LIMIT_S), "--log", str(journal), *(["--time-travel"] if pi.time == "virtual" else [])]
    command += ["--", "bash", f"tests/virtual_pi/{folder}/guest.sh", pi.model, board, pi.time, *pytest_arguments]
    outcome, begin_s = Outcome(pi=pi), time.monotonic()
    with (
        log.open("w", encoding="utf-8") as file,
        subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8"
        ) as guest,
    ):
        assert guest.stdout is not None
        _follow(guest.stdout, file, outcome)
    outcome.exit_code, outcome.took_s = guest.returncode, time.monotonic() - begin_s
    if not outcome.good:
        if not outcome.counts["FAIL"]:
            print("".join(log.read_text("utf-8").splitlines(keepends=True)[-20:]))
        print(f"{pi}see {log} and {journal.name} beside it", flush=True)
    return outcome


def _follow(output: IO[str], file: IO[str], outcome: Outcome) -> None:
    for line in output:
        file.write(line)
        file.flush()
        if line.startswith(PREFIX):
            name, result, figure = line.removeprefix(PREFIX).rstrip("\n").split("|")
            outcome.counts[result] += 1
            print(f"{outcome.pi}{result}  {name}{f': {figure}' if figure else ''}", flush=True)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.virtual_pi", description=(__doc__ or "").strip())
    for name, choices in (("model", MODELS), ("board", BOARDS), ("time", TIMES)):
        parser.add_argument(f"--{name}", nargs="+", choices=choices, default=choices, help="default: all of them")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, metavar="N", help="Pis at once (%(default)s)")
    parser.add_argument(
        "--logs",
        type=Path,
        default=TOP / "build" / "virtual-pi",
        metavar="DIR",
        help="everything they say (%(default)s)",
    )
    parser.add_argument("pytest", nargs="*", help="arguments for pytest in the guest, after --")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
