"""What the log says, once each, of a card that comes and goes, of an echo that stays, and of what is too loud."""

from __future__ import annotations

import logging

from .absence import Back, Gone
from .clipping import REMEDY
from .level import Overdriven

_logger = logging.getLogger(__name__)
_OVERDRIVEN = 5  # periods in a session: a knock on the box is no news
_LOWERED_DB = 1.0


def say(news: Gone | Back) -> None:
    """Say that the card is gone, or back."""
    match news:
        case Gone(why=why):
            hint = "reseat the board or plug the card in again: for some seconds it is tried again and again"
            extra = {"event": "card_lost", "hint": hint}
            _logger.warning("the sound card is gone: waiting for it: %s", why, extra=extra)
        case Back(after_s=after_s, unheard_s=unheard_s):
            late = f"; {unheard_s:.1f} s of sound came too late to be heard" if unheard_s else ""
            _logger.info("the sound card works again, after %.1f s%s", after_s, late, extra={"event": "card_back"})


def say_duplex(*, half: bool, again: bool, loss_db: float) -> None:
    """Say that the microphone is muted while the agent speaks, or no longer: the first time to everybody."""
    if again:
        _logger.debug("= %s duplex is tried again", "half" if half else "full")
    elif half:
        hint = "the microphone is muted while the agent speaks; turn the loudspeaker down, or name another canceller"
        extra = {"event": "half_duplex", "hint": hint}
        _logger.warning("half duplex: only %.0f dB of the echo are canceled", loss_db, extra=extra)
    else:
        _logger.info("full duplex: %.0f dB of the echo are canceled", loss_db, extra={"event": "full_duplex"})


def say_moved() -> None:
    """Say that the echo has moved, and what is done about it."""
    hint = "none if the device was carried about; else let one card be the microphone and the loudspeaker"
    _logger.info(
        "the echo comes from elsewhere all at once: for a second of the agent's speech the microphone is muted",
        extra={"event": "echo_moved", "hint": hint},
    )


def say_without_canceller(why: Exception) -> None:
    """Say that the canceller failed, and what takes its place."""
    hint = "talk when the agent is silent; restart the device to have it again, or name another canceller"
    extra = {"event": "canceller_failed", "hint": hint}
    _logger.error("half duplex: the echo canceller failed: %r", why, exc_info=why, extra=extra)


class TooLoud:
    """Say, once a session each, that the microphone is overdriven, and that the loudspeaker is held back."""

    def __init__(self) -> None:
        self._clipped = 0
        self._since_db: float | None = None  # the ceiling that the session began with
        self._held_back = False

    def overdriven(self, where: Overdriven) -> None:
        """Take note that the microphone's sound was cut off in a period."""
        self._clipped += 1
        if self._clipped != _OVERDRIVEN:
            return
        if where is Overdriven.CARD:
            said, hint = "the microphone is overdriven: the card cuts its sound off at full scale", REMEDY
        else:
            said, hint = "the microphone is made too loud: its gain cuts it off", "lower audio.mic_gain_db"
        _logger.warning(said, extra={"event": "mic_clipped", "hint": hint})

    def ceiling(self, ceiling_db: float, *, before_db: float) -> None:
        """Take note of how high the loudspeaker's peaks may be, and might be before."""
        if self._since_db is None:
            self._since_db = before_db
        if self._held_back or ceiling_db >= self._since_db - _LOWERED_DB:
            return
        self._held_back = True
        _logger.info(
            "the loudspeaker is held back, its echo is so loud at the microphone: peaks of %.0f dBFS, for now",
            ceiling_db,
            extra={"event": "held_back", "hint": f"turn the volume down, or {REMEDY}"},
        )
