"""A room outside of the device's process: the loudspeaker comes back into the microphone, softer and later."""

from __future__ import annotations

import threading
from contextlib import AbstractContextManager

import numpy as np

from tests.bench.beside import beside
from tests.support.simcard import SimCard

_EVERY_S = 0.02


def echo(card: SimCard, *, delay_s: float = 0.12, gain: float = 0.3) -> AbstractContextManager[None]:
    """
    Let the microphone hear the loudspeaker while the body runs.

    The simulated card has a room of its own, whose filter is computed in the process under test, and would be counted
    as its. This one is a single reflection, computed here, and late enough for a busy machine.
    """

    def carry(over: threading.Event) -> None:
        done_s = card.now_s()
        while not over.wait(_EVERY_S):
            played = card.played(from_s=done_s)[:, 0]
            card.say(np.rint(played * gain).astype(np.int16), at_s=done_s + delay_s)
            done_s += len(played) / card.rate_hz

    return beside("room", carry)
