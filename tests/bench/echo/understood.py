"""
`python -m tests.bench.echo.understood`: who cuts in, and what a recognizer makes of it.

Each of the demonstration's lines is said over the agent, 10 dB softer than it, and to one that is silent. The ear is
the embedded agent's, and the agent stops as soon as that notices somebody, as a service's does.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np
from numpy.typing import NDArray

from talkbox.terminal.director import LINES, recording
from talkbox_agent.hearing import SphinxRecognizer, new_voice_detector
from talkbox_agent.turns import TurnDetector, TurnEnded, TurnSettings, Voice

from . import candidates, speech
from .candidates import CANDIDATES, Process, Raw
from .loop import BLOCK
from .scenes import SCENES, Heard, converted, render
from .speech import RATE_HZ

SEEDS = range(701, 713)
COMPARED = ("Talkbox", "Talkbox, Kalman filter", "AEC3 alone", "speexdsp, preprocessor", "livekit's APM")
BEGIN_S = (12.0, 15.0)  # between them the line begins: the agent alone has been heard for as long
LISTENS_S = 1.0  # so long before that somebody listens: what a canceller lets pass while it learns is not asked here
AFTER_S = 2.0  # so long after the line its turn is over
STOPS_S = 0.045  # from the interruption to silence
FADE_S = 0.003


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How long after the line's beginning somebody was noticed, in seconds, and whether it was understood."""

    noticed_s: float | None
    understood: bool


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.echo.understood", description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS, help="each another room, agent and moment")
    options = parser.parse_args()
    if missing := speech.why_not() or candidates.why_not() or why_not():
        print(missing, file=sys.stderr)
        return 69
    scenes = {seed: render(SCENES[0], seed=seed) for seed in options.seeds}
    silent = {seed: replace(heard, far=0 * heard.far, echo=0 * heard.echo) for seed, heard in scenes.items()}
    print(
        f"over the agent, which is 10 dB louder: lines understood of {len(scenes)}; noticed after (median, s);\n"
        "missed: not noticed, or before anything was said\n"
    )
    print(f"{'':24}" + "".join(f"{text:>33}" for text in LINES) + f"{'all':>6}{'s':>7}{'missed':>8}")
    _print("the agent is silent", _results(Raw, silent))
    for candidate in CANDIDATES:
        if candidate.name in COMPARED:
            _print(candidate.name, _results(candidate.make, scenes))
    return 0


def why_not() -> str:
    """Return what is missing for an ear, in words; ``""`` if nothing is."""
    there = importlib.util.find_spec("pocketsphinx") is not None
    return "" if there else "pocketsphinx is not installed: pip install '.[agent]'"


def cut_in(canceller: Process, heard: Heard, text: str, *, begin: int) -> Result:
    """Say the line ``text`` over the agent, from the sample ``begin`` on, and hear what comes of it."""
    far, echo, rest = heard.far.copy(), heard.echo.copy(), heard.rest.copy()
    said = np.array(recording(text).samples) / 32768
    end = begin + len(said)
    rest[begin:end] += said * (10 ** (SCENES[0].near_db / 20) / speech.active_rms(said))
    settings = TurnSettings()
    ear, noticed_s = TurnDetector(new_voice_detector(), settings), None
    for at in range(0, end + int(AFTER_S * RATE_HZ), BLOCK):
        block = slice(at, at + BLOCK)
        clean = canceller.process(converted(echo[block] + rest[block]), far[block])
        for event in ear.feed(clean) if at >= begin - int(LISTENS_S * RATE_HZ) else ():
            if isinstance(event, Voice) and noticed_s is None and event.recent_s >= settings.barge_in_voice_s:
                noticed_s = (at + BLOCK - begin) / RATE_HZ
                _end(far, at + int(STOPS_S * RATE_HZ))
                _end(echo, at + int((STOPS_S + SCENES[0].delay_ms / 1000) * RATE_HZ))
            if isinstance(event, TurnEnded) and at > begin:
                # A new one each time: what one has heard before makes a difference to what it hears.
                words = asyncio.run(SphinxRecognizer().recognize(event.samples))
                return Result(noticed_s=noticed_s, understood=words == text and (noticed_s or 0) > 0)
    return Result(noticed_s=noticed_s, understood=False)


def _results(make: Callable[[], Process], scenes: Mapping[int, Heard]) -> dict[str, list[Result]]:
    begins = {seed: int(np.random.default_rng([seed, 7]).uniform(*BEGIN_S) * RATE_HZ) for seed in scenes}
    return {text: [cut_in(make(), heard, text, begin=begins[seed]) for seed, heard in scenes.items()] for text in LINES}


def _end(sound: NDArray[Any], at: int) -> None:
    """Fade out, and be silent."""
    fade = int(FADE_S * RATE_HZ)
    sound[at : at + fade] = sound[at : at + fade] * np.linspace(1, 0, fade)
    sound[at + fade :] = 0


def _print(name: str, results: Mapping[str, Sequence[Result]]) -> None:
    every = [result for of_line in results.values() for result in of_line]
    noticed_s = [result.noticed_s for result in every if result.noticed_s is not None and result.noticed_s > 0]
    cells = "".join(f"{sum(result.understood for result in of_line):>33}" for of_line in results.values())
    total, missed = sum(result.understood for result in every), len(every) - len(noticed_s)
    after = f"{median(noticed_s):.2f}" if noticed_s else "-"
    print(f"{name:24}{cells}{total:>6}{after:>7}{missed:>8}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
