"""A made-up conversation, as a demonstration would have recorded it: what the views and the verdict are tested with."""

from __future__ import annotations

import math
from array import array

from talkbox.terminal.record import Event, Glance, Record, Sound, Spoken

RATE_HZ = 1000


def tone(seconds: float, *, rate_hz: int = RATE_HZ) -> array[int]:
    """A loud tone in which no sample is zero."""
    return array("h", (round(8000 * math.sin(n + 0.5)) or 1 for n in range(round(seconds * rate_hz))))


def silence(seconds: float) -> array[int]:
    return array("h", bytes(2 * round(seconds * RATE_HZ)))


def event(name: str, at_s: float, **fields: object) -> Event:
    """An event at `at_s`, when the speaker had been given a frame for each millisecond."""
    return {"event": name, "at_s": at_s, "speaker_frame": round(at_s * RATE_HZ), **fields}


def said(text: str, at_s: float) -> Spoken:
    return Spoken(at_s=at_s, text=text, samples=tone(0.5), rate_hz=RATE_HZ)


def message(source: str, text: str, at_s: float) -> Event:
    return event("message", at_s, source=source, text=text, final=True)


def conversation() -> tuple[Record, Sound]:
    """Four turns; the second answer is interrupted by voice at 9 s, the third by the held button at 14 s."""
    record = Record(begun_s=0.0)
    speaker = silence(0)
    asked = [("what time is it", 2.0), ("tell me a story", 5.0), ("what day is it", 9.0), ("repeat after me", 14.5)]
    answers = [(3.0, 4.0), (6.0, 9.0), (10.5, 14.0), (16.0, 17.0)]
    record.events.append(event("state", 1.0, state="listening"))
    for (text, at_s), (first_s, last_s) in zip(asked, answers, strict=True):
        record.spoken.append(said(text, at_s))
        record.events.append(message("user", text, at_s + 0.6 if at_s != 9.0 else 10.0))
        record.events.append(event("mode", first_s, mode="speaking"))
        record.events.append(message("agent", f"an answer to {text}", first_s))
        if last_s == 9.0:
            record.events.append(event("interrupted", last_s, cut=True))
        record.events.append(event("mode", last_s, mode="listening"))
        speaker.extend(silence(first_s - len(speaker) / RATE_HZ))
        speaker.extend(tone(last_s - first_s))
        if last_s in (9.0, 14.0):
            speaker.extend(tone(0.04))
    record.events.append(event("volume", 5.1, volume=0.4, by="agent"))
    record.events.append(event("volume", 5.2, volume=0.45, by="encoder"))
    record.marks.append((14.0, "hold", 14_000))
    record.events.append(event("disconnected", 18.0, reason="user"))
    record.events.append(event("state", 18.1, state="idle"))
    record.events.sort(key=lambda event: float(event["at_s"]))
    record.glances.extend(
        Glance(
            at_s=tick / 10,
            state="listening",
            leds=((0, tick % 256, 0), (0, 0, 0), (255, 0, 0)),
            input_level=0.1,
            output_level=0.2,
            volume=0.8,
            speaker_frame=tick * RATE_HZ // 10,
        )
        for tick in range(185)
    )
    speaker.extend(silence(2.0))
    return record, Sound(samples=speaker, rate_hz=RATE_HZ)
