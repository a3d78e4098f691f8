"""An answer over a bad network: how much of it waits in the device, and what of it is heard, at the card's timeline."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.bench.figures import Report
from tests.bench.live import CANCELLERS, live
from tests.bench.service import RATE_HZ, Service
from tests.bench.voice import steepest, tone

TONE_HZ = 200.0
PIECE_S = 0.1
"""Speech in one message; a good network brings each when it is due."""

_SEED = 6
_WINDOW_S = 0.005  # a period of the tone: within it, something of it is loud
_AUDIBLE = 200
_CLICK = 1.5  # times the tone's own steepest step


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    One answer, how it came and how it was heard.

    Attributes:
        name: What the network does to it.
        begins_s: When its first message was sent, on the run's own time.
        at_s: Times, 10 ms apart, from `begins_s` on.
        depth_s: For each, how much speech had arrived and was not heard yet.
        silent: For each, whether the loudspeaker was silent in the middle of the answer.
    """

    name: str
    begins_s: float
    at_s: NDArray[np.float64]
    depth_s: NDArray[np.float64]
    silent: NDArray[np.bool_]


def patterns(seconds: float) -> dict[str, list[tuple[float, int]]]:
    """Return, for each kind of network, when how many pieces come; the same in every run."""
    rng, count = np.random.default_rng(_SEED), round(seconds / PIECE_S)
    due_s = np.arange(count) * PIECE_S
    late_s = np.maximum.accumulate(due_s + rng.exponential(0.06, count))  # a stream keeps its order
    stalled_s = due_s + np.where(due_s % 3.0 > 2.1, 3.0 - due_s % 3.0, 0.0)  # 0.9 s of every 3 s
    return {
        "good": [(float(at_s), 1) for at_s in due_s],
        "jitter": [(float(at_s), 1) for at_s in late_s],
        "stalls": [(float(at_s), 1) for at_s in stalled_s],
        "bursts": [(float(at_s), round(2.0 / PIECE_S)) for at_s in np.arange(0.0, seconds, 2.0)],
        "all at once": [(0.0, count)],
    }


async def measure(report: Report, folder: Path, service: Service, *, seconds: float) -> list[Answer]:
    """Let the agent give one answer of `seconds` over each network."""
    report.begin(f"network: answers of {seconds:.0f} s in pieces of {PIECE_S * 1000:.0f} ms")
    answers = []
    begun_s = None
    async with live(folder / "network", service, CANCELLERS["without canceller"], rate_hz=RATE_HZ) as running:
        await running.talk()
        card = running.card
        for name, pattern in patterns(seconds).items():
            begins_s = card.now_s()
            begun_s = begins_s if begun_s is None else begun_s
            sent = await _send(service, pattern)
            await asyncio.sleep(max(0.0, begins_s + seconds - card.now_s()) + 2.0)
            heard = card.played(from_s=begins_s)[:, 0]
            arrived = [(at_s - card.epoch_s - begins_s, length_s) for at_s, length_s in sent]
            answer = _answer(name, begins_s - begun_s, arrived, heard)
            _print(report, answer, heard, seconds)
            answers.append(answer)
        counted = (await running.status())["counters"]
        report.line(f"the device counted: {counted}")
    return answers


async def _send(service: Service, pattern: list[tuple[float, int]]) -> list[tuple[float, float]]:
    """Send one answer; return when how much of it was sent."""
    loop, sent = asyncio.get_running_loop(), []
    whole = tone(seconds=sum(count for _, count in pattern) * PIECE_S, rate_hz=RATE_HZ, hz=TONE_HZ)
    began_s, done = loop.time(), 0
    for at_s, count in pattern:
        await asyncio.sleep(max(0.0, began_s + at_s - loop.time()))
        size = round(count * PIECE_S * RATE_HZ)
        sent.append((await service.say(whole[done : done + size], stale=done > 0), size / RATE_HZ))
        done += size
    return sent


def _answer(name: str, begins_s: float, sent: list[tuple[float, float]], heard: NDArray[np.int16]) -> Answer:
    """Compare what had come with what had sounded, every 10 ms."""
    size = round(_WINDOW_S * RATE_HZ)
    loud = np.abs(heard[: len(heard) // size * size].reshape(-1, size).astype(int)).max(axis=1) > _AUDIBLE
    sounded_s = np.concatenate([[0.0], np.cumsum(loud) * _WINDOW_S])[::2]
    at_s = np.arange(len(sounded_s), dtype=np.float64) * (2 * _WINDOW_S)
    came_s = sum((at_s >= when_s) * length_s for when_s, length_s in sent)
    sounding = np.flatnonzero(loud)
    silent = ~loud[: len(at_s) * 2 : 2]
    at = np.arange(len(silent)) * 2
    middle = (at > sounding[0]) & (at < sounding[-1]) if len(sounding) else np.zeros(len(silent), bool)
    return Answer(
        name=name,
        begins_s=begins_s,
        at_s=at_s[: len(silent)],
        depth_s=np.maximum(0.0, came_s - sounded_s)[: len(silent)],
        silent=silent & middle,
    )


def _print(report: Report, answer: Answer, heard: NDArray[np.int16], seconds: float) -> None:
    gaps = np.flatnonzero(np.diff(answer.silent.astype(int), prepend=0) == 1)
    own = float(np.abs(heard.astype(int)).max(initial=1)) * 2 * np.pi * TONE_HZ / RATE_HZ
    step = steepest(heard) / own
    lost_s = float(answer.depth_s[-1])
    report.line(
        f"{answer.name:<14} at most {answer.depth_s.max():5.2f} s waiting; silent in the middle {len(gaps)} times, "
        f"{answer.silent.sum() * 2 * _WINDOW_S:.2f} s; steepest step {step:.2f} times the tone's own"
    )
    report.says(f"{answer.name}: nothing lost", lost_s < 0.02 * seconds, note=f"{lost_s:.2f} s not heard")
    report.says(f"{answer.name}: no click", step <= _CLICK)
