"""Did the agent leave itself alone, and could the user always cut in? Judged from sound and events. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from .acoustics import level_db
from .record import Record, Sound, Spoken, rms
from .verdict import BY_VOICE, Check, answered, ended, final, silenced, understood

OWN_SPEECH_S = 60.0
"""How much the agent must have said, with nobody else speaking."""
LATE_S = 1.0
"""How long after a user's last word an interruption is still his."""
LOUDER_DB = (8.0, 12.0)
"""By how much the echo must be louder than the user."""
_FRAME_S = 0.02
_AUDIBLE_RMS = 0.002


def judge_in_room(record: Record, speaker: Sound, microphone: Sound) -> list[Check]:
    """
    Return every check.

    Args:
        record: What was said, seen and done; its frames count both sounds, which began at the same moment.
        speaker: What the loudspeaker played.
        microphone: What the microphone heard, echo and all.
    """
    alone = _alone(record, speaker)
    return [
        _louder(record, microphone, alone),
        _left_itself_alone(record, alone),
        _heard_nobody_else(record),
        *_cut_in(record),
        *silenced(record, speaker, kinds=(BY_VOICE,)),
        *understood(record, record.spoken),
        *answered(record, speaker),
        _full_duplex(record),
        ended(record),
    ]


def _alone(record: Record, speaker: Sound) -> list[int]:
    """The frames at which 20 ms begin in which the agent sounds and the user is silent."""
    size = round(_FRAME_S * speaker.rate_hz)
    users = [(record.frame_at(spoken.at_s), record.frame_at(spoken.end_s + 0.5)) for spoken in record.spoken]
    return [
        at
        for at in range(0, len(speaker.samples) - size + 1, size)
        if not any(first - size < at < last for first, last in users)
        and rms(speaker.samples[at : at + size]) > _AUDIBLE_RMS
    ]


def _louder(record: Record, microphone: Sound, alone: list[int]) -> Check:
    size, rate_hz = round(_FRAME_S * microphone.rate_hz), microphone.rate_hz
    echo: array[int] = array("h")
    for at in alone:
        echo.extend(microphone.samples[at : at + size])
    users = [
        level_db(microphone.samples[record.frame_at(one.at_s) : record.frame_at(one.end_s)], rate_hz=rate_hz)
        for one in record.spoken
        if not one.over
    ]
    echo_db, user_db = level_db(echo, rate_hz=rate_hz), sum(users) / max(len(users), 1)
    return Check(
        name="at the microphone the agent is 10 dB louder than the user",
        ok=LOUDER_DB[0] <= echo_db - user_db <= LOUDER_DB[1],
        seen=f"{echo_db - user_db:.1f} dB: {echo_db:.0f} and {user_db:.0f} dBFS",
    )


def _left_itself_alone(record: Record, alone: list[int]) -> Check:
    own_s = len(alone) * _FRAME_S
    by_itself = [
        event for event in record.named("interrupted") if not any(_is_of(one, event["at_s"]) for one in record.spoken)
    ]
    return Check(
        name=f"the agent never interrupted itself, over {OWN_SPEECH_S:.0f} s of its own speech",
        ok=not by_itself and own_s >= OWN_SPEECH_S,
        seen=f"{len(by_itself)} times in {own_s:.1f} s",
    )


def _heard_nobody_else(record: Record) -> Check:
    heard, said = len(final(record, "user")), len(record.spoken)
    return Check(
        name="the agent heard the user's lines and nothing else",
        ok=heard == said,
        seen=f"{heard} heard, {said} said",
    )


def _cut_in(record: Record) -> Iterator[Check]:
    over = [spoken for spoken in record.spoken if spoken.over]
    if len(over) < 2:
        yield Check(name="the user cut in, and at once again", ok=False, seen=f"{len(over)} times")
    for spoken in over:
        cuts = [event["at_s"] for event in record.named("interrupted") if _is_of(spoken, event["at_s"])]
        yield Check(
            name=f"the agent noticed “{spoken.text}” over its own voice",
            ok=bool(cuts),
            seen=f"after {cuts[0] - spoken.at_s:.2f} s" if cuts else "it did not",
        )


def _is_of(spoken: Spoken, at_s: float) -> bool:
    return spoken.at_s <= at_s <= spoken.end_s + LATE_S


def _full_duplex(record: Record) -> Check:
    echoes = [glance.echo for glance in record.glances]
    losses = [float(echo["loss_db"]) for echo in echoes if echo.get("loss_db") is not None]
    half = sum(bool(echo.get("half_duplex")) for echo in echoes)
    return Check(
        name="the microphone was open all the while, and the echo taken out of it",
        ok=bool(losses) and not half,
        seen=f"echo loss {losses[-1]:.0f} dB, half duplex {half} times" if losses else "no echo loss was measured",
    )
