"""`make bench`: print what the device costs and how quick it is."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import cost, latencies, stages
from tests.bench.figures import Report
from tests.bench.service import service
from tests.support.simcard import why_not

PARTS = ("stages", "cost", "latencies")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", choices=PARTS, help="measure nothing else")
    parser.add_argument("--quick", action="store_true", help="fewer times each: two minutes in place of twenty")
    parser.add_argument("--seconds", type=float, help="length of each conversation whose cost is measured")
    options = parser.parse_args()
    if missing := why_not():
        print(missing, file=sys.stderr)
        return 69
    scheduler = "real-time priority" if os.sched_getscheduler(0) == os.SCHED_FIFO else "ordinary priority"
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, {scheduler}")
    report = Report()
    with tempfile.TemporaryDirectory(prefix="talkbox-bench-") as name:
        asyncio.run(_measure(report, Path(name), options))
    return 0


async def _measure(report: Report, folder: Path, options: argparse.Namespace) -> None:
    def wanted(part: str) -> bool:
        return options.only in {None, part}

    if wanted("stages"):
        for rate_hz in (16_000, 48_000):
            stages.measure(report, rate_hz=rate_hz)
    async with service() as made:
        if wanted("cost"):
            seconds, rounds = (8.0, 1) if options.quick else (30.0, 3)
            await cost.measure(report, folder, made, seconds=options.seconds or seconds, rounds=rounds)
        if wanted("latencies"):
            await latencies.measure(report, folder, made, times=10 if options.quick else 50)


if __name__ == "__main__":
    sys.exit(main())
