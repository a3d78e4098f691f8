"""`python -m tests.bench.echo`: what the echo cancellers are worth, in simulated rooms with human speech."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from . import candidates, speech
from .candidates import CANDIDATES, Candidate
from .loop import run
from .measures import measure, noticeable
from .picture import spectrograms
from .scenes import END_S, SCENES, Heard, Scene, render
from .verdict import Summary, checks, summary

TUNING = (*range(1, 21), *(first + n for first in (101, 201, 301, 401, 501, 601, 701, 801) for n in range(5)))
"""What the parameters were chosen on: a few scenes of each."""
PROVING = range(901, 906)
"""What the table is of: nobody looked at them while choosing. Who has, takes others, and says so in README.md."""
PEERS_IN = ("base", "ser0", "drive6", "delay250", "slip-20")
QUICK = ("base", "ser0", "slip-20")
QUICK_SEEDS = TUNING[:2]
PICTURED = ("no canceller", "AEC3 alone", "Talkbox")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.echo", description=__doc__)
    parser.add_argument(
        "--quick",
        action="store_true",
        help=f"{', '.join(QUICK)} only, with {len(QUICK_SEEDS)} seeds that it was tuned on",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the picture there: echo.svg")
    options = parser.parse_args()
    if missing := speech.why_not() or candidates.why_not():
        print(missing, file=sys.stderr)
        return 69
    scenes = [scene for scene in SCENES if not options.quick or scene.name in QUICK]
    seeds = QUICK_SEEDS if options.quick else PROVING
    print(f"{len(seeds)} seeds of {END_S:.0f} s; echo and user at the microphone as the scene's name says: README.md\n")
    found, cost = _table(scenes, seeds)
    _costs(cost)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "echo.svg").write_text(_picture(), "utf-8")
        print(f"\nlook at it: {options.out / 'echo.svg'}")
    return _verdict(found)


def _table(
    scenes: list[Scene], seeds: Sequence[int]
) -> tuple[dict[Candidate, dict[Scene, Summary]], dict[Candidate, list[float]]]:
    found: dict[Candidate, dict[Scene, Summary]] = {candidate: {} for candidate in CANDIDATES}
    cost: dict[Candidate, list[float]] = {candidate: [] for candidate in CANDIDATES}
    columns = f"{'loss, dB':>9} {'later':>6} {'false':>7} {'noticed':>9} {'median s':>9} {'PESQ':>6} {'lowered':>8}"
    print(f"{'':16} {'':24} {columns}")
    for scene in scenes:
        heard = [render(scene, seed=seed) for seed in seeds]
        spoken = [noticeable(one) for one in heard]
        lowered: list[Heard] = []  # as the device that is Talkbox's default lowers its loudspeaker
        for candidate in CANDIDATES:
            if not (candidate.own or scene.name in PEERS_IN):
                continue
            given = heard if candidate.own else lowered
            runs = [run(candidate.make(), scene, one, lowers=candidate.own) for one in given]
            lowered = lowered or [one.heard for one in runs]
            cost[candidate] += [one.cpu_ms for one in runs]
            measured = [
                measure(one.heard, one.output, spoken=said, changed=scene.changes, delay_s=one.delay_s)
                for one, said in zip(runs, spoken, strict=True)
            ]
            lowered_db = float(np.mean([one.lowered_db for one in runs]))
            found[candidate][scene] = _print(scene, candidate, summary(measured), lowered_db)
    return found, cost


def _print(scene: Scene, candidate: Candidate, one: Summary, lowered_db: float) -> Summary:
    median = "-" if one.median_s is None else f"{one.median_s:.2f}"
    lowered = f"{lowered_db:.1f}" if candidate.own else ""
    print(
        f"{scene.name:16} {candidate.name:24} {one.loss_db:9.1f} {one.later_db:6.1f} {one.false:7.4f} "
        f"{f'{one.noticed}/{one.spoken}':>9} {median:>9} {one.pesq:6.2f} {lowered:>8}",
        flush=True,
    )
    return one


def _costs(cost: dict[Candidate, list[float]]) -> None:
    print("\nCPU, ms a second of sound (median over the runs) with what stands guard over Talkbox's own")
    for candidate, values in cost.items():
        print(f"  {candidate.name:24} {np.median(values):6.1f}")


def _picture() -> str:
    scene = SCENES[0]
    heard = run(CANDIDATES[0].make(), scene, render(scene, seed=1), lowers=True).heard
    signals = {
        candidate.name: run(candidate.make(), scene, heard, lowers=False).output
        for name in PICTURED
        for candidate in CANDIDATES
        if candidate.name == name
    }
    return spectrograms(signals)


def _verdict(found: dict[Candidate, dict[Scene, Summary]]) -> int:
    missed = 0
    for candidate in CANDIDATES:
        if not candidate.own:
            continue
        made = checks(found[candidate])
        print(f"\n{candidate.name}: {sum(check.holds for check in made)} of {len(made)} thresholds held")
        for check in made:
            if not check.holds:
                missed += 1
                sign = ">=" if check.at_least else "<="
                print(f"  missed: {check.what}: {check.measured:.3f}, asked {sign} {check.limit:g}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
