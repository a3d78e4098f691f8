"""Did the conversation really happen? Judged from what was heard and seen, never from what was hoped. Pure."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from .record import Event, Record, Sound, Spoken, rms

TURNS = 4
HEARD = 0.8
"""Share of the words that the recogniser must have got, in order."""
AUDIBLE_RMS = 0.005
"""-46 dBFS: below that an answer is silence to a person across the room."""
BY_VOICE, BY_BUTTON = "by the speaker's voice", "by the held button"
CUT_S = 0.1
"""How much of an old answer may still reach the card after an interruption, in seconds of samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that must be true of a conversation."""

    name: str
    ok: bool
    seen: str


def judge(record: Record, speaker: Sound) -> list[Check]:
    """
    Return every check, in the order of the conversation.

    Args:
        record: What was said, seen and done.
        speaker: What the loudspeaker device was given, sample by sample.
    """
    return [
        *understood(record, record.spoken),
        *answered(record, speaker),
        *silenced(record, speaker),
        _knob(record),
        ended(record),
    ]


def likeness(said: str, heard: str) -> float:
    """Return the share of the words of ``said`` that ``heard`` has, in order: 0 to 1."""
    wanted, got = _words(said), _words(heard)
    same = sum(block.size for block in SequenceMatcher(None, wanted, got, autojunk=False).get_matching_blocks())
    return same / max(len(wanted), len(got), 1)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9']+", text.lower())


def final(record: Record, source: str) -> list[Event]:
    """Return what ``"user"`` or ``"agent"`` said, as it stood in the end."""
    return [event for event in record.named("message") if event["source"] == source and event["final"]]


def understood(record: Record, lines: Sequence[Spoken]) -> Iterator[Check]:
    """Yield a check for each of ``lines`` that were said: whether the agent got its words."""
    transcripts = final(record, "user")
    for spoken in lines:
        after = [event for event in transcripts if event["at_s"] >= spoken.at_s]
        heard = str(after[0]["text"]) if after else ""
        yield Check(
            name=f"understood “{spoken.text}”",
            ok=likeness(spoken.text, heard) >= HEARD,
            seen=f"heard “{heard}”" if after else "heard nothing",
        )


def answered(record: Record, speaker: Sound) -> Iterator[Check]:
    """Yield the check of the answers: enough, and all of them audible."""
    answers = speaking(record)
    loud = [rms(speaker.samples[first:last]) for first, last in answers]
    audible = sum(level >= AUDIBLE_RMS for level in loud)
    yield Check(
        name=f"answered aloud at least {TURNS} times, no answer silent",
        ok=audible >= TURNS and audible == len(answers),
        seen=f"{audible} of {len(answers)} audible, the quietest at {min(loud, default=0.0):.3f} of full scale",
    )


def speaking(record: Record) -> list[tuple[int, int]]:
    """The stretches of the speaker's frames in which the agent was speaking."""
    found, began = [], None
    for event in record.named("mode"):
        if event["mode"] == "speaking" and began is None:
            began = event["speaker_frame"]
        elif event["mode"] != "speaking" and began is not None:
            found.append((began, event["speaker_frame"]))
            began = None
    return [(first, last) for first, last in found if last > first]


def silenced(record: Record, speaker: Sound, *, kinds: Sequence[str] = (BY_VOICE, BY_BUTTON)) -> Iterator[Check]:
    """
    Yield a check for each interruption; one that fails for each of ``kinds`` that there was none of.

    They count what was not silent between an interruption and the first sound of the next answer.

    The file holds exact zeros where nothing is to be heard, so every other sample was the old answer's.
    """
    cuts = [(BY_VOICE, event["at_s"], event["speaker_frame"]) for event in _by_voice(record)]
    cuts += [(BY_BUTTON, at_s, frame) for at_s, what, frame in record.marks if what == "hold"]
    for kind in kinds:
        if not any(cut[0] == kind for cut in cuts):
            yield Check(name=f"an answer was interrupted {kind}", ok=False, seen="it was not")
    for kind, at_s, frame in cuts:
        last = _next_answer(record, at_s) or len(speaker.samples)
        left_s = sounding(speaker.samples[frame:last]) / speaker.rate_hz
        before = speaker.samples[max(0, frame - speaker.rate_hz) : frame]
        yield Check(
            name=f"interrupted {kind}: at most {CUT_S * 1000:.0f} ms of the old answer after it",
            ok=left_s <= CUT_S and rms(before) >= AUDIBLE_RMS,
            seen=f"{left_s * 1000:.0f} ms",
        )


def _by_voice(record: Record) -> list[Event]:
    """The service's interruptions that cut an answer which nothing else had silenced."""
    return [event for event in record.named("interrupted") if event.get("cut")]


def _next_answer(record: Record, at_s: float) -> int | None:
    """Return the frame at which the answer to the next thing the user says begins."""
    asked = [event["at_s"] for event in final(record, "user") if event["at_s"] > at_s]
    if not asked:
        return None
    begun = [e for e in record.named("mode") if e["mode"] == "speaking" and e["at_s"] >= asked[0]]
    return int(begun[0]["speaker_frame"]) if begun else None


def sounding(samples: array[int]) -> int:
    """Return how many samples are not exactly zero."""
    return len(samples) - samples.count(0)


def _knob(record: Record) -> Check:
    levels = [float(event["volume"]) for event in record.named("volume")]
    return Check(
        name="the agent set the volume, and the encoder turned it",
        ok=len(set(levels)) >= 2 and any(event.get("by") == "agent" for event in record.named("volume")),
        seen="volume " + " → ".join(f"{level:.2f}" for level in levels) if levels else "it never changed",
    )


def ended(record: Record) -> Check:
    """Return the check of the end."""
    ends = record.named("disconnected")
    states = record.named("state")
    reason = str(ends[-1]["reason"]) if ends else "none"
    state = str(states[-1]["state"]) if states else "unknown"
    return Check(
        name="the button ended the session",
        ok=(reason, state) == ("user", "idle"),
        seen=f"reason {reason}, state {state}",
    )
