"""What the whole process costs, from /proc, in a full-duplex conversation on the simulated card."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.bench.figures import Report
from tests.bench.live import CANCELLERS, Live, live
from tests.bench.process import cpu_s, peak_mb
from tests.bench.room import echo
from tests.bench.service import Service

CPU_LIMIT_MS, MEMORY_LIMIT_MB = 60.0, 90.0
LIMITED_HZ = 16_000
_SETTLING_S = 3.0


async def measure(report: Report, folder: Path, service: Service, *, seconds: float) -> None:
    """Measure both rates, with the canceller and without."""
    for rate_hz in (16_000, 48_000):
        report.begin(f"cost: card at {rate_hz} Hz, agent at 16000 Hz, both speaking all the time, {seconds:.0f} s")
        for number, (name, setting) in enumerate(CANCELLERS.items()):
            async with live(folder / f"cost-{rate_hz}-{number}", service, setting, rate_hz=rate_hz) as running:
                cpu_ms, peak = await conversation(running, seconds)
                counted = (await running.status())["counters"]
            limited = rate_hz == LIMITED_HZ and name == "cascade"
            report.add(f"whole process, {name}", cpu_ms, limit=CPU_LIMIT_MS if limited else None, unit="ms/s")
            report.add(f"peak memory, {name}", peak, limit=MEMORY_LIMIT_MB if limited else None, unit="MB")
            if wrong := {what: count for what, count in counted.items() if count and what in _WRONG}:
                report.line(f"    not undisturbed: {wrong}")


_WRONG = ("underruns", "overruns", "chunks_dropped")


async def conversation(running: Live, seconds: float) -> tuple[float, float]:
    """Hold a conversation in which the agent talks on and hears itself; return CPU ms a second, and the peak in MB."""
    await running.talk()
    with echo(running.card):
        talking = asyncio.create_task(running.service.talk_on())
        await asyncio.sleep(_SETTLING_S)
        began_s, began_cpu_s = time.monotonic(), cpu_s(running.pid)
        await asyncio.sleep(seconds)
        took_s, took_cpu_s = time.monotonic() - began_s, cpu_s(running.pid) - began_cpu_s
        talking.cancel()
    return 1000 * took_cpu_s / took_s, peak_mb(running.pid)
