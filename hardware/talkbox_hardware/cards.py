"""
Which sound cards this computer has, by their ids. Indices never: they change from boot to boot.

Only reads below ``/proc/asound``; opens nothing.
"""

from __future__ import annotations

import errno
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CARDS = "proc/asound/cards"
PATIENCE_S = 10.0
"""A HAT's driver may bind seconds after we start."""

_POLL_S = 0.2
_LINE = re.compile(r"\s*(\d+) \[(\S+)\s*\]: (.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundCard:
    """A sound card: its id, its name in words, its "vendor:product" if it is on USB, and what it can do."""

    id: str
    title: str
    usb_id: str | None
    captures: bool
    plays: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardNames:
    """The ids of the card that hears and the card that plays: the same, but for a pair of USB devices."""

    capture_id: str
    playback_id: str

    @property
    def capture(self) -> str:
        """The microphone, as ALSA is asked for it."""
        return pcm_name(self.capture_id)

    @property
    def playback(self) -> str:
        """The loudspeaker, as ALSA is asked for it."""
        return pcm_name(self.playback_id)


def pcm_name(card_id: str) -> str:
    """Return the name of a card's first PCM, without any conversion."""
    return f"hw:CARD={card_id},DEV=0"


def mixer_name(card_id: str) -> str:
    """Return the name of a card's mixer."""
    return f"hw:CARD={card_id}"


def read_cards(root: Path = Path("/")) -> tuple[SoundCard, ...]:
    """Return every card that is there now, in the kernel's order."""
    try:
        lines = (root / CARDS).read_text("utf-8", "replace").splitlines()
    except OSError:
        return ()
    return tuple(
        SoundCard(
            id=found[2],
            title=found[3].partition(" - ")[2] or found[3],
            usb_id=_usb_id(root / f"proc/asound/card{found[1]}/usbid"),
            captures=any((root / f"proc/asound/card{found[1]}").glob("pcm*c")),
            plays=any((root / f"proc/asound/card{found[1]}").glob("pcm*p")),
        )
        for found in map(_LINE.fullmatch, lines)
        if found
    )


def find_card(ids: Sequence[str], *, root: Path = Path("/")) -> CardNames | None:
    """
    Return the card with the first of `ids` that is there, or `None`.

    Args:
        ids: Card ids, most likely first; none: the USB sound card, or a microphone and a loudspeaker on USB.
        root: Where ``proc`` is.

    Raises:
        OSError: ``EINVAL``, several USB devices could be meant.
    """
    cards = read_cards(root)
    if ids:
        there = [one for one in ids if any(card.id == one for card in cards)]
        return CardNames(capture_id=there[0], playback_id=there[0]) if there else None
    usb = [card for card in cards if card.usb_id is not None]
    both = [card for card in usb if card.captures and card.plays]
    capture = both or [card for card in usb if card.captures]
    playback = both or [card for card in usb if card.plays]
    if len(capture) > 1 or len(playback) > 1:
        names = ", ".join(card.id for card in usb)
        raise OSError(errno.EINVAL, f"there are several USB sound cards: {names}; name the one in audio.capture")
    if not capture or not playback:
        return None
    return CardNames(capture_id=capture[0].id, playback_id=playback[0].id)


def wait_for_card(
    ids: Sequence[str],
    *,
    timeout_s: float = PATIENCE_S,
    root: Path = Path("/"),
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> CardNames:
    """
    Return the card as `find_card` does, as soon as it is there. Blocks for up to `timeout_s`.

    Raises:
        OSError: ``ENODEV``, it did not come; ``EINVAL``, several USB devices could be meant.
    """
    deadline = clock() + timeout_s
    while (found := find_card(ids, root=root)) is None:
        if clock() >= deadline:
            wanted = " or ".join(ids) or "on USB"
            there = ", ".join(card.id for card in read_cards(root)) or "none"
            raise OSError(errno.ENODEV, f"no sound card {wanted} within {timeout_s:g} s; there is {there}")
        sleep(_POLL_S)
    return found


def _usb_id(path: Path) -> str | None:
    try:
        return path.read_text("ascii", "replace").strip()
    except OSError:
        return None
