import errno
from collections.abc import Callable
from typing import TypeVar

import pytest

from talkbox.audio.absence import Absence, Back, Gone
from talkbox.audio.returning import RETRY_S, ReturningSink, ReturningSource
from tests.support.hand_clock import HandClock

PERIOD_S = 0.01
SOUND, SILENCE = b"\1\2" * 320, bytes(640)
GONE = OSError(errno.ENODEV, "No such device")
Opened = TypeVar("Opened")


class Card:
    """A card of two channels, in both directions: plays and hears a period in a period's time, unless it is gone."""

    rate_hz, channels, sample_bytes, period_frames = 16_000, 2, 2, 160

    def __init__(self, room: "Room") -> None:
        self._room = room
        self.ahead_frames, self.xruns = 480, 0
        self.open = True
        self.written: list[bytes] = []

    def read(self) -> bytes:
        self._move()
        self.xruns += 1
        return SOUND

    def write(self, payload: bytes) -> None:
        if not self.written:  # it is empty, and takes all at once
            self._room.check()
        else:
            self._move()
        self.written.append(payload)

    def queued_frames(self) -> int:
        self._room.check()
        return 480

    def drop(self) -> None:
        self._room.check()

    def close(self) -> None:
        self.open = False

    def _move(self) -> None:
        self._room.check()
        self._room.clock.now_s += PERIOD_S + self._room.stalls_s
        self._room.stalls_s = 0.0


class Room:
    """Where cards come and go."""

    def __init__(self) -> None:
        self.clock, self.told = HandClock(), list[Gone | Back]()
        self.absence = Absence(patience_s=10, clock=self.clock.clock)
        self.absence.begin(self.told.append)
        self.cards: list[Card] = []
        self.attempts_s: list[float] = []
        self.fails: OSError | None = None
        self.opens: Callable[[], Card] = lambda: Card(self)
        self.stalls_s = 0.0

    def check(self) -> None:
        if self.fails is not None:
            raise self.fails

    def open(self) -> Card:
        self.attempts_s.append(self.clock.now_s)
        self.check()
        self.cards.append(self.opens())
        return self.cards[-1]

    def source(self) -> ReturningSource:
        return ReturningSource(self.open, absence=self.absence, clock=self.clock.clock)

    def sink(self) -> ReturningSink:
        """As a `Speaker` has it: filled before it is used."""
        sink = ReturningSink(self.open, absence=self.absence, stall_s=5.0, clock=self.clock.clock)
        sink.write(bytes(480 * 4))
        return sink

    def until(self, at_s: float, step: Callable[[], Opened]) -> list[Opened]:
        done = []
        while self.clock.now_s < at_s - 1e-9:
            done.append(step())
        return done


def test_a_microphone_that_is_pulled_out_hears_silence_at_its_own_pace_until_it_is_back() -> None:
    room = Room()
    source = room.source()
    assert room.until(1.0, source.read) == [SOUND] * 100
    room.fails = GONE
    assert room.until(3.2, source.read) == [SILENCE] * 220
    room.fails = None
    heard = room.until(5.0, source.read)
    assert heard == [SILENCE] * heard.count(SILENCE) + [SOUND] * heard.count(SOUND)
    assert heard.count(SILENCE) <= RETRY_S / PERIOD_S
    assert [type(news) for news in room.told] == [Gone, Back]
    assert [card.open for card in room.cards] == [False, True]
    source.close()
    assert not room.cards[1].open


def test_it_is_tried_at_once_and_then_twice_a_second() -> None:
    room = Room()
    source = room.source()
    source.read()
    room.fails = GONE
    room.until(2.0, source.read)
    first, *later = room.attempts_s[1:]
    assert first == pytest.approx(0.02, abs=0.011)
    assert later == pytest.approx([first + RETRY_S * n for n in range(1, len(later) + 1)], abs=0.05)
    assert len(later) == 3


def test_one_that_is_back_at_once_costs_a_period() -> None:
    room = Room()
    source = room.source()
    room.fails = GONE
    assert source.read() == SILENCE
    room.fails = None
    assert source.read() == SOUND
    assert [type(news) for news in room.told] == [Gone, Back]


def test_one_that_does_not_come_back_is_lost_as_before() -> None:
    room = Room()
    source = room.source()
    room.fails = GONE
    with pytest.raises(OSError, match="No such device, and it did not come back within 10 s") as raised:
        room.until(60.0, source.read)
    assert raised.value.errno == errno.ENODEV
    assert 10 < room.clock.now_s < 10 + 2 * RETRY_S
    source.close()


def test_one_that_opens_and_does_not_work_is_not_back_and_is_not_tried_all_the_time() -> None:
    room = Room()

    class Broken(Card):
        def read(self) -> bytes:
            raise OSError(errno.EIO, "Input/output error")

    source = room.source()
    room.fails, room.opens = GONE, lambda: Broken(room)
    source.read()
    room.fails = None
    with pytest.raises(OSError, match="did not come back"):
        room.until(60.0, source.read)
    assert [type(news) for news in room.told] == [Gone]
    assert len(room.attempts_s) < 10 / RETRY_S + 3
    source.close()
    assert not any(card.open for card in room.cards)


def test_another_kind_of_card_is_not_taken_for_it() -> None:
    room = Room()

    class Mono(Card):
        channels = 1

    source = room.source()
    room.fails = GONE
    source.read()
    room.fails, room.opens = None, lambda: Mono(room)
    assert room.until(2.0, source.read)[-1] == SILENCE
    assert not any(card.open for card in room.cards)
    room.opens = lambda: Card(room)
    assert room.until(3.0, source.read)[-1] == SOUND


def test_another_kind_of_card_that_stays_is_named() -> None:
    room = Room()

    class Slow(Card):
        rate_hz, sample_bytes = 8_000, 4

    source = room.source()
    room.fails = GONE
    source.read()
    room.fails, room.opens = None, lambda: Slow(room)
    with pytest.raises(OSError, match="in its place is a card with 8000 Hz, 2 channels, 32 bits, and it did not come"):
        room.until(60.0, source.read)
    assert not any(card.open for card in room.cards)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(errno.EBUSY, "Device or resource busy"), "Device or resource busy"),
        (OSError(errno.EINVAL, "the card gives 44100 Hz"), "the card gives 44100 Hz"),
        (OSError(errno.ENOENT, "No such file or directory"), "No such device"),
    ],
)
def test_why_it_cannot_be_had_again_is_told(error: OSError, said: str) -> None:
    room = Room()
    source = room.source()
    room.fails = GONE
    source.read()
    room.fails = error
    with pytest.raises(OSError, match=f"^.Errno {errno.ENODEV}. {said}, and it did not come back"):
        room.until(60.0, source.read)


def test_a_clock_that_leaps_while_it_is_away_leaves_it_an_attempt() -> None:
    room = Room()
    source, sink = room.source(), room.sink()
    room.fails = GONE
    source.read()
    sink.write(SOUND)
    room.clock.now_s += 3600
    room.fails = None
    assert source.read() == SOUND
    sink.write(SOUND)
    assert room.cards[-1].written[-1] == SOUND
    assert [type(news) for news in room.told] == [Gone, Back]


@pytest.mark.parametrize("error", [GONE, OSError(errno.ENOSPC, "no room")])
def test_what_cannot_be_opened_in_the_first_place_is_raised(error: OSError) -> None:
    room = Room()
    room.fails = error
    for open_device in (room.source, room.sink):
        with pytest.raises(OSError, match=str(error.strerror)):
            open_device()
    assert room.told == []


def test_what_is_no_loss_is_raised_and_so_is_a_loss_without_a_session() -> None:
    room = Room()
    source, sink = room.source(), room.sink()
    room.fails = OSError(errno.ENOSPC, "no room")
    for move in (source.read, lambda: sink.write(SOUND), sink.queued_frames):
        with pytest.raises(OSError, match="no room"):
            move()
    room.absence.end()
    room.fails = GONE
    for move in (source.read, lambda: sink.write(SOUND), sink.queued_frames):
        with pytest.raises(OSError, match=r"No such device$"):
            move()
    assert room.told == []


def test_overruns_are_counted_over_all_cards() -> None:
    room = Room()
    source = room.source()
    room.until(0.1, source.read)
    room.fails = GONE
    source.read()
    room.fails = None
    room.until(0.21, source.read)
    assert source.xruns == 20


def test_a_loudspeaker_that_is_pulled_out_goes_on_to_nowhere_and_comes_back_at_the_live_edge() -> None:
    room = Room()
    sink = room.sink()
    count = 0

    def play() -> None:
        nonlocal count
        count += 1
        sink.write(count.to_bytes(4, "little") * 160)

    room.until(1.0, play)
    room.fails = GONE
    room.until(3.0, play)
    assert sink.queued_frames() <= 480 + 160
    room.fails = None
    room.until(5.0, play)
    first, second = room.cards
    assert [len(card.written[0]) for card in (first, second)] == [480 * 4] * 2  # each was filled
    assert not any(second.written[0])
    heard = [int.from_bytes(payload[:4], "little") for card in (first, second) for payload in card.written[1:]]
    lost = sorted(set(range(1, count + 1)) - set(heard))
    assert lost == list(range(lost[0], lost[-1] + 1))  # in one piece: nothing is heard late
    assert heard == sorted(heard)
    [_, back] = room.told
    assert isinstance(back, Back)
    assert back.unheard_s == pytest.approx(len(lost) * PERIOD_S)
    assert back.after_s == pytest.approx(back.unheard_s, abs=0.05)
    assert count == pytest.approx(500, abs=8)  # as fast as the card: three periods ahead of it, twice


def test_how_far_it_is_kept_ahead_outlives_the_card() -> None:
    room = Room()
    sink = room.sink()
    sink.ahead_frames = 800
    room.fails = GONE
    room.until(1.0, lambda: sink.write(SOUND))
    assert 640 <= sink.queued_frames() <= sink.ahead_frames == 800
    sink.ahead_frames = 960
    room.fails = None
    room.until(2.0, lambda: sink.write(SOUND))
    assert [card.ahead_frames for card in room.cards] == [800, 960]
    assert room.cards[1].written[0] == bytes(960 * 4)  # it was filled to there


def test_silence_that_nobody_heard_is_no_loss() -> None:
    room = Room()
    sink = room.sink()
    room.fails = GONE
    room.until(1.0, lambda: sink.write(SILENCE))
    room.fails = None
    room.until(2.0, lambda: sink.write(SILENCE))
    assert [news.unheard_s for news in room.told if isinstance(news, Back)] == [0]


def test_a_card_that_is_gone_again_before_it_is_filled_is_tried_again() -> None:
    room = Room()

    class Empty(Card):
        def write(self, _payload: bytes) -> None:
            raise GONE

    sink = room.sink()
    room.fails = GONE
    sink.write(SOUND)
    room.fails, room.opens = None, lambda: Empty(room)
    room.until(2.0, lambda: sink.write(SOUND))
    assert not any(card.open for card in room.cards)
    room.opens = lambda: Card(room)
    room.until(3.0, lambda: sink.write(SOUND))
    assert [type(news) for news in room.told] == [Gone, Back]


def test_a_card_that_stood_still_drops_what_came_too_late() -> None:
    room = Room()
    sink = room.sink()
    sink.write(SOUND)
    room.stalls_s = 8.0
    sink.write(SOUND)
    before, now_s = len(room.cards[0].written), room.clock.now_s
    for _ in range(900):
        sink.write(SOUND)
    assert len(room.cards[0].written) - before == 900 - 801
    [_, back] = room.told
    assert isinstance(back, Back)
    assert back.unheard_s == pytest.approx(8.01)
    assert room.clock.now_s - now_s == pytest.approx(0.99)


def test_a_card_that_stood_still_without_a_session_plays_its_cue_to_the_end() -> None:
    room = Room()
    sink = room.sink()
    room.absence.end()
    room.stalls_s = 8.0
    sink.write(SOUND)
    sink.write(SOUND)
    assert room.told == []


def test_a_program_that_was_held_up_for_a_moment_drops_nothing() -> None:
    room = Room()
    sink = room.sink()
    for stalls_s in (0.0, 2.0, 4.5):
        room.stalls_s = stalls_s
        sink.write(SOUND)
    assert len(room.cards[0].written) == 4


def test_who_was_left_behind_by_the_last_session_does_not_leave_the_next_one_without_a_card() -> None:
    room = Room()
    source = room.source()
    room.fails = GONE
    source.read()
    source.close()
    assert [type(news) for news in room.told] == [Gone, Back]


def test_who_asks_how_much_is_queued_learns_of_a_loss_too() -> None:
    room = Room()
    sink = room.sink()
    assert sink.queued_frames() == 480
    room.fails = GONE
    assert sink.queued_frames() == 0
    assert [type(news) for news in room.told] == [Gone]


def test_a_session_that_ends_without_its_card_ends_at_once() -> None:
    room = Room()
    sink = room.sink()
    sink.drop()
    room.fails = GONE
    sink.write(SOUND)
    sink.drop()
    sink.close()
    sink.close()
    assert not any(card.open for card in room.cards)
