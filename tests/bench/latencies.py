"""How quick the sound is, on the simulated card's own timeline."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import numpy as np

from tests.bench.figures import Report
from tests.bench.live import CANCELLERS, Live, live
from tests.bench.machine import sleeper
from tests.bench.service import RATE_HZ, Service
from tests.bench.voice import PIECE_S, Samples, place, steepest, tone, voiced

MIC_LIMITS_MS = {"without canceller": 25.0, "cascade": 40.0}
CARD_LIMIT_MS, SILENCE_LIMIT_MS, CAPTURED_LIMIT_MS = 45.0, 45.0, 60.0
CONNECTING_S, WORD_S = 3.0, 2.0
_BURST_EVERY_S = 0.2937  # no multiple of a period or a chunk: every phase is met
_BURSTS_A_BATCH = 25
_AUDIBLE = 50
_TURN_EVERY_S = 1.0
_SHOWN = 8  # pieces of the first word
_TONE_S, _TONE_HZ = 3.0, 200.0
_CLICK = 1.5  # times the tone's own steepest step; a cut in it may be twenty times as steep


async def measure(report: Report, folder: Path, service: Service, *, times: int) -> None:
    """Measure all of them, at both rates, with the canceller and without, `times` times each."""
    for rate_hz in (16_000, 48_000):
        for number, (name, setting) in enumerate(CANCELLERS.items()):
            report.begin(f"latencies: card at {rate_hz} Hz, {name}")
            where = folder / f"latencies-{rate_hz}-{number}"
            async with live(where, service, setting, rate_hz=rate_hz) as running:
                with sleeper(report):
                    await _presses(report, running, times)
                    await running.talk()
                    bursts = await _bursts(running, times)
                    report.times("mic → wire, per sample", bursts, limit_ms=MIC_LIMITS_MS[name])
                    turns = await _turns(running, times)
                    report.times("wire → card, first audio of a turn", turns, limit_ms=CARD_LIMIT_MS)
                    await _interruptions(report, running, times)
                    await running.hang_up()
                    await _first_word(report, running)
                counted = (await running.status())["counters"]
            report.line(f"{counted['underruns']} underruns, {counted['overruns']} overruns")


async def _presses(report: Report, running: Live, times: int) -> None:
    """Press again and again; the card knows when it was read first: what it let the microphone hear, it keeps."""
    kept = running.card.folder / "heard.raw"
    kept.touch()
    running.card.say(np.ones(running.card.rate_hz * 3600, np.int16), at_s=0.0)  # to be told from a hole
    captured, arrived = [], []
    for _ in range(times):
        with kept.open("r+b") as file:
            file.truncate(0)
        at_s = await running.talk()
        arrived.append(running.service.arrivals[0][0] - running.card.epoch_s - at_s)
        await running.hang_up()
        first = int(np.flatnonzero(np.fromfile(kept, np.int16))[0])
        captured.append(first / running.card.rate_hz - at_s)
    running.card.silence()
    kept.unlink()
    report.times("press → first captured frame", captured, limit_ms=CAPTURED_LIMIT_MS)
    report.times("press → first chunk on the wire", arrived)


async def _bursts(running: Live, times: int) -> list[float]:
    """Say bursts of voice; find each in what arrived; for each of its samples, how long it took."""
    card, service, found_s, missing = running.card, running.service, [], 0
    while times > 0:
        count = min(times, _BURSTS_A_BATCH)
        times -= count
        begin_s = card.now_s() + 0.5
        said_s = [begin_s + n * _BURST_EVERY_S for n in range(count)]
        for seed, at_s in enumerate(said_s):
            card.say(voiced(seed, seconds=PIECE_S, rate_hz=card.rate_hz), at_s=at_s)
        await asyncio.sleep(0.5 + count * _BURST_EVERY_S + 0.5)
        samples, arrived_s = service.heard()
        on_card_s = arrived_s - card.epoch_s
        for seed, at_s in enumerate(said_s):
            first, last = np.searchsorted(on_card_s, [at_s, at_s + PIECE_S + 0.15])
            piece = voiced(seed, seconds=PIECE_S, rate_hz=RATE_HZ)
            at = place(piece, samples[first:last])
            if at is None:
                missing += 1
                continue
            taken = slice(first + at, first + at + len(piece))
            due_s = at_s + np.arange(len(piece)) / RATE_HZ
            found_s += (on_card_s[taken] - due_s).tolist()
    if missing:
        print(f"  {missing} bursts did not arrive")
    return found_s


async def _turns(running: Live, times: int) -> list[float]:
    """Let the agent begin to speak again and again, into silence."""
    card, found_s = running.card, []
    for turn in range(times):
        sent_s = await running.service.say(tone(seconds=0.3, rate_hz=RATE_HZ, hz=1000.0)) - card.epoch_s
        await asyncio.sleep(_TURN_EVERY_S + turn * 0.0037)  # another phase of the card each time
        sounding = np.flatnonzero(np.abs(card.played(from_s=sent_s, to_s=sent_s + 0.6)[:, 0]) > _AUDIBLE)
        if len(sounding):
            found_s.append(sounding[0] / card.rate_hz)
    return found_s


async def _interruptions(report: Report, running: Live, times: int) -> None:
    """Interrupt a tone again and again; look when the last of it was heard, whether it clicked, and what came later."""
    card, found_s, steps, later = running.card, [], [], 0
    for turn in range(times):
        await running.service.say(tone(seconds=_TONE_S, rate_hz=RATE_HZ, hz=_TONE_HZ))
        await asyncio.sleep(0.5 + turn * 0.0037)
        at_s = await running.service.interrupt() - card.epoch_s
        await running.service.say(tone(seconds=0.2, rate_hz=RATE_HZ), stale=True)
        await asyncio.sleep(0.6)
        heard = card.played(from_s=at_s, to_s=at_s + 0.5)[:, 0]
        sounding = np.flatnonzero(heard)
        found_s.append((sounding[-1] + 1) / card.rate_hz if len(sounding) else 0.0)
        own = float(np.abs(heard.astype(int)).max(initial=1)) * 2 * np.pi * _TONE_HZ / card.rate_hz
        steps.append(steepest(heard) / own)
        later += found_s[-1] > 0.2
    report.times("interruption → silence", found_s, limit_ms=SILENCE_LIMIT_MS)
    report.says("no click in it", max(steps) <= _CLICK, note=f"steepest step: {max(steps):.2f} times the tone's own")
    report.says("no stale audio after it", later == 0)


async def _first_word(report: Report, running: Live) -> None:
    """Press, and speak at once, while connecting takes 3 s."""
    card, service = running.card, running.service
    service.handshake_s = CONNECTING_S
    at_s = card.now_s()
    card.say(voiced(99, seconds=WORD_S, rate_hz=card.rate_hz), at_s=at_s + CAPTURED_LIMIT_MS / 1000)
    began_s = time.monotonic()
    await running.talk()
    connected_s = time.monotonic() - began_s
    await asyncio.sleep(2.0)
    service.handshake_s = 0.0
    word = voiced(99, seconds=WORD_S, rate_hz=RATE_HZ)
    gains_db = _gains_db(word, service.heard()[0])
    found = [gain_db for gain_db in gains_db if gain_db is not None]
    note = f"{len(found)} of {len(gains_db)} pieces of 100 ms in place; first chunk after {connected_s:.1f} s"
    report.says(f"first word whole after {CONNECTING_S:.0f} s of connecting", len(found) == len(gains_db), note=note)
    levels = " ".join("-" if gain_db is None else f"{gain_db:.0f}" for gain_db in gains_db[:_SHOWN])
    report.line(f"  its first {_SHOWN} pieces, dB of what was said: {levels}")
    await running.hang_up()


def _gains_db(word: Samples, heard: Samples) -> list[float | None]:
    """Return how loud each 100 ms of `word` are in `heard`, where they belong; `None`: they are not there."""
    size, slack = round(PIECE_S * RATE_HZ), RATE_HZ // 1000
    begins = place(word, heard)
    gains_db: list[float | None] = []
    for at in range(0, len(word), size):
        piece = word[at : at + size]
        first = max(0, (begins or 0) + at - slack)
        near = heard[first : first + size + 2 * slack]
        found = place(piece, near) if begins is not None else None
        if found is None:
            gains_db.append(None)
        else:
            gain = np.linalg.norm(near[found : found + size].astype(float)) / np.linalg.norm(piece.astype(float))
            gains_db.append(float(20 * np.log10(gain)))
    return gains_db
