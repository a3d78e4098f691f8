"""
One recording, and one with a chirp in it: what was heard and played, and when, on the card's own clock.

For the doctor. It opens the card and lets go of it; it judges nothing. `chirp` says what a recording holds.
"""

from __future__ import annotations

import errno
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from .chirp import chirp
from .clipping import at_full_scale
from .formats import Samples
from .frames import averaged, from_mono, interleaved
from .ports import CaptureDevice, PlaybackDevice

LEAD_S = 0.3
"""Of silence before the chirp: amplifiers wake up with a click."""

TAIL_S = 0.5
"""Of listening after it."""

LONGEST_S = 10.0
"""A loudspeaker that has not played its second by then stands still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """
    What was recorded.

    Attributes:
        samples: Mono, the channels' average.
        full: Of each of them, whether it was at full scale on any channel: the average would not tell.
        rate_hz: Of them.
        began_s: When the first of them was heard, on the clock.
        xruns: Overruns: then its samples are not where they seem to be.
    """

    samples: Samples
    full: NDArray[np.bool_]
    rate_hz: int
    began_s: float
    xruns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """
    A chirp that was played.

    Attributes:
        at_s: When its first sample left the card, on the clock.
        xruns: Underruns: then it was not played in one piece.
    """

    at_s: float
    xruns: int


def record(
    open_device: Callable[[], CaptureDevice], *, seconds: float, clock: Callable[[], float] = time.monotonic
) -> Take:
    """
    Listen for `seconds`. Blocks.

    Raises:
        OSError: If the microphone cannot be opened, or is lost.
    """
    with closing(open_device()) as device:
        wanted = int(seconds * device.rate_hz)
        return _heard(device, lambda frames: frames < wanted, clock=clock)


def record_chirp(
    open_capture: Callable[[], CaptureDevice],
    open_playback: Callable[[], PlaybackDevice],
    *,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[Take, Played]:
    """
    Play a chirp, and listen from before it until after it. Blocks for two seconds; plays on a thread of its own.

    Raises:
        OSError: If a device cannot be opened, or is lost.
    """
    outcome: list[Played | Exception] = []

    def play() -> None:
        try:
            outcome.append(play_chirp(open_playback, clock=clock))
        except Exception as error:  # noqa: BLE001  the top of a thread: who listens is to have it
            outcome.append(error)

    player = Thread(target=play, name="talkbox-chirp", daemon=True)
    with closing(open_capture()) as device:
        longest = int(LONGEST_S * device.rate_hz)

        def goes_on(frames: int) -> bool:
            if frames and player.ident is None:
                player.start()
            return not outcome and frames < longest

        take = _heard(device, goes_on, clock=clock)
    if not outcome:
        raise OSError(errno.ETIMEDOUT, f"the loudspeaker stands still: nothing was played in {LONGEST_S:g} s")
    if isinstance(outcome[0], Exception):
        raise outcome[0]
    return take, outcome[0]


def play_chirp(open_device: Callable[[], PlaybackDevice], *, clock: Callable[[], float] = time.monotonic) -> Played:
    """
    Play a chirp between two silences. Blocks until most of the second has been heard.

    Raises:
        OSError: If the loudspeaker cannot be opened, or is lost.
    """
    with closing(open_device()) as device:
        rate_hz = device.rate_hz
        ahead = np.zeros(device.ahead_frames, np.int16)  # a card begins to play at the first write: fill it
        lead, tail = (np.zeros(int(seconds * rate_hz), np.int16) for seconds in (LEAD_S, TAIL_S))
        sound = np.concatenate([lead, chirp(rate_hz), tail])
        periods = (sound[at : at + device.period_frames] for at in range(0, len(sound), device.period_frames))
        written, began_s = 0, float("inf")
        for piece in (ahead, *periods):
            device.write(from_mono(piece, channels=device.channels, sample_bytes=device.sample_bytes))
            written += len(piece)
            # Looked at late, it seems to have begun late, and never early: the earliest is the truest.
            began_s = min(began_s, clock() - (written - device.queued_frames()) / rate_hz)
        device.drop()
        return Played(at_s=began_s + (len(ahead) + len(lead)) / rate_hz, xruns=device.xruns)


def _heard(device: CaptureDevice, goes_on: Callable[[int], bool], *, clock: Callable[[], float]) -> Take:
    """Read while it `goes_on`, which is told how many frames there are."""
    pieces, full = [np.zeros(0, np.int16)], [np.zeros(0, np.bool_)]
    frames, began_s = 0, float("inf")
    while goes_on(frames):
        raw = interleaved(device.read(), sample_bytes=device.sample_bytes)
        pieces.append(averaged(raw, channels=device.channels))
        full.append(at_full_scale(raw, channels=device.channels))
        frames += len(pieces[-1])
        began_s = min(began_s, clock() - frames / device.rate_hz)
    return Take(
        samples=np.concatenate(pieces),
        full=np.concatenate(full),
        rate_hz=device.rate_hz,
        began_s=began_s,
        xruns=device.xruns,
    )
