"""A room between a loudspeaker and a microphone, and how loud something is in it. Pure, and without numpy."""

from __future__ import annotations

import math
import operator
from array import array
from random import Random

DELAY_S = 0.06
"""From the card to the air and back: what converters, buffers and a metre of air take, rather more than less."""
RT60_S = 0.3
"""In which the reverberation falls by 60 dB: a furnished room."""
DIRECT_S = 0.00025
BOX_S = 0.0015
TAIL_FROM_S, TAIL_S = 0.003, 0.24
NOISE_DB = -62.0
_FRAME_S = 0.02
_ACTIVE_DB = 30.0


def echo_path(rate_hz: int, *, level_db: float, seed: int = 1) -> array[float]:
    """
    Return the impulse response from the loudspeaker to the microphone beside it, one tap a frame, `DELAY_S` included.

    The direct sound, the box that both are in, and 8 dB below them a room.

    Args:
        rate_hz: Of both.
        level_db: The energy of all taps: by so much, about, the echo is louder than what is played.
        seed: Which room.
    """
    random = Random(seed)  # noqa: S311  a room, no secret
    count = round(TAIL_S * rate_hz)
    box, tail = array("d", bytes(8 * count)), array("d", bytes(8 * count))
    for n in range(count):
        at_s = n / rate_hz
        box[n] = random.gauss(0, 1) * math.exp(-at_s / BOX_S) * (at_s > DIRECT_S)
        tail[n] = random.gauss(0, 1) * 10 ** (-3 * at_s / RT60_S) * (at_s > TAIL_FROM_S)
    box, tail = _with_energy(box, 0.25), _with_energy(tail, 10 ** (-8 / 10))
    taps = array("d", map(operator.add, box, tail))
    taps[round(DIRECT_S * rate_hz)] += 1.0
    return array("f", bytes(4 * round(DELAY_S * rate_hz))) + array("f", _with_energy(taps, 10 ** (level_db / 10)))


def noise(count: int, *, seed: int = 1) -> array[int]:
    """Return a quiet room's noise, at `NOISE_DB` of full scale, int16."""
    random = Random(seed)  # noqa: S311  noise, no secret
    sigma = 32768 * 10 ** (NOISE_DB / 20)
    return array("h", (round(random.gauss(0, sigma)) for _ in range(count)))


def level_db(samples: array[int], *, rate_hz: int) -> float:
    """Return the level of speech in dB of full scale: of the parts within 30 dB of its loudest. Silence has -200."""
    size = round(_FRAME_S * rate_hz)
    powers = [
        sum(map(operator.mul, frame, frame)) / size
        for frame in (samples[at : at + size] for at in range(0, len(samples) - size + 1, size))
    ]
    loud = [power for power in powers if power > max(powers) / 10 ** (_ACTIVE_DB / 10)]
    return 10 * math.log10(sum(loud) / len(loud) / 32768**2) if loud else -200.0


def amplified(samples: array[int], *, by_db: float) -> array[int]:
    """Return ``samples`` so much louder, clipped where there is no room for it."""
    gain = 10 ** (by_db / 20)
    return array("h", (min(max(round(sample * gain), -32768), 32767) for sample in samples))


def mixed(one: array[int], other: array[int]) -> array[int]:
    """Return both, as long as the longer one."""
    short, long = sorted((one, other), key=len)
    both = (min(max(a + b, -32768), 32767) for a, b in zip(short, long, strict=False))
    return array("h", both) + long[len(short) :]


def _with_energy(taps: array[float], energy: float) -> array[float]:
    gain = math.sqrt(energy / sum(map(operator.mul, taps, taps)))
    return array("d", (tap * gain for tap in taps))
