import errno
import logging
import math
from collections.abc import Callable, Mapping
from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray

from talkbox.audio.cues import Cue, render
from talkbox.audio.formats import AudioFormat
from talkbox.audio.limiter import Limiter
from talkbox.audio.speaker import AT_ONCE, Speaker
from talkbox.audio.tally import Tally
from talkbox.audio.voice import Voice
from talkbox.audio.volume import gain_of
from talkbox.audio.worker import Worker
from tests.support.hand_clock import HandClock
from tests.support.virtual_time import run


class Card:
    """Plays at once what is written, some periods behind; does something at chosen periods."""

    rate_hz, channels, sample_bytes, period_frames = 16_000, 1, 2, 160

    def __init__(self, events: dict[int, Callable[[], object]] | None = None) -> None:
        self.ahead_frames, self.xruns = 480, 0
        self.calls: list[str] = []
        self.writes: list[bytes] = []
        self._events = events or {}

    def write(self, payload: bytes) -> None:
        self.writes.append(payload)
        self._events.get(len(self.writes), lambda: None)()

    def queued_frames(self) -> int:
        return 480

    def drop(self) -> None:
        self.calls.append("drop")

    def close(self) -> None:
        self.calls.append("close")

    @property
    def heard(self) -> list[int]:
        return [int(sample) for sample in np.frombuffer(b"".join(self.writes), "<i2")]

    def times(self, cue: Cue) -> int:
        """How many times it was heard, whole."""
        return b"".join(self.writes).count(render(cue, self.rate_hz).tobytes())


def speaker(card: Card, *, tally: Tally | None = None, volume: float = 1.0) -> Speaker:
    return Speaker(
        open_device=lambda: card, tally=tally or Tally(), volume=lambda: volume, at_once=1, clock=HandClock().clock
    )


def play(body: Speaker) -> None:
    """Run the thread's work here."""

    async def main() -> None:
        Worker("loudspeaker", body.run, on_failure=body.failed).run()

    run(main())


def voice(seconds: float) -> Voice:
    made = Voice(gain=1.0)
    made.negotiate(AudioFormat.parse("pcm_16000"), rate_hz=16_000)
    made.play(np.full(int(seconds * 16_000), 1000, "<i2").tobytes())
    return made


def test_a_cue_alone_is_played_whole_and_then_the_card_is_let_go_of() -> None:
    card, tally = Card(), Tally()
    body = speaker(card, tally=tally)
    assert body.add_cue(Cue.START)
    assert body.has_cue
    play(body)
    cue = render(Cue.START, 16_000).tolist()
    assert card.heard[480 : 480 + len(cue)] == cue
    assert not any(card.heard[480 + len(cue) :])
    assert len(card.heard) >= 480 + len(cue) + 480  # not before it has left the card
    assert card.calls == ["drop", "close"]
    assert tally.frames_written == len(card.heard)
    assert not body.has_cue


def test_cues_wait_for_each_other_and_more_than_three_do_not() -> None:
    card = Card()
    body = speaker(card)
    for _ in range(5):
        assert body.add_cue(Cue.LIMIT)
    play(body)
    assert card.times(Cue.LIMIT) == 3


@pytest.mark.parametrize(("volume", "gain"), [(0.5, gain_of(0.5)), (0.0, gain_of(0.3))])
def test_a_cue_follows_the_volume_but_not_to_silence(volume: float, gain: float) -> None:
    card = Card()
    body = speaker(card, volume=volume)
    body.add_cue(Cue.ERROR)
    play(body)
    assert max(card.heard) == pytest.approx(gain * render(Cue.ERROR, 16_000).max(), abs=1)


def test_a_session_is_written_without_a_pause_until_it_is_released_and_fades_out() -> None:
    card = Card()
    body = speaker(card)
    card._events[20] = body.release
    failures: list[BaseException] = []
    assert body.claim(voice(1.0), on_failure=failures.append)
    play(body)
    assert card.heard[480] == card.heard[480 + 19 * 160 - 1] == 1000
    fade = card.heard[480 + 19 * 160 : 480 + 20 * 160]
    assert sorted(fade, reverse=True) == fade
    assert not any(fade[48:])
    assert failures == []


def test_silence_is_written_while_there_is_nothing_to_say() -> None:
    card = Card()
    body = speaker(card)
    card._events[50] = body.release
    body.claim(Voice(gain=1.0), on_failure=lambda _: None)
    play(body)
    assert len(card.writes) >= 50
    assert not any(card.heard)


def test_a_cue_is_mixed_into_a_session() -> None:
    card = Card()
    body = speaker(card)
    card._events[100] = body.release
    body.claim(voice(10), on_failure=lambda _: None)
    body.add_cue(Cue.MUTE)
    play(body)
    cue = render(Cue.MUTE, 16_000).tolist()
    assert card.heard[480 : 480 + len(cue)] == [1000 + sample for sample in cue]


def test_a_session_takes_over_the_thread_of_a_cue() -> None:
    card = Card()
    body = speaker(card)
    body.add_cue(Cue.START)
    claims: list[bool] = []
    card._events = {
        5: lambda: claims.append(body.claim(voice(0.1), on_failure=lambda _: None)),
        60: body.release,
    }
    play(body)
    assert claims == [True]
    assert len(card.writes) >= 60


def test_a_session_cuts_a_cue_short_because_its_microphone_would_hear_it() -> None:
    card = Card()
    body = speaker(card)
    body.add_cue(Cue.ERROR)
    body.add_cue(Cue.ERROR)
    claimed_at = 8  # periods, three of them the card's first
    card._events = {claimed_at: lambda: body.claim(Voice(gain=1.0), on_failure=lambda _: None), 60: body.release}
    play(body)
    heard = np.array(card.heard)
    cut = 480 + (claimed_at - 1) * 160
    assert not heard[cut + 80 :].any()
    assert heard[cut : cut + 80].any()
    assert np.abs(np.diff(heard)).max() < 1500  # no click


def test_hushing_where_there_is_no_cue_changes_nothing() -> None:
    card = Card()
    body = speaker(card)
    body.hush()
    body.add_cue(Cue.LIMIT)
    play(body)
    assert card.times(Cue.LIMIT) == 1


def test_after_its_end_it_takes_neither_a_cue_nor_a_session() -> None:
    body = speaker(Card())
    body.add_cue(Cue.START)
    play(body)
    assert not body.add_cue(Cue.START)
    assert not body.claim(voice(0.1), on_failure=lambda _: None)
    body.release()


def test_a_cue_that_is_added_at_the_last_moment_is_played() -> None:
    card = Card()
    body = speaker(card)
    body.add_cue(Cue.LIMIT)
    periods = 1 + math.ceil(len(render(Cue.LIMIT, 16_000)) / 160) + 1
    card._events[periods] = lambda: body.add_cue(Cue.LIMIT)  # the first is over, and still in the card
    play(body)
    assert card.times(Cue.LIMIT) == 2


def test_retired_it_ends_after_the_next_write() -> None:
    card = Card()
    body = speaker(card)
    card._events[3] = body.retire
    body.claim(voice(10), on_failure=lambda _: None)
    play(body)
    assert len(card.writes) == 3


def test_underruns_are_counted_and_after_each_the_card_is_kept_further_ahead(caplog: pytest.LogCaptureFixture) -> None:
    card, tally = Card(), Tally()
    body = speaker(card, tally=tally)
    ahead: list[int] = []

    def underrun() -> None:
        card.xruns += 1
        ahead.append(card.ahead_frames)

    def calm() -> None:
        ahead.append(card.ahead_frames)
        body.release()

    card._events = {2: underrun, 3: underrun, 6005: calm}
    body.claim(Voice(gain=1.0), on_failure=lambda _: None)
    with caplog.at_level(logging.DEBUG, logger="talkbox"):
        play(body)
    assert tally.underruns == 2
    assert ahead == [480, 800, 800]  # at first, after the first, and a minute after the second
    told = [record for record in caplog.records if record.name.startswith("talkbox")]
    assert [(record.levelno, record.getMessage()) for record in told] == [
        (logging.WARNING, "the loudspeaker ran dry: the card is kept 5 periods ahead now"),
        (logging.DEBUG, "= 6 periods ahead"),
        (logging.DEBUG, "= 5 periods ahead"),
    ]
    assert told[0].__dict__["hint"]


@pytest.mark.parametrize(("queued", "slept_s"), [(480, 0.02), (250, 0.005625), (160, 0.0), (0, 0.0)])
def test_what_comes_next_is_made_when_there_is_a_place_for_it_and_not_before(queued: int, slept_s: float) -> None:
    class Holding(Card):
        def queued_frames(self) -> int:
            return queued

    card, time = Holding(), HandClock()
    body = Speaker(open_device=lambda: card, tally=Tally(), volume=lambda: 1.0, at_once=2, clock=time.clock)
    made_s: list[float] = []
    voice = Voice(gain=1.0)
    card._events = {1: lambda: made_s.append(time.now_s), 2: body.retire}
    body.claim(voice, on_failure=lambda _: None)
    play(body)
    assert [len(payload) // 2 for payload in card.writes] == [480, 320]
    assert time.now_s - made_s[0] == pytest.approx(slept_s)


@pytest.mark.parametrize(("holds", "written"), [(8, 2), (3, 2), (2, 1), (1, 1)])
def test_of_what_a_small_card_holds_a_period_is_left_when_the_next_is_written(holds: int, written: int) -> None:
    card = Card()
    card.ahead_frames = holds * 160
    body = Speaker(open_device=lambda: card, tally=Tally(), volume=lambda: 1.0, at_once=2, clock=HandClock().clock)
    card._events = {2: body.retire}
    body.claim(Voice(gain=1.0), on_failure=lambda _: None)
    play(body)
    assert [len(payload) // 2 for payload in card.writes] == [holds * 160, written * 160]


# -- no clicks ---------------------------------------------------------------------------------------------------------

LOUD, TONE_HZ = 20_000, 440
MOST = 1.1 * LOUD * 2 * math.pi * TONE_HZ / 16_000  # what the tone does by itself, and a little


def tone(first: int, count: int, *, rate_hz: int = 16_000) -> NDArray[np.float64]:
    phase = 2 * np.pi * TONE_HZ / rate_hz * np.arange(first, first + count)
    wave: NDArray[np.float64] = np.rint(LOUD * np.sin(phase))
    return wave


class Scene:
    """A session in which a loud tone is said, in pieces, while things happen; then what was heard."""

    def __init__(self, *, rate_hz: int = 16_000, volume: float = 1.0, at_once: int = 1) -> None:
        self.card, self.tally = Card(), Tally()
        self.rate_hz = rate_hz
        self.limiter = Limiter()
        self.body = Speaker(
            open_device=lambda: self.card,
            tally=self.tally,
            volume=lambda: volume,
            limiter=self.limiter,
            at_once=at_once,
            clock=HandClock().clock,
        )
        self.voice = Voice(gain=gain_of(volume))
        self.voice.negotiate(AudioFormat.parse(f"pcm_{rate_hz}"), rate_hz=16_000)
        self._said = 0

    def say(self, samples: int) -> None:
        """Go on with the tone, where it was left."""
        self.voice.play(tone(self._said, samples, rate_hz=self.rate_hz).astype("<i2").tobytes())
        self._said += samples

    def play(self, events: Mapping[int, Callable[[], object]]) -> NDArray[np.int64]:
        """Do something at some periods, release at the last of them; return what was heard."""
        self.card._events = {**events, max(events) + 20: self.body.release}
        self.body.claim(self.voice, on_failure=lambda _: None)
        play(self.body)
        return np.array(self.card.heard)


def steepest(heard: NDArray[np.int64]) -> int:
    return int(np.abs(np.diff(heard, prepend=0, append=0)).max())


@pytest.mark.parametrize("at_once", [1, AT_ONCE])
@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 24_000])
@pytest.mark.parametrize("odd", [0, 1, 37, 80, 159])
def test_a_voice_that_starves_again_and_again_does_not_click(odd: int, rate_hz: int, at_once: int) -> None:
    scene = Scene(rate_hz=rate_hz, at_once=at_once)
    pieces = {period: partial(scene.say, rate_hz // 20 + odd) for period in range(5, 300, 13)}
    assert steepest(scene.play(pieces)) <= MOST
    assert scene.tally.starved > 5


@pytest.mark.parametrize("period", [10, 11, 12])
def test_an_interruption_and_the_end_of_a_session_do_not_click(period: int) -> None:
    scene = Scene()
    heard = scene.play({5: lambda: scene.say(40_000 + period), 9 + period: scene.voice.interrupt})
    assert steepest(heard) <= MOST
    assert not heard[480 + (10 + period) * 160 :].any()
    again = Scene()
    assert steepest(again.play({5: lambda: again.say(400_000)})) <= MOST


def test_a_burst_that_is_too_long_does_not_click() -> None:
    scene = Scene()
    lost_s: list[float] = []
    second = tone(0, 16_000).astype("<i2").tobytes()  # whole waves: it goes on where it ends

    def burst() -> None:
        lost_s.append(sum(scene.voice.play(second) for _ in range(605)))

    assert steepest(scene.play({5: lambda: scene.voice.play(second), 12: burst, 20: burst})) <= MOST
    assert lost_s == [pytest.approx(10, abs=1), pytest.approx(610, abs=10)]


def test_the_volume_the_limiter_and_a_cue_over_a_loud_voice_do_not_click() -> None:
    scene = Scene()

    def turn(volume: float) -> None:
        scene.voice.ramp.target = gain_of(volume)

    def limit(ceiling_db: float) -> None:
        scene.limiter.ceiling_db = ceiling_db

    heard = scene.play(
        {
            5: lambda: scene.say(400_000),
            13: lambda: turn(0.2),
            21: lambda: turn(1.0),
            30: lambda: scene.body.add_cue(Cue.ERROR),
            44: lambda: scene.body.add_cue(Cue.MUTE),
            130: scene.body.hush,
            150: lambda: limit(-12.0),
            170: lambda: limit(-1.0),
            300: lambda: turn(0.0),
        }
    )
    cue = max(int(np.abs(np.diff(render(cue, 16_000).astype(int))).max()) for cue in (Cue.ERROR, Cue.MUTE))
    assert steepest(heard) <= MOST + cue + LOUD // 16
    assert heard.max() <= 29_204


def test_a_card_that_is_pulled_out_ends_the_session_and_nobody_waits_for_ever() -> None:
    class Gone(Card):
        def drop(self) -> None:
            super().drop()
            raise OSError(errno.ENODEV, "no such device")

    def pulled() -> None:
        raise OSError(errno.ENODEV, "no such device")

    card = Gone({4: pulled})
    body = speaker(card)
    spoken, failures, drained = voice(10), list[BaseException](), list[int]()
    spoken.when_drained(lambda: drained.append(1))
    body.claim(spoken, on_failure=failures.append)
    play(body)
    assert [str(failure) for failure in failures] == ["loudspeaker: no such device"]
    assert drained == [1]
    assert card.calls == ["drop", "close"]


def test_a_cue_without_a_card_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def missing() -> Card:
        raise OSError(errno.ENOENT, "no such card")

    body = Speaker(open_device=missing, tally=Tally(), volume=lambda: 1.0)
    body.add_cue(Cue.ERROR)
    play(body)
    assert caplog.messages == ["cue not played: loudspeaker: no such card"]


def raising(error: Exception) -> Callable[[], object]:
    def work() -> None:
        raise error

    return work


def test_a_bug_without_a_session_is_logged_as_one(caplog: pytest.LogCaptureFixture) -> None:
    body = speaker(Card({3: raising(ZeroDivisionError("oops"))}))
    body.add_cue(Cue.ERROR)
    play(body)
    [record] = caplog.records
    assert (record.levelno, record.exc_info is None) == (logging.ERROR, False)
    assert record.getMessage() == "the loudspeaker's thread died: oops"


@pytest.mark.parametrize(
    ("error", "cue", "said"),
    [
        (ZeroDivisionError("oops"), False, ["the loudspeaker's thread died: oops"]),
        (OSError(errno.ENODEV, "no such device"), True, ["cue not played: loudspeaker: no such device"]),
        (OSError(errno.ENODEV, "no such device"), False, []),
    ],
)
def test_what_it_dies_of_after_its_session_is_no_news_to_that_and_is_logged_all_the_same(
    caplog: pytest.LogCaptureFixture, error: Exception, cue: bool, said: list[str]
) -> None:
    card = Card({11: raising(error)})
    body = speaker(card)

    def end_of_session() -> None:
        body.release()
        if cue:
            body.add_cue(Cue.ERROR)

    card._events[10] = end_of_session
    told: list[BaseException] = []
    body.claim(voice(10), on_failure=told.append)
    play(body)
    assert told == []
    assert caplog.messages == said
