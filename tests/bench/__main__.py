"""`make bench`: print what the device costs and how quick it is, each figure beside its limit, and draw it."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench import cost, latencies, network, ready, spectra, stages
from tests.bench.figures import Report
from tests.bench.network import Answer
from tests.bench.picture import picture
from tests.bench.service import service
from tests.support.simcard import why_not

PARTS = ("stages", "ready", "cost", "latencies", "network")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS, help="measure nothing else")
    parser.add_argument("--quick", action="store_true", help="fewer times, and shorter: to try something out")
    parser.add_argument("--seconds", type=float, help="length of each conversation whose cost is measured")
    parser.add_argument("--out", type=Path, metavar="DIR", help="write the picture there: bench.svg")
    options = parser.parse_args()
    if missing := why_not():
        print(missing, file=sys.stderr)
        return os.EX_UNAVAILABLE
    scheduler = "real-time priority" if os.sched_getscheduler(0) == os.SCHED_FIFO else "ordinary priority"
    load = f"load {os.getloadavg()[0]:.1f}"
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, {scheduler}, {load}")
    report = Report()
    with tempfile.TemporaryDirectory(prefix="talkbox-bench-") as name:
        answers = asyncio.run(_measure(report, Path(name), options))
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        drawn = options.out / "bench.svg"
        drawn.write_text(picture(report, answers, spectra.echo()), "utf-8")
        print(f"\nlook at it: {drawn}")
    return _verdict(report)


async def _measure(report: Report, folder: Path, options: argparse.Namespace) -> Sequence[Answer]:
    quick: bool = options.quick
    if "stages" in options.only:
        for rate_hz in (16_000, 48_000):
            stages.measure(report, rate_hz=rate_hz)
    async with service() as made:
        if "ready" in options.only:
            await ready.measure(report, folder, made, times=2 if quick else 5)
        if "cost" in options.only:
            seconds, rounds = (6.0, 1) if quick else (30.0, 3)
            await cost.measure(report, folder, made, seconds=options.seconds or seconds, rounds=rounds)
        if "latencies" in options.only:
            await latencies.measure(report, folder, made, times=5 if quick else 50)
        if "network" in options.only:
            return await network.measure(report, folder, made, seconds=6.0 if quick else 20.0)
    return []


def _verdict(report: Report) -> int:
    limited = [figure for figure in report.figures if figure.limit is not None]
    print(f"\n{len(limited) - len(report.missed)} of {len(limited)} limits held")
    for figure in report.missed:
        print(f"  missed: {figure.section}: {figure.name}: {figure.value:.1f} {figure.unit}, asked <= {figure.limit:g}")
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
