"""
A canceller at work in a scene, and a loudspeaker that is lowered where its echo leaves the microphone no room.

The canceller says how loud it may be (`ceiling_db`). What gain that takes is applied, block by block, to what is
written and, as much later as the echo comes, to the echo as it was rendered: its distortion stays that of the full
loudness.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .candidates import Process
from .scenes import CHANGE_S, END_S, Heard, Scene, converted
from .speech import RATE_HZ

BLOCK = RATE_HZ // 100
RISE = 1 - np.exp(-0.01 / 0.4)  # a block: the gain comes back within 0.4 s


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """
    What came of it.

    Attributes:
        heard: The scene with the loudspeaker as it was lowered.
        output: What was left of the microphone.
        cpu_ms: CPU milliseconds a second of sound.
        delay_s: How late the output is.
        lowered_db: By how much less was written to the card, of its energy.
    """

    heard: Heard
    output: NDArray[np.int16]
    cpu_ms: float
    delay_s: float
    lowered_db: float


def run(canceller: Process, scene: Scene, heard: Heard, *, lowers: bool) -> Run:
    """Put the canceller to work from the scene's beginning to its end; ``lowers``: it has a `ceiling_db`."""
    far, mic, echo, output = heard.far.copy(), heard.mic.copy(), heard.echo.copy(), np.empty_like(heard.mic)
    gains = np.ones(len(far))  # of what was written
    gain, cpu_ns = 1.0, 0
    for at in range(0, len(far), BLOCK):
        block = slice(at, at + BLOCK)
        if lowers:
            gain = _lowered(gain, far[block], ceiling_db=getattr(canceller, "ceiling_db", 0.0))
            gains[block] = gain
            far[block] = np.rint(far[block] * gain)
            late = round(scene.delay_s(at / RATE_HZ) * RATE_HZ)
            echo[block] *= gains[np.maximum(np.arange(at, at + BLOCK) - late, 0)]
            mic[block] = converted(echo[block] + heard.rest[block])
        if scene.told and at == int(CHANGE_S * RATE_HZ):
            canceller.slipped()
        began_ns = time.process_time_ns()
        output[block] = canceller.process(mic[block], far[block])
        cpu_ns += time.process_time_ns() - began_ns
    return Run(
        heard=replace(heard, far=far, mic=mic, echo=echo),
        output=output,
        cpu_ms=cpu_ns / 1e6 / END_S,
        delay_s=canceller.delay_s,
        lowered_db=_energy_db(heard.far) - _energy_db(far),
    )


def _lowered(gain: float, far: NDArray[np.int16], *, ceiling_db: float) -> float:
    """Return the next block's gain: at once as low as its peak asks for, slowly back."""
    peak = max(int(far.max()), -int(far.min()), 1)
    return float(min(gain + (1 - gain) * RISE, 32768 * 10 ** (ceiling_db / 20) / peak))


def _energy_db(samples: NDArray[np.int16]) -> float:
    return float(10 * np.log10((samples.astype(float) ** 2).sum()))
