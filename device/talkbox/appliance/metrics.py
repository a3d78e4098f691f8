"""What one session was like, in numbers: one line at its end. Pure: the caller brings the time."""

from __future__ import annotations

from collections.abc import Mapping

from talkbox.audio.latency import Latency
from talkbox.audio.timing import Timing

from .ports import SessionCounters, SoundCounters

Figures = dict[str, float | int]
"""By name, with the unit in it. What could not be measured is not there."""


class Metrics:
    """
    Gather the figures of one session.

    Args:
        pressed_s: When the press that began it was taken.
        before: What the sound engine had counted until then.
    """

    def __init__(self, *, pressed_s: float, before: SoundCounters) -> None:
        self._pressed_s = pressed_s
        self._before = _counts(before)
        self._asked_s: float | None = None
        self._answers = Latency()
        self._turns = self._interruptions = 0

    def since_press_s(self, at_s: float) -> float:
        """Return how long ago the press was."""
        return at_s - self._pressed_s

    def user_spoke(self, at_s: float) -> None:
        """Note that what the user said has come back as a transcript; the answer is due from now on."""
        self._asked_s = at_s

    def agent_speaks(self, at_s: float) -> None:
        """Note the first sound of one of the agent's turns."""
        self._turns += 1
        if self._asked_s is not None:
            self._answers.add(at_s - self._asked_s)
            self._asked_s = None

    def interrupted(self) -> None:
        """Note that the agent was cut off."""
        self._interruptions += 1

    def figures(self, *, now_s: float, session: SessionCounters, sound: SoundCounters, timing: Timing) -> Figures:
        """Return everything that is known at the session's end."""
        figures: Figures = {"duration_s": round(self.since_press_s(now_s), 1)}
        if timing.first_chunk_at_s is not None:
            figures["first_chunk_ms"] = round(self.since_press_s(timing.first_chunk_at_s) * 1000)
        for name, latency in (
            ("mic_to_wire", timing.mic_to_wire),
            ("answer", self._answers),
            ("silence", timing.silence),
        ):
            for percent in (50, 95):
                if (seconds := latency.percentile(percent / 100)) is not None:
                    figures[f"{name}_p{percent}_ms"] = round(seconds * 1000)
        figures |= {"turns": self._turns, "interruptions": self._interruptions}
        figures |= {name: count - self._before[name] for name, count in _counts(sound).items()}
        return figures | {
            "late_chunks": timing.late_chunks,
            "stale_audio": session.stale_audio,
            "chunks_sent": session.chunks_sent,
            "bytes_out": session.bytes_sent,
            "bytes_in": session.bytes_received,
        }


def told(figures: Mapping[str, float | int]) -> str:
    """Return the line that says `figures` to a person: of latencies the median, and what 95 % took at most."""
    parts = [f"{figures['duration_s']:g} s"]
    if (first_ms := figures.get("first_chunk_ms")) is not None:
        parts.append(f"press to first chunk {first_ms} ms")
    for words, name in (("mic to wire", "mic_to_wire"), ("answer", "answer"), ("silence", "silence")):
        if (median_ms := figures.get(f"{name}_p50_ms")) is not None:
            parts.append(f"{words} {median_ms} ms (p95 {figures[f'{name}_p95_ms']})")
    counted = ("underruns", "starved", "overruns", "periods_clipped", "late_chunks", "chunks_dropped")
    parts.append(", ".join(f"{name.replace('_', ' ')} {figures[name]}" for name in counted))
    parts.append(f"{_bytes(figures['bytes_out'])} out, {_bytes(figures['bytes_in'])} in")
    return "; ".join(parts)


def _counts(sound: SoundCounters) -> dict[str, int]:
    return {
        "underruns": sound.underruns,
        "starved": sound.starved,
        "overruns": sound.overruns,
        "periods_clipped": sound.periods_clipped,
        "chunks_dropped": sound.chunks_dropped,
    }


def _bytes(count: float) -> str:
    """Return ``"12 kB"`` or ``"1.3 MB"``."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.0f} kB"
