"""What is recorded and played, on made-up cards and a clock that a test moves; both at once: tests/integration."""

import numpy as np
import pytest

from talkbox.audio.chirp import chirp
from talkbox.audio.take import LEAD_S, play_chirp, record
from tests.support.hand_clock import HandClock

RATE_HZ, PERIOD = 16_000, 160


class Microphone:
    """Delivers a ramp, a period at a time; each reading takes its time, and now and then more."""

    rate_hz, channels, sample_bytes, period_frames, xruns = RATE_HZ, 2, 2, PERIOD, 0

    def __init__(self, clock: HandClock) -> None:
        self._clock, self.frames, self.closed = clock, 0, False

    def read(self) -> bytes:
        ramp = np.arange(self.frames, self.frames + PERIOD, dtype=np.int16)
        self.frames += PERIOD
        self._clock.now_s = 100.0 + self.frames / RATE_HZ + (0.004 if self.frames % 480 else 0.0)
        return np.repeat(ramp, 2).tobytes()

    def close(self) -> None:
        self.closed = True


class Loudspeaker:
    """Plays from the first write on; a write waits until there is room."""

    rate_hz, channels, sample_bytes, period_frames, xruns = RATE_HZ, 1, 2, PERIOD, 0
    ahead_frames = 3 * PERIOD

    def __init__(self, clock: HandClock) -> None:
        self._clock, self.written, self.closed, self.dropped = clock, 0, False, False
        self.heard: list[np.ndarray[tuple[int], np.dtype[np.int16]]] = []
        self.began_s = 0.0

    def write(self, payload: bytes) -> None:
        if not self.written:
            self.began_s = self._clock.now_s
        self.heard.append(np.frombuffer(payload, "<i2"))
        self.written += len(payload) // 2
        room_s = self.began_s + (self.written - self.ahead_frames) / RATE_HZ
        self._clock.now_s = max(self._clock.now_s, room_s) + 0.001

    def queued_frames(self) -> int:
        return self.written - int((self._clock.now_s - self.began_s) * RATE_HZ)

    def drop(self) -> None:
        self.dropped = True

    def close(self) -> None:
        self.closed = True


def test_a_recording_knows_when_it_began_though_it_was_read_late() -> None:
    clock = HandClock()
    card = Microphone(clock)
    take = record(lambda: card, seconds=0.5, clock=lambda: clock.now_s)
    assert take.samples.tolist() == list(range(RATE_HZ // 2))
    assert take.began_s == pytest.approx(100.0)
    assert (take.rate_hz, take.xruns, card.closed) == (RATE_HZ, 0, True)


def test_a_microphone_that_is_overdriven_on_one_channel_is_seen_though_the_average_is_not() -> None:
    class OneSided(Microphone):
        def read(self) -> bytes:
            frames = np.frombuffer(super().read(), "<i2").reshape(-1, 2).copy()
            frames[:16] = [32_767, 0]
            return frames.tobytes()

    clock = HandClock()
    take = record(lambda: OneSided(clock), seconds=0.1, clock=lambda: clock.now_s)
    assert np.abs(take.samples).max() < 17_000
    assert take.full.mean() == pytest.approx(0.1)


def test_a_recording_of_nothing_is_empty() -> None:
    clock = HandClock()
    assert len(record(lambda: Microphone(clock), seconds=0, clock=lambda: clock.now_s).samples) == 0


def test_a_chirp_is_played_whole_and_known_to_the_moment() -> None:
    clock = HandClock()
    card = Loudspeaker(clock)
    played = play_chirp(lambda: card, clock=lambda: clock.now_s)
    heard = np.concatenate(card.heard)
    lead = card.ahead_frames + int(LEAD_S * RATE_HZ)
    assert not heard[:lead].any()
    assert heard[lead : lead + len(chirp(RATE_HZ))].tolist() == chirp(RATE_HZ).tolist()
    assert played.at_s == pytest.approx(card.began_s + lead / RATE_HZ, abs=0.002)
    assert card.dropped
    assert card.closed


def test_a_card_that_is_lost_is_let_go_of() -> None:
    clock = HandClock()
    card = Microphone(clock)

    def lost() -> bytes:
        raise OSError(19, "No such device")

    card.read = lost  # type: ignore[method-assign]
    with pytest.raises(OSError, match="No such device"):
        record(lambda: card, seconds=1, clock=lambda: clock.now_s)
    assert card.closed
