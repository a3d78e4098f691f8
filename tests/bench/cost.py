"""What whole processes cost, from /proc, in full-duplex conversations on the simulated card."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from statistics import median

from tests.bench import watched
from tests.bench.figures import Report
from tests.bench.live import CANCELLERS, Live, live
from tests.bench.process import cpu_s, peak_mb, threads_ms
from tests.bench.room import echo
from tests.bench.service import Service
from tests.support.programs import program
from tests.support.simcard import SimCard

CPU_LIMIT_MS, MEMORY_LIMIT_MB, PAUSE_LIMIT_MS = 60.0, 90.0, 10.0
LIMITED_HZ = 16_000
PEERS = {"the SDK, 20 ms chunks": 20, "the SDK, its own 250 ms chunks": 250}
OURS = "Talkbox, without canceller"
_SETTLING_S = 3.0
_LEAST_MS = 0.1
_WRONG = ("underruns", "overruns", "chunks_dropped")


async def measure(report: Report, folder: Path, service: Service, *, seconds: float, rounds: int) -> None:
    """Measure Talkbox at both rates with the canceller and without, its pauses, and its peer."""
    for rate_hz in (16_000, 48_000):
        report.begin(f"cost: card at {rate_hz} Hz, agent at 16000 Hz, both speaking all the time, {seconds:.0f} s")
        for number, (name, setting) in enumerate(CANCELLERS.items()):
            async with live(folder / f"cost-{rate_hz}-{number}", service, setting, rate_hz=rate_hz) as running:
                limited = rate_hz == LIMITED_HZ and name == "cascade"
                await _whole(report, running, name, limited=limited, seconds=seconds)
        async with _bare_card(folder / f"bare-{rate_hz}", rate_hz) as pid:
            bare_ms = await _spent_ms(pid, seconds / 2)
        report.add("of it the simulated card's own", bare_ms, unit="ms/s", note="a loop that only reads and writes it")
    await _pauses(report, folder / "gc", service, seconds)
    await _peers(report, folder, service, seconds=seconds / 2, rounds=rounds)


async def _whole(report: Report, running: Live, name: str, *, limited: bool, seconds: float) -> None:
    await running.talk()
    async with _conversation(running.service, running.card):
        before = threads_ms(running.pid)
        began_s = time.monotonic()
        cpu_ms = await _spent_ms(running.pid, seconds)
        took_s = time.monotonic() - began_s
        shares = [(took - before.get(which, 0.0)) / took_s for which, took in threads_ms(running.pid).items()]
    peak, counted = peak_mb(running.pid), (await running.status())["counters"]
    report.add(f"whole process, {name}", cpu_ms, limit=CPU_LIMIT_MS if limited else None, unit="ms/s")
    others = ", ".join(f"{share:.1f}" for share in sorted(shares[1:], reverse=True) if share >= _LEAST_MS)
    report.line(f"  the loop's thread {shares[0]:.1f}, the others {others}")
    report.add(f"peak memory, {name}", peak, limit=MEMORY_LIMIT_MB if limited else None, unit="MB")
    if wrong := {what: counted[what] for what in _WRONG if counted[what]}:
        report.line(f"  not undisturbed: {wrong}")


async def _pauses(report: Report, folder: Path, service: Service, seconds: float) -> None:
    """Measure how long garbage collection held everything up while the two spoke."""
    kept = folder / "collections.json"
    module, env = "tests.bench.watched", {watched.VARIABLE: str(kept)}
    async with live(folder, service, CANCELLERS["cascade"], rate_hz=LIMITED_HZ, module=module, env=env) as running:
        await running.talk()
        async with _conversation(service, running.card):
            began_s = time.monotonic()
            await asyncio.sleep(seconds)
    report.begin(f"garbage collection, cascade, {seconds:.0f} s of conversation")
    collections = [(took_s, generation) for at_s, took_s, generation in json.loads(kept.read_text()) if at_s >= began_s]
    longest_ms = max((took_s for took_s, _ in collections), default=0.0) * 1000
    by_generation = [sum(generation == which for _, generation in collections) for which in range(3)]
    report.add("longest collection", longest_ms, limit=PAUSE_LIMIT_MS, note="one period is 10 ms")
    report.line(f"collections of generations 0, 1, 2: {by_generation}")


async def _peers(report: Report, folder: Path, service: Service, *, seconds: float, rounds: int) -> None:
    """Compare with the official SDK: mono cards, in turn, since the machine has other work."""
    if importlib.util.find_spec("elevenlabs") is None:
        report.begin("peers: the official SDK is not installed: pip install elevenlabs")
        return
    report.begin(f"peers: mono card at {LIMITED_HZ} Hz, median of {rounds} times {seconds:.0f} s in turn")
    cpu_ms: dict[str, list[float]] = {name: [] for name in (OURS, *PEERS)}
    peaks: dict[str, float] = {}
    setting = CANCELLERS["without canceller"]
    for turn in range(rounds):
        async with live(folder / f"ours-{turn}", service, setting, rate_hz=LIMITED_HZ, channels=1) as running:
            await running.talk()
            async with _conversation(service, running.card):
                cpu_ms[OURS].append(await _spent_ms(running.pid, seconds))
            peaks[OURS] = peak_mb(running.pid)
        for name, chunk_ms in PEERS.items():
            async with _sdk(folder / f"sdk-{turn}-{chunk_ms}", service, chunk_ms) as (pid, card):
                async with _conversation(service, card):
                    cpu_ms[name].append(await _spent_ms(pid, seconds))
                peaks[name] = peak_mb(pid)
    for name, values in cpu_ms.items():
        report.add(name, median(values), unit="ms/s", note=f"peak memory {peaks[name]:.0f} MB")
    for name, chunk_ms in PEERS.items():
        ratio = median(cpu_ms[OURS]) / median(cpu_ms[name])
        report.add(f"Talkbox to {name}", ratio, limit=1.0 if chunk_ms == 20 else None, unit="times")


async def _spent_ms(pid: int, seconds: float) -> float:
    """Wait until everything has settled, and then look for `seconds`; return CPU milliseconds a second."""
    await asyncio.sleep(_SETTLING_S)
    began_s, began_cpu_s = time.monotonic(), cpu_s(pid)
    await asyncio.sleep(seconds)
    return 1000 * (cpu_s(pid) - began_cpu_s) / (time.monotonic() - began_s)


@asynccontextmanager
async def _conversation(service: Service, card: SimCard) -> AsyncIterator[None]:
    """Let the agent talk on, and the microphone hear it."""
    with echo(card):
        talking = asyncio.create_task(service.talk_on())
        try:
            yield
        finally:
            talking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await talking


@asynccontextmanager
async def _bare_card(folder: Path, rate_hz: int) -> AsyncIterator[int]:
    card = SimCard(folder, rate_hz=rate_hz)
    command = (sys.executable, "-m", "tests.bench.bare_card", str(rate_hz))
    with program(*command, log=folder / "log", **card.env) as process:
        yield process.pid


@asynccontextmanager
async def _sdk(folder: Path, service: Service, chunk_ms: int) -> AsyncIterator[tuple[int, SimCard]]:
    card = SimCard(folder, rate_hz=LIMITED_HZ, channels=1)
    service.arrivals = []
    command = (sys.executable, "-m", "tests.bench.peer", service.url, str(chunk_ms))
    with program(*command, log=folder / "log", **card.env) as process:
        await service.first_chunk()
        yield process.pid, card
