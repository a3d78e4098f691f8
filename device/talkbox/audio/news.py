"""What the log says, once each, of a card that comes and goes, of an echo that stays, of a canceller that fails."""

from __future__ import annotations

import logging

from .absence import Back, Gone

_logger = logging.getLogger(__name__)


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


def say_without_canceller(why: Exception) -> None:
    """Say that the canceller failed, and what takes its place."""
    hint = "talk when the agent is silent; restart the device to have it again, or name another canceller"
    extra = {"event": "canceller_failed", "hint": hint}
    _logger.error("half duplex: the echo canceller failed: %r", why, exc_info=why, extra=extra)
