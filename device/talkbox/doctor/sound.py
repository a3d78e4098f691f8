"""The microphone and the loudspeaker: listened to, and heard through each other."""

from __future__ import annotations

import errno
from collections.abc import Callable

from talkbox.audio.chirp import Loudness, find, loudness
from talkbox.audio.clipping import REMEDY as SOFTER
from talkbox.audio.take import Played, Take, record, record_chirp

from .check import Figures, Result, failed, ok, skipped, unseen, warning
from .device import running
from .patience import within
from .ports import Ask, Fitted, Sound

LISTENS_S = 1.2
SETTLES_S = 0.2
"""What a codec delivers while it wakes up says nothing."""

LIMIT_S = 20.0

DEAD_DB, QUIET_DB, LOUD_DB = -90.0, -75.0, -15.0
CLIPPED = 0.001
FAINT_DB = -55.0
LATE_S = 0.25
"""Later than that no sound comes across a room: it was converted, or went through a sound server."""

BUSY = "`talkbox doctor` names who has the card; or a conversation has just begun: try again"
UNHEARD = (
    "is the loudspeaker plugged in, and not headphones? is the mixer as it should be? "
    "`speaker-test -c2 -t sine -l1` must be heard"
)


def not_at_boot() -> Result:
    """Leave the card alone: a press must find it free."""
    return skipped("not while the machine starts: a press must find the card free")


def microphone(sound: Callable[[], Sound], ask: Ask) -> Result:
    """
    Tell whether the microphone hears anything, and not too much.

    Args:
        sound: Gives the configured devices.
        ask: Asks the running device, which must not be in a session.
    """
    devices = sound()
    if (excuse := _excuse(devices, ask)) is not None:
        return excuse
    try:
        take = within(LIMIT_S, lambda: record(devices.open_capture, seconds=LISTENS_S), what="the microphone")
    except OSError as error:
        return _refused(error, "microphone")
    settled = int(SETTLES_S * take.rate_hz)
    return judge_microphone(loudness(take.samples[settled:], full=take.full[settled:]))


def judge_microphone(heard: Loudness) -> Result:
    """Say what the level of a microphone means."""
    figures: Figures = {"rms_db": round(heard.rms_db, 1), "peak_db": round(heard.peak_db, 1), "clipped": heard.clipped}
    said = f"{heard.rms_db:.0f} dBFS in this room, peaks {heard.peak_db:.0f}"
    remedy = "see the mixer, above; then whether the board is the configured one, and well seated"
    if heard.constant or heard.rms_db < DEAD_DB:
        return failed("dead: it delivers the same number all the time", remedy, figures=figures)
    if heard.clipped > CLIPPED:
        return warning(f"overdriven: {100 * heard.clipped:.1f} % at full scale; {said}", SOFTER, figures=figures)
    if heard.rms_db > LOUD_DB:
        return warning(f"very loud: {said}", "is it that loud here? else: " + remedy, figures=figures)
    if heard.rms_db < QUIET_DB:
        more = f"speak, and try again; else: {remedy}; `audio.mic_gain_db` makes it louder"
        return warning(f"hardly anything: {said}", more, figures=figures)
    return ok(said, figures=figures)


def loop(sound: Callable[[], Sound], ask: Ask, fitted: Callable[[], Fitted]) -> Result:
    """
    Tell whether the microphone hears the loudspeaker: how loudly, and how much later.

    Args:
        sound: As for `microphone`.
        ask: As for `microphone`.
        fitted: The board, which may have no loudspeaker.
    """
    card = fitted().board.card
    if card is not None and card.speaker_channel == "none":
        return skipped("this board has no loudspeaker")
    devices = sound()
    if (excuse := _excuse(devices, ask)) is not None:
        return excuse

    def both() -> tuple[Take, Played]:
        return record_chirp(devices.open_capture, devices.open_playback)

    try:
        take, played = within(LIMIT_S, both, what="the sound card")
        if take.xruns or played.xruns:  # the machine was busy: what was cut in two cannot be measured
            take, played = within(LIMIT_S, both, what="the sound card")
    except OSError as error:
        return _refused(error, "sound card")
    return judge_loop(take, played)


def judge_loop(take: Take, played: Played) -> Result:
    """Say what a recording of a chirp means."""
    found = find(take.samples, rate_hz=take.rate_hz)
    xruns = take.xruns + played.xruns
    if found is None:
        return failed("the chirp was played, and the microphone did not hear it", UNHEARD, figures={"xruns": xruns})
    delay_s = take.began_s + found.frame / take.rate_hz - played.at_s
    figures: Figures = {
        "level_db": round(found.level_db, 1),
        "loss_db": round(found.loss_db, 1),
        "delay_ms": round(1000 * delay_s, 1),
        "clarity": round(min(found.clarity, 1e6), 1),
        "xruns": xruns,
    }
    said = f"heard at {found.level_db:.0f} dBFS ({-found.loss_db:+.0f} dB), {1000 * delay_s:.0f} ms later"
    if xruns:
        remedy = "try again; if it stays so, see what else keeps the processor busy: `top`"
        return warning(f"{said}, with {xruns} gaps: the machine is too busy", remedy, figures=figures)
    if take.full.any():
        return warning(f"{said}: so loud that it is clipped", f"turn the amplifier down, or {SOFTER}", figures=figures)
    if found.level_db < FAINT_DB:
        return warning(f"{said}: faint", "the loudspeaker is hardly heard: see its plug and the mixer", figures=figures)
    if delay_s > LATE_S:
        remedy = "use the card itself (hw:…), not a sound server's: `talkbox config` shows audio.capture and .playback"
        return warning(f"{said}: too late for a room", remedy, figures=figures)
    return ok(said, figures=figures)


def _excuse(devices: Sound, ask: Ask) -> Result | None:
    """Return why the card is not to be touched, or `None`."""
    if not devices.cards:
        return skipped(f"there is no sound card: {devices.described}")
    if running(ask).in_session:
        return unseen("the device is in a conversation", "try again when it is over")
    return None


def _refused(error: OSError, what: str) -> Result:
    said = f"the {what}: {(error.strerror or str(error)).lower()}"
    if error.errno == errno.EBUSY:
        return unseen(said, BUSY)
    if error.errno in (errno.EACCES, errno.EPERM):
        return unseen(said)
    return failed(said, "see above whether the card is there; `dmesg` says what its driver met")
