"""Agent audio waiting to be heard. Pure: no thread, no card, no clock."""

from __future__ import annotations

from collections import deque

import numpy as np

from .formats import Samples, peak
from .start import StartThreshold

_FADE_S = 0.003  # a cut in mid-wave clicks; this does not
_MOST_S = 600.0
_GAPS = 60  # at least a sixtieth of what fits gives way at once: one gap for many messages, not one for each
_SMALL_S = 0.02  # shorter pieces are put together: a piece costs memory, however short it is
_SOON_S = 1.0  # what comes so soon after the buffer ran dry is the same answer
_QUIET = 32  # -60 dBFS


class PlaybackBuffer:
    """
    Mono samples between the network, which is bursty, and the card, which is not.

    What was written is read in order, once, and unchanged; but for a fade of 3 ms where it breaks off or goes on in
    mid-sound: at an interruption, where the network is late, and where there is no room for the oldest.

    Who uses it serializes access; this class takes no lock.

    Args:
        rate_hz: Samples a second.
        most_s: How much is held; of what comes on top of it, the oldest gives way.

    Attributes:
        written: Samples taken so far, ever.
        starved: How often an answer broke off in mid-sound, and went on in mid-sound: the network was late.
        sounds: Whether there was anything but silence to be had in the last reading.
    """

    def __init__(self, *, rate_hz: int, most_s: float = _MOST_S) -> None:
        self._rate_hz, self._most, self._small = rate_hz, int(most_s * rate_hz), int(_SMALL_S * rate_hz)
        self._pieces: deque[Samples] = deque()
        self._waiting = 0
        self._threshold = StartThreshold(rate_hz=rate_hz)
        self._fade = int(_FADE_S * rate_hz)
        self._falling = np.linspace(1.0, 0.0, self._fade, dtype=np.float32)
        self._rising = self._falling[::-1]
        self._silence: Samples = np.zeros(self._fade, np.int16)
        self._recent = self._silence  # what was heard last, a fade of it or more
        self._tail = self._silence[:0]  # what is left of a fade-out
        self._sounding = False  # whether an answer is being read
        self._held = 0  # silence that was read while one waited to begin
        self._risen = self._fade  # how far a fade-in is
        self._cut, self._quiet_for = False, 0  # whether the last answer ended in mid-sound, and how long ago
        self.written = self.starved = 0
        self.sounds = False

    def __len__(self) -> int:
        """Samples waiting."""
        return self._waiting

    @property
    def position(self) -> int:
        """Of the samples `written`, how many were read or given up; the last of them when no fade follows any more."""
        return self.written - max(self._waiting, len(self._tail), self._sounding)

    def write(self, samples: Samples) -> int:
        """
        Append ``samples``, shape ``(n,)``. The caller must not change them afterwards.

        Returns:
            How many samples, the oldest, had to give way; 0 but for a burst of more than ten minutes.
        """
        self.written += len(samples)
        over = self._waiting + len(samples) - self._most
        lost = self._give_way(over) if over > 0 else 0
        kept = samples[-self._most :]
        self._waiting += len(kept)
        if self._pieces and max(len(self._pieces[-1]), len(kept)) < self._small:
            kept = np.concatenate([self._pieces.pop(), kept])
        if len(kept):
            self._pieces.append(kept)
        return lost + max(0, len(samples) - self._most)

    def read(self, count: int) -> Samples:
        """
        Take the next ``count`` samples, padded with silence.

        Returns:
            Shape ``(count,)``, always: the card must be fed, ready or not. It must not be changed.
        """
        out: Samples = np.zeros(count, np.int16)
        at = self._end(out) if len(self._tail) else 0
        if at < count and (self._sounding or self._begins(count - at)):
            at += self._take(out[at:])
            if at < count:
                self._run_dry()
                at += self._end(out[at:])
                self._quiet_for = count - at
        self.sounds = at > 0
        return out

    def interrupt(self) -> int:
        """
        Drop everything but a fade-out; and that, too, where nothing of it has been read yet.

        Returns:
            Samples the user will never hear.
        """
        if self._sounding:
            self._fade_out()
        lost, self._waiting = self._waiting, 0
        self._pieces.clear()
        self._held, self._cut, self._quiet_for = 0, False, 0
        self._risen = self._fade
        return lost

    def _begins(self, room: int) -> bool:
        """Decide, where nothing sounds, whether it begins with the next sample, in a reading that has ``room``."""
        if not self._waiting:
            self._quiet_for += room
            return False
        if self._cut:
            self._risen = 0
        if self._quiet_for > _SOON_S * self._rate_hz:
            self._threshold.ended()
        elif self._cut and _sounds(self._pieces[0][: len(self._falling)]):  # not so the beginning of another answer
            self.starved += 1
            self._threshold.starved()
        self._cut, self._quiet_for = False, 0
        if max(self._waiting, self._held) < self._threshold.samples:
            self._held += room
            return False
        self._sounding, self._held, self._recent = True, 0, self._silence
        return True

    def _take(self, out: Samples) -> int:
        """Move what waits to ``out``, as far as it goes; return how far."""
        filled, room, pieces = 0, len(out), self._pieces
        while filled < room and pieces:
            piece = pieces[0][: room - filled]
            taken = len(piece)
            out[filled : filled + taken] = piece
            filled += taken
            if taken < len(pieces[0]):
                pieces[0] = pieces[0][taken:]
            else:
                pieces.popleft()
        self._waiting -= filled
        if self._risen < self._fade:
            ramp = self._rising[self._risen :][:filled]
            out[: len(ramp)] = out[: len(ramp)] * ramp
            self._risen += len(ramp)
        heard = out[:filled]
        self._recent = heard if filled >= self._fade else np.concatenate([self._recent, heard])[-self._fade :]
        return filled

    def _run_dry(self) -> None:
        """End in mid-answer, or at its end: who knows. What breaks off in mid-sound rings out, mirrored."""
        last = self._recent[: -self._fade - 1 : -1]
        self._cut = self._risen < self._fade or _sounds(last)
        self._sounding, self._risen = False, self._fade
        if abs(int(last[0])) > _QUIET:
            self._tail = (last * self._falling).astype(np.int16)

    def _fade_out(self) -> None:
        """End at once: fade out over what waits, and where that is too little over what was heard last, mirrored."""
        fade = np.zeros(self._fade, np.int16)
        filled = self._take(fade)
        fade[filled:] = self._recent[::-1][: len(fade) - filled]
        self._sounding, self._tail = False, (fade * self._falling).astype(np.int16)

    def _end(self, out: Samples) -> int:
        """Move what is left of a fade-out to ``out``; return how much."""
        taken, self._tail = self._tail[: len(out)], self._tail[len(out) :]
        out[: len(taken)] = taken
        return len(taken)

    def _give_way(self, over: int) -> int:
        """Drop the oldest, in whole pieces; what is next fades in. Return how many samples."""
        if self._sounding:
            self._fade_out()
        before = self._waiting
        while self._pieces and before - self._waiting < max(over, self._most // _GAPS):
            self._waiting -= len(self._pieces.popleft())
        self._risen = 0
        return before - self._waiting


def _sounds(samples: Samples) -> bool:
    """Tell whether there is more than silence in ``samples``, some at least."""
    return peak(samples) > _QUIET
