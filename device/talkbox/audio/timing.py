"""How quick the sound of one session was. Pure: the caller brings the time."""

from __future__ import annotations

from .latency import Latency

LATE_S = 0.2
"""A chunk of speech that reaches the wire so long after it was captured is late."""


class Timing:
    """
    The stopwatch of one session. All times are seconds on the event loop's clock, ``time.monotonic``.

    `took`, `asked` belong to the loop, `silenced` to the playback thread.

    Attributes:
        first_chunk_at_s: When the first chunk of speech was on the wire, or `None`.
        mic_to_wire: From the card, which gave a chunk's last sample, to the socket; without the pre-roll, and what had
            to wait for it.
        silence: From an interruption to the moment in which the loudspeaker was silent.
        late_chunks: Chunks that took longer than `LATE_S`.
    """

    def __init__(self) -> None:
        self.first_chunk_at_s: float | None = None
        self.mic_to_wire, self.silence = Latency(), Latency()
        self.late_chunks = 0
        self._under_way = False
        self._captured_s: float | None = None

    def took(self, captured_s: float | None) -> None:
        """Note that a chunk was taken to be sent. `None`: how old it is says nothing."""
        self._under_way, self._captured_s = True, captured_s

    def asked(self, now_s: float) -> None:
        """Note that a chunk is asked for. The one before is on the wire then: they are sent one at a time."""
        if not self._under_way:
            return
        self._under_way = False
        if self.first_chunk_at_s is None:
            self.first_chunk_at_s = now_s
        if self._captured_s is not None:
            took_s = now_s - self._captured_s
            self.mic_to_wire.add(took_s)
            self.late_chunks += took_s > LATE_S

    def silenced(self, interrupted_s: float, now_s: float) -> None:
        """Note that the loudspeaker has been silent since `now_s`, after an interruption at `interrupted_s`."""
        self.silence.add(now_s - interrupted_s)
