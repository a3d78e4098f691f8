"""The engine on a simulated sound card, through alsa-lib: measured on the card's timeline."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from talkbox.audio.cues import Cue, render
from talkbox.audio.engine import AudioEngine
from talkbox.errors import AudioDeviceBusy, AudioDeviceLost, AudioDeviceMissing, AudioError
from talkbox_hardware import alsa
from tests.support.engine import PERIOD, RATE_HZ, engine, run, session
from tests.support.realtime import realtime
from tests.support.simcard import SimCard, why_not

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]

WIRE_HZ = 16_000


@pytest.fixture
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimCard]:
    card = SimCard(tmp_path / "card", rate_hz=RATE_HZ)
    for name, value in card.env.items():
        monkeypatch.setenv(name, value)
    with realtime():
        yield card


def tone(seconds: float, *, hz: float = 500, amplitude: float = 8000, rate_hz: int = WIRE_HZ) -> NDArray[np.int16]:
    samples: NDArray[np.int16] = np.rint(
        amplitude * np.sin(2 * np.pi * hz * np.arange(int(seconds * rate_hz)) / rate_hz)
    ).astype(np.int16)
    return samples


async def listen(audio: AudioEngine, seconds: float) -> NDArray[np.int16]:
    payload = b""
    while len(payload) < seconds * WIRE_HZ * 2:
        payload += await audio.read()
    return np.frombuffer(payload, "<i2")


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  what it waits for is a card, which sets no events
        await asyncio.sleep(0.01)


async def listen_for_ever(audio: AudioEngine) -> None:
    while True:
        await audio.read()


def sounding(card: SimCard) -> NDArray[np.intp]:
    """The frames in which the loudspeaker was not silent."""
    return np.flatnonzero(card.played()[:, 0])


def test_both_directions_at_once_at_the_right_pace(card: SimCard) -> None:
    async def main() -> None:
        async with session(engine()) as audio:
            start_s = card.now_s()
            card.say(tone(1.0, hz=1000, rate_hz=RATE_HZ), at_s=start_s + 0.3)
            audio.play(tone(1.0).tobytes())
            heard = await listen(audio, 1.8)
            await audio.drained()
            assert 1.5 < card.now_s() - start_s < 10
            said = np.flatnonzero(np.abs(heard) > 100)
            assert len(said) > 0.95 * 0.9 * WIRE_HZ
            spectrum = np.abs(np.fft.rfft(heard[said[0] : said[0] + 8000]))
            assert int(np.argmax(spectrum)) * WIRE_HZ / 8000 == 1000
        frames = sounding(card)
        assert abs((frames[-1] - frames[0]) / RATE_HZ - 1.0) < 0.02 + 0.03 * audio.counters.underruns

    run(main)


def test_the_first_word_is_whole_although_connecting_took_3_s(card: SimCard) -> None:
    async def main() -> None:
        audio = engine()
        await audio.open()
        opened_s = card.now_s()
        word = tone(0.5, hz=700, rate_hz=RATE_HZ)
        card.say(word, at_s=opened_s + 0.1)
        await asyncio.sleep(3.0)
        audio.negotiate(input_format="pcm_16000", output_format="ulaw_8000")
        heard = await listen(audio, 3.5)
        await audio.close()
        loud = np.flatnonzero(np.abs(heard) > 1000)
        assert 0.49 < (loud[-1] - loud[0]) / WIRE_HZ < 0.51
        middle = heard[loud[0] : loud[-1]].astype(float)
        time_s = np.arange(len(middle)) / WIRE_HZ
        basis = np.stack([np.sin(2 * np.pi * 700 * time_s), np.cos(2 * np.pi * 700 * time_s)], axis=1)
        fit, *_ = np.linalg.lstsq(basis, middle, rcond=None)
        assert (middle - basis @ fit).std() < 0.02 * 8000  # one wave from end to end: nothing missing, nothing twice
        assert audio.counters.chunks_dropped == 0

    run(main)


def test_an_interruption_is_silent_at_once_without_a_click_and_nothing_old_comes_after_it(card: SimCard) -> None:
    async def main() -> None:
        async with session(engine()) as audio:
            audio.play(tone(30.0).tobytes())
            await until(lambda: len(sounding(card)) > 0.4 * RATE_HZ)
            audio.interrupt()
            interrupted_s = card.now_s()
            await audio.drained()
            silent_s = card.now_s()
            await asyncio.sleep(0.5)
            last_s = sounding(card)[-1] / RATE_HZ
            assert last_s - interrupted_s < 0.1
            assert last_s <= silent_s  # drained means silent
            audio.play(tone(0.2, hz=250, amplitude=3000).tobytes())
            await audio.drained()
            after = card.played(from_s=silent_s)[:, 0]
            assert 2900 < np.abs(after).max() < 3100  # the new answer, and none of the old one
            wave = card.played(to_s=silent_s)[:, 0].astype(float)
            end = sounding(card)[sounding(card) < silent_s * RATE_HZ][-1]
            steepest = 8000 * 2 * np.pi * 500 / RATE_HZ
            assert np.abs(np.diff(wave[end - RATE_HZ // 10 : end + 100])).max() < 1.2 * steepest

    run(main)


def test_drained_means_that_the_loudspeaker_is_silent(card: SimCard) -> None:
    async def main() -> None:
        async with session(engine()) as audio:
            for _ in range(3):
                audio.play(tone(0.3).tobytes())
                await audio.drained()
                silent_s = card.now_s()
                await asyncio.sleep(0.2)
                assert sounding(card)[-1] / RATE_HZ < silent_s

    run(main)


def test_an_underrun_is_counted_and_playing_goes_on(card: SimCard) -> None:
    async def main() -> None:
        async with session(engine()) as audio:
            await until(lambda: audio.counters.frames_written > RATE_HZ // 10)
            before = audio.counters.underruns
            card.fault("speed=50")  # a card that plays faster than anybody can write
            await until(lambda: audio.counters.underruns > before)
            card.fault()
            said_s = card.now_s()
            audio.play(tone(0.5).tobytes())
            await audio.drained()
            # A card that was fast has played "later" than it is: its line is looked at beyond the present.
            played = card.played(from_s=said_s, to_s=card.now_s() + 100)
            assert np.count_nonzero(played[:, 0]) > 0.4 * RATE_HZ

    run(main)


def test_an_overrun_is_counted_and_listening_goes_on(card: SimCard) -> None:
    async def main() -> None:
        async with session(engine()) as audio:
            await audio.read()
            card.fault("speed=5000")
            await until(lambda: audio.counters.overruns > 0)
            card.fault()
            await listen(audio, 0.5)

    run(main)


def test_a_card_that_is_pulled_out_and_put_back_goes_on_with_the_same_session(
    card: SimCard, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        news: list[bool] = []
        audio = engine()
        audio.watch_card(news.append)
        async with session(audio):
            await listen(audio, 1.0)
            card.fault("gone")
            await until(lambda: news == [False])
            away = await listen(audio, 1.5)  # the stream never stops
            assert not away[-WIRE_HZ:].any()
            card.fault()
            hearing = asyncio.ensure_future(listen_for_ever(audio))
            await until(lambda: news == [False, True])
            hearing.cancel()
            said_s = card.now_s() + 0.5
            card.say(tone(1.0, hz=1000, rate_hz=RATE_HZ), at_s=said_s)
            heard = await listen(audio, 3.0)
            assert len(np.flatnonzero(np.abs(heard) > 100)) > 0.9 * 0.9 * WIRE_HZ
            audio.play(tone(1.0).tobytes())
            await audio.drained()
            played = card.played(from_s=said_s)[:, 0]
            assert np.count_nonzero(played) > 0.9 * 0.9 * RATE_HZ

    caplog.set_level(logging.INFO, logger="talkbox")
    run(main)
    said = [record.getMessage() for record in caplog.records]
    assert said[0] == "the sound card is gone: waiting for it: No such device"
    assert said[1].startswith("the sound card works again, after ")
    assert len(said) == 2


def test_what_the_agent_says_to_a_card_that_is_gone_is_not_heard_late(
    card: SimCard, caplog: pytest.LogCaptureFixture
) -> None:
    """Twelve seconds, each half of one louder than the last, and in the middle of them no card."""

    async def main() -> None:
        news: list[bool] = []
        audio = engine()
        audio.watch_card(news.append)
        steps = [tone(0.5, amplitude=1000 * (number + 1)) for number in range(24)]
        async with session(audio):
            reading = asyncio.ensure_future(listen_for_ever(audio))
            audio.play(np.concatenate(steps).tobytes())
            began_s = card.now_s()
            await until(lambda: card.now_s() > began_s + 2.0)
            card.fault("gone")
            await until(lambda: card.now_s() > began_s + 6.0)
            card.fault()
            await until(lambda: news == [False, True])
            back_s = card.now_s()
            assert back_s < began_s + 10, "the machine is too busy to measure anything"
            await audio.drained()
            silent_s = card.now_s()
            after = np.abs(card.played(from_s=began_s + 6.0)[:, 0])
            heard = after[np.flatnonzero(after)[0] :][: RATE_HZ // 5]
            due = 1000 * (1 + 2 * (back_s - began_s))
            assert abs(heard.max() - due) < 2500  # what is due at that moment, a second at most beside it
            assert abs(silent_s - began_s - 12.0) < 2.0  # and the end is where it would have been
            reading.cancel()

    caplog.set_level(logging.INFO, logger="talkbox")
    run(main)
    [back] = [record.getMessage() for record in caplog.records if "works again" in record.getMessage()]
    unheard_s = float(back.partition("; ")[2].removesuffix(" s of sound came too late to be heard"))
    assert 3.0 < unheard_s < 7.0


def test_a_session_that_is_closed_without_its_card_is_closed_at_once(card: SimCard) -> None:
    async def main() -> None:
        news: list[bool] = []
        audio = engine()
        audio.watch_card(news.append)
        async with session(audio):
            await audio.read()
            card.fault("gone")
            await until(lambda: news == [False])
        card.fault()
        async with session(audio):
            await listen(audio, 0.2)
        assert news == [False]

    run(main)


def test_a_card_that_is_pulled_out_for_good_is_lost_and_once_it_is_back_the_next_session_works(card: SimCard) -> None:
    async def main() -> None:
        audio = engine(patience_s=1.5)
        async with session(audio):
            await audio.read()
            audio.play(tone(10).tobytes())
            card.fault("gone")
            with pytest.raises(AudioDeviceLost, match=r"No such device, and it did not come back within 1\.5 s"):
                await listen_for_ever(audio)
            await audio.drained()  # nobody waits for a card that is gone
        with pytest.raises(AudioDeviceMissing, match="microphone"):
            await audio.open()
        card.fault()
        async with session(audio):
            await listen(audio, 0.2)

    run(main)


@pytest.mark.usefixtures("card")
def test_a_busy_card_is_told_and_nothing_is_left_open() -> None:
    async def main() -> None:
        audio = engine()
        for direction, opener in (("microphone", alsa.open_capture), ("loudspeaker", alsa.open_playback)):
            name = "mic" if direction == "microphone" else "speaker"
            other = opener(name, rate_hz=RATE_HZ, period_frames=PERIOD)
            with pytest.raises(AudioDeviceBusy, match=direction):
                await audio.open()
            other.close()
        async with session(audio):
            await listen(audio, 0.1)

    run(main)


def test_a_rate_that_the_card_does_not_have_is_refused(card: SimCard) -> None:
    assert card.rate_hz == RATE_HZ
    with pytest.raises(OSError, match=r"asked for 44100 Hz.*gives 48000 Hz"):
        alsa.open_playback("speaker", rate_hz=44_100, period_frames=441)


def test_a_card_that_stands_still_for_a_while_goes_on_with_the_same_session(card: SimCard) -> None:
    async def main() -> None:
        news: list[bool] = []
        audio = engine(stall_s=1.5)
        audio.watch_card(news.append)
        async with session(audio):
            await audio.read()
            reading = asyncio.ensure_future(listen_for_ever(audio))
            card.fault("stall")
            await until(lambda: news == [False])
            card.fault()
            await until(lambda: news == [False, True])
            reading.cancel()
            await listen(audio, 0.5)

    run(main)


def test_a_card_that_stands_still_is_lost_and_does_not_hang_the_device(
    card: SimCard, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        audio = engine(stall_s=1.5, patience_s=1.0)
        async with session(audio):
            await audio.read()
            card.fault("stall")
            with pytest.raises(AudioDeviceLost, match="stands still"):
                await listen_for_ever(audio)
        with pytest.raises(AudioError):  # its threads still have it
            await audio.open()
        card.fault()
        async with asyncio.timeout(20):
            while True:  # they wake up, and let go
                try:
                    await audio.open()
                except AudioError:
                    await asyncio.sleep(0.2)
                else:
                    break
        await audio.close()

    caplog.set_level(logging.WARNING)
    run(main)
    assert "the card does not answer" in caplog.text


def test_a_cue_needs_no_session_and_lets_go_of_the_card(card: SimCard) -> None:
    async def main() -> None:
        audio = engine()
        audio.play_cue(Cue.READY)
        await until(lambda: len(sounding(card)) > 0.3 * RATE_HZ)
        await audio.shutdown()
        alsa.open_playback("speaker", rate_hz=RATE_HZ, period_frames=PERIOD).close()
        assert 3500 < np.abs(card.played()).max() < 4130

    run(main)


def test_a_press_during_a_cue_takes_the_loudspeaker_over_and_cuts_the_cue_short(card: SimCard) -> None:
    async def main() -> None:
        audio = engine()
        audio.play_cue(Cue.ERROR)
        await until(lambda: len(sounding(card)) > 0)
        async with session(audio):
            await listen(audio, 1.0)
            frames = sounding(card)
            # It was playing when the press came; how long by then is the machine's affair, but not to its end.
            assert (frames[-1] - frames[0]) / RATE_HZ < 0.5

    run(main)


def test_a_cue_at_the_end_of_a_session_is_heard_whole(card: SimCard) -> None:
    async def main() -> None:
        audio = engine()
        await audio.open()
        audio.negotiate(input_format="pcm_16000", output_format="pcm_16000")
        audio.play_cue(Cue.END)
        await audio.close()
        alsa.open_capture("mic", rate_hz=RATE_HZ, period_frames=PERIOD).close()  # the microphone is closed already
        await audio.shutdown()
        frames = sounding(card)
        assert 0.9 < (frames[-1] - frames[0]) / len(render(Cue.END, RATE_HZ)) <= 1.0

    run(main)
