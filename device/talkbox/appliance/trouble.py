"""Which number of blinks an error is. Pure; the numbers themselves are the theme's."""

from __future__ import annotations

from talkbox.errors import (
    AudioError,
    SessionLost,
    SessionRefused,
    SessionTimeout,
    SessionUnreachable,
    TalkboxError,
)
from talkbox.lights.theme import Notice


def notice_of(error: TalkboxError | None) -> Notice:
    """Return the notice that tells a person where to look; `None` is a session that ended without a reason."""
    match error:
        case SessionUnreachable() | SessionTimeout() | SessionLost():
            return Notice.NETWORK
        case SessionRefused():
            return Notice.REFUSED
        case AudioError():
            return Notice.SOUND_CARD
        case _:
            return Notice.SERVICE
