"""What a demonstration saw and heard, on one clock: the data, and arithmetic on it. Draws nothing, judges nothing."""

from __future__ import annotations

import bisect
import wave
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Event = dict[str, Any]
"""One line of `talkbox events --json`: ``event``, ``at_s`` (CLOCK_MONOTONIC), ``speaker_frame``, and its own fields."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """One look at the device's status."""

    at_s: float
    state: str
    leds: tuple[tuple[int, int, int], ...]
    input_level: float
    output_level: float
    volume: float
    speaker_frame: int
    echo: Event = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """Something that was said to the microphone; ``over``: while the agent was speaking."""

    at_s: float
    text: str
    samples: array[int]
    rate_hz: int
    over: bool = False

    @property
    def end_s(self) -> float:
        """When the last sample was said."""
        return self.at_s + len(self.samples) / self.rate_hz


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What a mono PCM16 WAV file holds."""

    samples: array[int]
    rate_hz: int


@dataclass(slots=True, kw_only=True)
class Record:
    """Everything of one demonstration, oldest first. All times are seconds of CLOCK_MONOTONIC."""

    begun_s: float
    events: list[Event] = field(default_factory=list)
    glances: list[Glance] = field(default_factory=list)
    spoken: list[Spoken] = field(default_factory=list)
    marks: list[tuple[float, str, int]] = field(default_factory=list)
    """What the demonstration did with its finger: when, what, and at which frame of `speaker.wav`."""

    def named(self, name: str) -> list[Event]:
        """Return the events of one name."""
        return [event for event in self.events if event["event"] == name]

    @property
    def speaking(self) -> bool:
        """Whether the agent is, as far as was heard."""
        return any(event["mode"] == "speaking" for event in self.named("mode")[-1:])

    def transcript(self) -> list[Event]:
        """Return the final messages, an interrupted answer cut to what was heard of it."""
        lines: list[Event] = []
        for event in self.events:
            if event["event"] == "message" and event["final"]:
                lines.append(event)
            elif event["event"] == "corrected":
                last = next((n for n in reversed(range(len(lines))) if lines[n]["source"] == "agent"), None)
                if last is not None:
                    lines[last] = lines[last] | {"text": f"{event['text']} —"}
        return lines

    @property
    def end_s(self) -> float:
        """When the last thing was seen."""
        seen_s = [float(event["at_s"]) for event in self.events[-1:]] + [glance.at_s for glance in self.glances[-1:]]
        return max([self.begun_s, *seen_s])

    def frame_at(self, at_s: float) -> int:
        """Return how many frames the loudspeaker had been given at ``at_s``, interpolated between two glances."""
        after = bisect.bisect_left(self.glances, at_s, key=lambda glance: glance.at_s)
        if not self.glances:
            return 0
        if after == 0:
            return self.glances[0].speaker_frame
        if after == len(self.glances):
            return self.glances[-1].speaker_frame
        before, next_ = self.glances[after - 1], self.glances[after]
        share = (at_s - before.at_s) / (next_.at_s - before.at_s)
        return round(before.speaker_frame + share * (next_.speaker_frame - before.speaker_frame))


def read_wav(path: Path) -> Sound:
    """
    Read a mono PCM16 WAV file.

    Raises:
        ValueError: If it is not one.
    """
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                raise ValueError(f"{path} is not mono PCM16")
            return Sound(samples=array("h", file.readframes(file.getnframes())), rate_hz=file.getframerate())
    except (wave.Error, EOFError) as error:
        raise ValueError(f"{path} is not a WAV file: {error}") from error


def rms(samples: array[int]) -> float:
    """Return the root mean square, 0 to 1 of full scale; 0 of nothing."""
    if not samples:
        return 0.0
    return float((sum(map(int.__mul__, samples, samples)) / len(samples)) ** 0.5 / 32768)


def peaks(samples: array[int], columns: int) -> list[tuple[float, float]]:
    """Return the lowest and highest sample (-1 to 1) of each of ``columns`` equal parts."""
    found = []
    for column in range(columns):
        part = samples[len(samples) * column // columns : len(samples) * (column + 1) // columns]
        found.append((min(part) / 32768, max(part) / 32768) if part else (0.0, 0.0))
    return found
