"""What happens to sound happens aloud: threads that are held up or die, cards of other shapes, cancelers that fail."""

from __future__ import annotations

import asyncio
import errno
import os
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from talkbox.audio.cues import Cue
from talkbox.audio.echo.delay import DelayTracker
from talkbox.audio.echo.guard import Guard
from talkbox.audio.echo.nothing import Nothing
from talkbox.audio.echo.path import EchoPath
from talkbox.audio.engine import AudioEngine
from talkbox.audio.formats import Samples
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.errors import AudioDeviceLost, AudioError
from talkbox_hardware import alsa
from tests.support.engine import LIMIT_S, PERIOD, RATE_HZ, engine, run, session
from tests.support.programs import PATIENCE_S, agent, device
from tests.support.realtime import realtime
from tests.support.simcard import SimCard, why_not

pytestmark = pytest.mark.integration
needs_card = pytest.mark.skipif(bool(why_not()), reason=why_not())

WIRE_HZ = 16_000


@pytest.fixture
def new_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., SimCard]]:
    def made(*, rate_hz: int = RATE_HZ, channels: int = 2) -> SimCard:
        card = SimCard(tmp_path / "card", rate_hz=rate_hz, channels=channels)
        for name, value in card.env.items():
            monkeypatch.setenv(name, value)
        return card

    with realtime():
        yield made


def tone(seconds: float, *, rate_hz: int = WIRE_HZ) -> Samples:
    samples: Samples = np.rint(8000 * np.sin(2 * np.pi * 500 * np.arange(int(seconds * rate_hz)) / rate_hz)).astype(
        np.int16
    )
    return samples


async def listen(audio: AudioEngine, seconds: float) -> Samples:
    payload = b""
    while len(payload) < seconds * WIRE_HZ * 2:
        payload += await audio.read()
    return np.frombuffer(payload, "<i2")


async def until(condition: Callable[[], bool]) -> None:
    while not condition():  # noqa: ASYNC110  what it waits for is a thread's, which sets no events
        await asyncio.sleep(0.01)


class Held:
    """Holds up who calls it, once, for longer than a card forgives."""

    def __init__(self) -> None:
        self.for_s = 0.0

    def __call__(self) -> None:
        for_s, self.for_s = self.for_s, 0.0
        time.sleep(for_s)


@needs_card
def test_a_playback_thread_that_is_held_up_is_an_underrun_and_the_rest_is_heard(
    new_card: Callable[..., SimCard], monkeypatch: pytest.MonkeyPatch
) -> None:
    card, held, write = new_card(), Held(), alsa.AlsaSink.write

    def late(sink: alsa.AlsaSink, payload: bytes) -> None:
        held()
        write(sink, payload)

    async def main() -> None:
        async with session(engine()) as audio:
            await until(lambda: audio.counters.frames_written > RATE_HZ // 10)
            before, began_s = audio.counters.underruns, card.now_s()
            audio.play(tone(1.0).tobytes())
            held.for_s = 0.3
            await audio.drained()
            assert audio.counters.underruns > before
            played = np.abs(card.played(from_s=began_s)[:, 0])
            assert np.count_nonzero(played) > 0.9 * 0.9 * RATE_HZ

    monkeypatch.setattr(alsa.AlsaSink, "write", late)
    run(main)


@needs_card
def test_a_capture_thread_that_is_held_up_is_an_overrun_and_listening_goes_on(
    new_card: Callable[..., SimCard], monkeypatch: pytest.MonkeyPatch
) -> None:
    card, held, read = new_card(), Held(), alsa.AlsaSource.read

    def late(source: alsa.AlsaSource) -> bytes:
        held()
        return read(source)

    async def main() -> None:
        async with session(engine()) as audio:
            await listen(audio, 0.2)
            before = audio.counters.overruns
            held.for_s = 1.5
            await until(lambda: audio.counters.overruns > before)
            card.say(tone(1.0, rate_hz=RATE_HZ), at_s=card.now_s() + 0.3)
            heard = await listen(audio, 3.0)
            assert np.count_nonzero(np.abs(heard) > 100) > 0.9 * 0.9 * WIRE_HZ

    monkeypatch.setattr(alsa.AlsaSource, "read", late)
    run(main)


@needs_card
@pytest.mark.parametrize(
    ("rate_hz", "channels", "sample_format"),
    [(11_025, 1, "S32_LE"), (16_000, 1, "S16_LE"), (44_100, 2, "S32_LE"), (48_000, 4, "S32_LE"), (48_000, 1, "S16_LE")],
)
def test_a_card_of_any_shape_is_heard_and_plays(
    new_card: Callable[..., SimCard], rate_hz: int, channels: int, sample_format: str
) -> None:
    card = new_card(rate_hz=rate_hz, channels=channels)
    shape = {"rate_hz": rate_hz, "period_frames": rate_hz // 100}
    microphone = partial(alsa.open_capture, "mic", **shape, formats=[sample_format], channels=[channels])
    loudspeaker = partial(alsa.open_playback, "speaker", **shape, formats=[sample_format], channels=[channels])

    async def main() -> None:
        async with session(engine(microphone, loudspeaker)) as audio:
            card.say(tone(0.5, rate_hz=rate_hz), at_s=card.now_s() + 0.2)
            audio.play(tone(0.5).tobytes())
            heard = await listen(audio, 1.2)
            await audio.drained()
            for sound, hz in [(heard, WIRE_HZ), (card.played()[:, -1], rate_hz)]:
                loud = sound[np.flatnonzero(np.abs(sound) > 100)[0] :][: hz // 5]
                assert int(np.argmax(np.abs(np.fft.rfft(loud)))) * 5 == 500

    run(main)


@needs_card
@pytest.mark.parametrize("direction", ["microphone", "loudspeaker"])
def test_a_card_that_has_not_what_is_asked_of_it_is_refused_with_a_remedy_and_let_go_of(
    new_card: Callable[..., SimCard], direction: str
) -> None:
    new_card(channels=1)
    microphone = partial(alsa.open_capture, "mic", rate_hz=RATE_HZ, period_frames=PERIOD, channels=[2])
    loudspeaker = partial(alsa.open_playback, "speaker", rate_hz=RATE_HZ, period_frames=PERIOD, channels=[2])

    async def main() -> None:
        audio = engine(microphone) if direction == "microphone" else engine(playback=loudspeaker)
        with pytest.raises(AudioError, match=f"{direction}: the card was asked for 48000 Hz, 2 channels") as raised:
            await audio.open()
        assert "audio.rate_hz" in raised.value.hint
        await audio.shutdown()
        async with session(engine()) as well:
            await listen(well, 0.1)

    run(main)


@needs_card
def test_a_card_that_comes_back_with_another_rate_is_lost_and_named(new_card: Callable[..., SimCard]) -> None:
    card = new_card()

    async def main() -> None:
        audio, news = engine(patience_s=2.0), list[bool]()
        audio.watch_card(news.append)
        async with session(audio):
            await audio.read()
            card.fault("gone")
            await until(lambda: news == [False])
            conf, other = card.folder / "asound.conf", card.folder / "asound.new"
            other.write_text(conf.read_text("ascii").replace("rate 48000", "rate 44100"), "ascii")
            other.replace(conf)  # alsa-lib reads another file anew, and the same one when it is a second older
            card.fault()
            with pytest.raises(AudioDeviceLost, match=r"gives 44100 Hz.* and it did not come back within 2 s"):
                await listen(audio, LIMIT_S)

    run(main)


class Broken:
    """What a device may raise that nobody reckons with, from its n-th period on."""

    def __init__(self, error: BaseException, *, after: int = 20) -> None:
        self._error, self._left = error, after

    def __call__(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise self._error


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (ZeroDivisionError("a bug"), ZeroDivisionError),
        (MemoryError("no room"), MemoryError),
        (ValueError("operands could not be broadcast"), ValueError),
        (SystemExit(0), RuntimeError),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), AudioError),
    ],
)
@pytest.mark.parametrize("direction", ["microphone", "loudspeaker"])
def test_whatever_a_thread_dies_of_the_session_hears_of_it(
    direction: str, error: BaseException, raised: type[Exception]
) -> None:
    breaks = Broken(error)

    class Source(SilentSource):
        def read(self) -> bytes:
            if direction == "microphone":
                breaks()
            return super().read()

    class Sink(SilentSink):
        def write(self, payload: bytes) -> None:
            if direction == "loudspeaker":
                breaks()
            super().write(payload)

    async def main() -> None:
        audio = engine(Source, Sink)
        async with session(audio):
            audio.play(tone(20).tobytes())
            waiting = asyncio.ensure_future(audio.drained())
            with pytest.raises(raised):
                await listen(audio, LIMIT_S)
            if direction == "loudspeaker":
                await waiting  # nobody waits for a thread that is dead
        await waiting

    run(main)


def test_a_cue_whose_thread_dies_is_told_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    class Sink(SilentSink):
        def write(self, payload: bytes) -> None:  # noqa: ARG002  the interface's name
            raise MemoryError("no room")

    async def main() -> None:
        audio = engine(SilentSource, Sink)
        audio.play_cue(Cue.READY)
        await until(lambda: bool(caplog.messages))
        await audio.shutdown()

    run(main)
    assert caplog.messages == ["the loudspeaker's thread died: no room"]


def test_a_canceller_that_fails_in_a_session_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    class Failing(Nothing):
        def __init__(self) -> None:
            super().__init__(described="failing")
            self._breaks = Broken(RuntimeError("AEC3 says no"))

        def process(self, near: Samples, far: Samples) -> Samples:
            self._breaks()
            return super().process(near, far)

    async def main() -> None:
        path = EchoPath(Failing(), tracker=DelayTracker(), guard=Guard())
        audio = engine(SilentSource, SilentSink, echo=path)
        assert audio.echo["canceller"] == "failing"
        for _ in range(2):
            async with session(audio):
                await listen(audio, 0.5)
                audio.play(tone(0.2).tobytes())
                await audio.drained()
        assert (audio.echo["canceller"], audio.echo["half_duplex"]) == ("half duplex", True)

    run(main)
    assert caplog.messages == ["half duplex: the echo canceller failed: RuntimeError('AEC3 says no')"]


def test_a_clock_that_is_set_in_the_middle_of_a_session_is_no_news(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> None:
        async with session(engine(SilentSource, SilentSink)) as audio:
            for year_s in (0.0, 4e9, 1e9):
                monkeypatch.setattr(time, "time", lambda at_s=year_s: at_s)
                began_s = time.monotonic()
                await listen(audio, 0.3)
                audio.play(tone(0.2).tobytes())
                await audio.drained()
                assert 0.1 < time.monotonic() - began_s < 20

    run(main)
    assert caplog.messages == []


# `talkbox run`, whose card breaks in a way that nobody reckons with, half a second after it was opened.
DEVICE = """
import sys
from itertools import count
from talkbox import cli
from talkbox.audio.wav import WavSink, WavSource

def breaking(works, calls=count()):
    def called(*args):
        if next(calls) == 50:
            raise MemoryError("no room")
        return works(*args)
    return called

if sys.argv.pop(1) == "microphone":
    WavSource.read = breaking(WavSource.read)
else:
    WavSink.write = breaking(WavSink.write)
sys.exit(cli.main())
"""


@pytest.mark.parametrize("direction", ["microphone", "loudspeaker"])
def test_a_bug_in_a_thread_ends_the_device_with_a_traceback_so_that_it_is_started_anew(
    tmp_path: Path, direction: str
) -> None:
    with (
        agent(tmp_path) as url,
        device(tmp_path, url, command=(sys.executable, "-c", DEVICE, direction)) as talkbox_,
    ):
        talkbox_.do("tap")
        assert talkbox_.process.wait(PATIENCE_S) == os.EX_SOFTWARE
        said = talkbox_.said()
        assert "Traceback" in said
        assert "MemoryError: no room" in said
