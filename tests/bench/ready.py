"""From the start of the program to a device that can be pressed."""

from __future__ import annotations

import time
from pathlib import Path

from tests.bench.figures import Report
from tests.bench.live import live
from tests.bench.service import Service


async def measure(report: Report, folder: Path, service: Service, *, times: int) -> None:
    """Start it `times` times."""
    took_s = []
    for number in range(times):
        began_s = time.monotonic()
        async with live(folder / f"ready-{number}", service, rate_hz=16_000):
            took_s.append(time.monotonic() - began_s)
    report.begin("start")
    report.times("talkbox run → ready", took_s)
