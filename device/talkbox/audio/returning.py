"""
A microphone and a loudspeaker that are lost and come back.

In a session silence takes the place of a card that is gone, at the card's own pace: the session goes on, what is said
meanwhile is not heard, and what is heard afterwards is of that moment. Knows no session but through `absence`.
"""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Generic, TypeVar

from .absence import Absence
from .faults import is_loss, reason
from .pace import CapturePace, Clock, PlaybackPace
from .ports import CaptureDevice, PlaybackDevice

_logger = logging.getLogger(__name__)
RETRY_S = 0.5

Device = TypeVar("Device", CaptureDevice, PlaybackDevice)


class ReturningSource:
    """
    A `CaptureDevice` that hears silence while its card is gone.

    Args:
        open_device: Opens the card, now and whenever it was lost. What it raises now is raised.
        absence: Where the loss is told, and how long it may last.
        clock: Where the time comes from.
    """

    def __init__(
        self, open_device: Callable[[], CaptureDevice], *, absence: Absence, clock: Clock | None = None
    ) -> None:
        self._clock = Clock() if clock is None else clock
        card = open_device()
        self._place = _Place(card, reopen=open_device, absence=absence, clock=self._clock)
        self.rate_hz, self.channels, self.sample_bytes = card.rate_hz, card.channels, card.sample_bytes
        self.period_frames = card.period_frames
        self.xruns = 0
        self._pace = self._paced()

    def read(self) -> bytes:
        """
        Wait for the next frames: the card's, or silence.

        Raises:
            OSError: If the card is gone for good.
        """
        card = self._place.card or self._place.card_again()
        if card is not None:
            try:
                payload = card.read()
            except OSError as why:
                self._place.lose(why)
                self._pace = self._paced()
            else:
                if self._place.missed:
                    self._place.works()
                self.xruns = self._place.xruns_before + card.xruns
                return payload
        self._pace.wait(self.period_frames)
        return bytes(self.period_frames * self.channels * self.sample_bytes)

    def close(self) -> None:
        """Let go of the card. Idempotent."""
        self._place.close()

    def _paced(self) -> CapturePace:
        return CapturePace(rate_hz=self.rate_hz, clock=self._clock)


class ReturningSink:
    """
    A `PlaybackDevice` that plays to nowhere while its card is gone.

    Args:
        open_device, absence, clock: As for `ReturningSource`.
        stall_s: A card that keeps a `write` for so long has stood still; what came too late for it is not played.
    """

    def __init__(
        self,
        open_device: Callable[[], PlaybackDevice],
        *,
        absence: Absence,
        stall_s: float = 5.0,
        clock: Clock | None = None,
    ) -> None:
        self._clock = Clock() if clock is None else clock
        self._absence, self._stall_s = absence, stall_s
        card = open_device()
        self._place = _Place(card, reopen=lambda: self._filled(open_device()), absence=absence, clock=self._clock)
        self.rate_hz, self.channels, self.sample_bytes = card.rate_hz, card.channels, card.sample_bytes
        self.period_frames, self._ahead_frames = card.period_frames, card.ahead_frames
        self.xruns = 0
        self._frame_bytes = self.channels * self.sample_bytes
        self._pace = self._paced()
        self._late_frames = 0

    @property
    def ahead_frames(self) -> int:
        """Frames that wait to be heard before `write` waits; may be set, for this card and those that replace it."""
        return self._ahead_frames

    @ahead_frames.setter
    def ahead_frames(self, frames: int) -> None:
        self._ahead_frames = self._pace.ahead_frames = frames
        if self._place.card is not None:
            self._place.card.ahead_frames = frames

    def write(self, payload: bytes) -> None:
        """
        Play whole frames, on the card or to nowhere; wait while that is full.

        Raises:
            OSError: If the card is gone for good.
        """
        frames = len(payload) // self._frame_bytes
        if self._late_frames >= frames:
            self._late_frames -= frames
            self._nobody_hears(payload)
            return
        card = self._place.card or self._place.card_again()
        if card is not None:
            began_s = self._clock.now_s()
            try:
                card.write(payload)
            except OSError as why:
                self._place.lose(why)
                self._pace = self._paced()
            else:
                if self._place.missed:
                    self._place.works()
                self.xruns = self._place.xruns_before + card.xruns
            took_s = self._clock.now_s() - began_s
            if took_s > self._stall_s:
                self._late_frames = int(took_s * self.rate_hz)
                self._place.stood_still()
            if self._place.card is not None:
                return
        self._pace.wrote(frames)
        self._nobody_hears(payload)

    def queued_frames(self) -> int:
        """
        Return how many written frames have not been heard yet, or would not have been.

        Raises:
            OSError: If the card is gone for good.
        """
        card = self._place.card
        if card is not None:
            try:
                return card.queued_frames()
            except OSError as why:
                self._place.lose(why)
                self._pace = self._paced()
        return self._pace.queued_frames()

    def drop(self) -> None:
        """
        Silence the card at once.

        Raises:
            OSError: If the card is gone.
        """
        if self._place.card is not None:
            self._place.card.drop()

    def close(self) -> None:
        """Let go of the card. Idempotent."""
        self._place.close()

    def _nobody_hears(self, payload: bytes) -> None:
        if any(payload):
            self._absence.unheard(len(payload) / self._frame_bytes / self.rate_hz)

    def _filled(self, card: PlaybackDevice) -> PlaybackDevice:
        """Fill a card that was just opened to where it is kept: it plays from the first write on."""
        card.ahead_frames = self._ahead_frames
        try:
            card.write(bytes(card.ahead_frames * card.channels * card.sample_bytes))
        except OSError:
            card.close()
            raise
        return card

    def _paced(self) -> PlaybackPace:
        return PlaybackPace(rate_hz=self.rate_hz, ahead_frames=self.ahead_frames, clock=self._clock)


class _Place(Generic[Device]):
    """
    Where a card is, or was.

    Attributes:
        card: `None` while it is gone.
        missed: Whether a card has yet to show that it `works`.
        xruns_before: Of all the cards that were here before this one.
    """

    def __init__(self, card: Device, *, reopen: Callable[[], Device], absence: Absence, clock: Clock) -> None:
        self.card: Device | None = card
        self._shape = _shape(card)
        self._reopen: Callable[[], Device] = reopen
        self._absence, self._clock = absence, clock
        self.missed = False
        self.xruns_before = 0
        self._why = OSError()
        self._next_attempt_s = float("-inf")

    def card_again(self) -> Device | None:
        """
        Open the card that was lost again, when it is time to try; `None`: there is none yet.

        Raises:
            OSError: If it has been gone for too long.
        """
        if self._clock.now_s() >= self._next_attempt_s:
            self._next_attempt_s = self._clock.now_s() + RETRY_S
            self.card = self._reopened()
            if self.card is None:  # only now: the time may have passed while nobody could try
                self._absence.lost(self, self._why)
        return self.card

    def _reopened(self) -> Device | None:
        try:
            card = self._reopen()
        except OSError as error:
            _logger.debug("= still gone: %s", error)
            if error.errno in {errno.EBUSY, errno.EINVAL}:  # it is there, and cannot be had
                self._why = OSError(errno.ENODEV, reason(error))
            return None
        if _shape(card) == self._shape:
            return card
        card.close()
        here = f"{card.rate_hz} Hz, {card.channels} channels, {8 * card.sample_bytes} bits"
        self._why = OSError(errno.ENODEV, f"in its place is a card with {here}")
        return None

    def lose(self, why: OSError) -> None:
        """
        Let go of a card that does not answer.

        Raises:
            OSError: ``why``, if it is not waited for: it is no loss, or there is no session.
        """
        if not is_loss(why):
            raise why
        self._absence.lost(self, why)
        self._why, self.missed = why, True
        if self.card is not None:
            self.xruns_before += self.card.xruns
            with suppress(OSError):  # it is gone; what remains is to let go of it
                self.card.close()
            self.card = None

    def works(self) -> None:
        """Take note that the card has moved sound."""
        self.missed = False
        self._absence.found(self)

    def stood_still(self) -> None:
        """Take note that the card moved no sound for too long: it has yet to show that it `works`."""
        self.missed = True
        with suppress(OSError):  # there is no session, or it is given up, and told so by others
            self._absence.lost(self, OSError(errno.EIO, "it stood still"))

    def close(self) -> None:
        self._absence.found(self)
        if self.card is not None:
            self.card.close()


def _shape(card: CaptureDevice | PlaybackDevice) -> tuple[int, int, int]:
    """Return what a session relies on: it was negotiated for it."""
    return card.rate_hz, card.channels, card.sample_bytes
