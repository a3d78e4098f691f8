"""`make bench`: print what the device costs and how quick it is."""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from tests.bench import cost
from tests.bench.figures import Report
from tests.bench.service import RATE_HZ, Service, service
from tests.support.programs import Device, device
from tests.support.simcard import SimCard, why_not

READY_RUNS = 5
PRESSES = 10
CLICKS = 200
CLICK_EVERY_S = 0.0937  # no multiple of a period or a chunk: every phase is met
INTERRUPTIONS = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("cost",), help="measure nothing else")
    parser.add_argument("--seconds", type=float, default=60.0, help="length of the full-duplex session (default: 60)")
    options = parser.parse_args()
    scheduler = "real-time priority" if os.sched_getscheduler(0) == os.SCHED_FIFO else "ordinary priority"
    print(f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, {scheduler}\n")
    with tempfile.TemporaryDirectory(prefix="talkbox-bench-") as name:
        if options.only == "cost":
            asyncio.run(_only_cost(Path(name), options.seconds))
        else:
            asyncio.run(_measure(Path(name), options.seconds))
    return 0


async def _only_cost(folder: Path, seconds: float) -> None:
    async with service() as made:
        await cost.measure(Report(), folder, made, seconds=seconds)


async def _measure(folder: Path, seconds: float) -> None:
    async with service() as made:
        _print("talkbox run → ready", [await _ready(folder / f"ready{n}", made) for n in range(READY_RUNS)])
        for rate_hz in (16_000, 48_000):
            print(f"\ncard at {rate_hz} Hz, agent at {RATE_HZ} Hz")
            await _cost(folder / f"cost{rate_hz}", made, rate_hz, seconds)
            if missing := why_not():
                print(f"  latencies not measured: {missing}")
                continue
            await _latencies(folder / f"card{rate_hz}", made, rate_hz)


async def _started(stack: ExitStack, folder: Path, made: Service, *settings: str, **env: str) -> Device:
    def start() -> Device:
        folder.mkdir(parents=True)
        return stack.enter_context(device(folder, made.url, *settings, **env))

    return await asyncio.to_thread(start)


async def _ready(folder: Path, made: Service) -> float:
    with ExitStack() as stack:
        began_s = time.monotonic()
        await _started(stack, folder, made)
        return time.monotonic() - began_s


async def _cost(folder: Path, made: Service, rate_hz: int, seconds: float) -> None:
    with ExitStack() as stack:
        running = await _started(stack, folder, made, f"audio.rate_hz={rate_hz}")
        await _pressed(running, made)
        began_s, began_cpu_s = time.monotonic(), _cpu_s(running)
        while (passed_s := time.monotonic() - began_s) < seconds:
            await made.say(1.0)
            await asyncio.sleep(1.0)
        cpu_ms = (_cpu_s(running) - began_cpu_s) * 1000
        counted = running.status()["counters"]
        print(
            f"  CPU                      {cpu_ms / passed_s:6.1f} ms a second of audio both ways, over {passed_s:.0f} s"
        )
        print(f"  peak memory              {_peak_mib(running):6.1f} MiB")
        print(f"  underruns, dropped       {counted['underruns']:6d}, {counted['chunks_dropped']}")


async def _latencies(folder: Path, made: Service, rate_hz: int) -> None:
    card = SimCard(folder / "card", rate_hz=rate_hz)
    with ExitStack() as stack:
        running = await _started(
            stack,
            folder / "device",
            made,
            f"audio.rate_hz={rate_hz}",
            "audio.capture=mic",
            "audio.playback=speaker",
            **card.env,
        )
        presses = []
        for _ in range(PRESSES):
            presses.append(await _pressed(running, made))
            await _do(running, "tap")
            await asyncio.to_thread(running.until, state="idle")
        _print("press → first chunk", presses)
        await _pressed(running, made)
        _print("mic → wire, per sample", await _clicks(made, card))
        _print("interruption → silence", await _interruptions(made, card))
        await _do(running, "tap")


async def _pressed(running: Device, made: Service) -> float:
    made.arrivals = []
    began_s = time.monotonic()
    first, _ = await asyncio.gather(made.first_chunk(), _do(running, "tap"))
    return first - began_s


async def _do(running: Device, command: str) -> None:
    await asyncio.to_thread(running.do, command)


async def _clicks(made: Service, card: SimCard) -> list[float]:
    """Say clicks to the microphone, and find each in what arrived."""
    click = np.full(round(card.rate_hz * 0.0005), 20_000, np.int16)
    first_s = card.now_s() + 1.0
    said_s = [first_s + n * CLICK_EVERY_S for n in range(CLICKS)]
    for at_s in said_s:
        card.say(click, at_s=at_s)
    await asyncio.sleep(1.0 + CLICKS * CLICK_EVERY_S + 1.0)
    samples, times_s = made.heard()
    loud = np.flatnonzero(np.abs(samples.astype(int)) > 10_000)
    begins = loud[np.diff(loud, prepend=-RATE_HZ) > RATE_HZ * CLICK_EVERY_S / 2]
    if len(begins) != CLICKS:
        print(f"  {len(begins)} of {CLICKS} clicks arrived")
        return []
    epoch_s = time.monotonic() - card.now_s()
    return [float(times_s[begin]) - epoch_s - at_s for begin, at_s in zip(begins, said_s, strict=True)]


async def _interruptions(made: Service, card: SimCard) -> list[float]:
    """Interrupt an answer again and again, and look when the card had played its last sample."""
    found = []
    for _ in range(INTERRUPTIONS):
        await made.say(5.0)
        await asyncio.sleep(0.7)
        await made.interrupt()
        at_s = card.now_s()
        await asyncio.sleep(0.5)
        sounding = np.flatnonzero(card.played(from_s=at_s, to_s=at_s + 0.4)[:, 0])
        found.append((sounding[-1] + 1) / card.rate_hz if len(sounding) else 0.0)
    return found


def _print(name: str, values_s: Sequence[float]) -> None:
    if not values_s:
        return
    p50, p95, p99 = np.percentile(np.array(values_s) * 1000, [50, 95, 99])
    print(f"  {name:<24} {p50:6.1f} ms p50 {p95:6.1f} p95 {p99:6.1f} p99   ({len(values_s)} times)")


def _cpu_s(running: Device) -> float:
    fields = Path(f"/proc/{running.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _peak_mib(running: Device) -> float:
    lines = Path(f"/proc/{running.process.pid}/status").read_text("ascii").splitlines()
    [peak] = [line for line in lines if line.startswith("VmHWM")]
    return int(peak.split()[1]) / 1024


if __name__ == "__main__":
    sys.exit(main())
