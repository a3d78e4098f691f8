"""The engine with its threads, on files: no card is needed."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable, Coroutine
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from talkbox.audio.cues import Cue, render
from talkbox.audio.engine import AudioEngine
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.audio.wav import WavInput, WavOutput
from talkbox.conversation.ports import Audio
from talkbox.errors import AudioDeviceMissing, AudioError
from tests.support.realtime import realtime
from tests.support.wav_files import chunk, fmt, wav

pytestmark = pytest.mark.integration

RATE_HZ = 16_000
REPOSITORY = Path(__file__).parent.parent.parent


def run(main: Callable[[], Coroutine[None, None, None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await main()

    with realtime():
        asyncio.run(bounded())
    for thread in threading.enumerate():
        if thread.name.startswith("talkbox-"):
            thread.join(5)  # it has said its last word; the interpreter may not have noticed
            assert not thread.is_alive()


def noise(seconds: float, *, rate_hz: int = RATE_HZ) -> NDArray[np.int16]:
    """Every second sample is the one before, turned over: without an offset in any period, nothing is changed of it."""
    pairs = np.random.default_rng(7).integers(-9000, 9000, int(seconds * rate_hz) // 2).astype(np.int16)
    return np.stack([pairs, -pairs], axis=1).reshape(-1)


def engine(folder: Path, said: NDArray[np.int16], *, rate_hz: int = RATE_HZ, volume: float = 1.0) -> AudioEngine:
    path = folder / "said.wav"
    path.write_bytes(wav(fmt(rate_hz=rate_hz), chunk(b"data", said.tobytes())))
    return AudioEngine(
        open_capture=WavInput(path).open,
        open_playback=WavOutput(folder / "heard.wav", rate_hz=RATE_HZ).open,
        volume=volume,
    )


def heard(folder: Path) -> NDArray[np.int16]:
    with wave.open(str(folder / "heard.wav")) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2")


async def listen(audio: AudioEngine, samples: int) -> NDArray[np.int16]:
    payload = b""
    while len(payload) < 2 * samples:
        payload += await audio.read()
    return np.frombuffer(payload, "<i2")[:samples]


def negotiate(audio: AudioEngine) -> None:
    audio.negotiate(input_format="pcm_16000", output_format="pcm_16000")


def test_it_is_what_a_conversation_asks_for(tmp_path: Path) -> None:
    audio: Audio = engine(tmp_path, noise(0.1))  # mypy holds the engine to the port
    assert audio.input_volume() == 0


def test_every_sample_arrives_from_the_moment_of_opening(tmp_path: Path) -> None:
    async def main() -> None:
        said = noise(1.5)
        audio = engine(tmp_path, said)
        await audio.open()
        await asyncio.sleep(1.0)
        negotiate(audio)
        assert np.array_equal(await listen(audio, len(said)), said)
        await audio.close()

    run(main)


def test_every_sample_of_the_agent_is_played_once(tmp_path: Path) -> None:
    async def main() -> None:
        audio, answer = engine(tmp_path, noise(0.1)), noise(0.7)
        await audio.open()
        negotiate(audio)
        payload = answer.tobytes()
        for first in range(0, len(payload), 777):
            audio.play(payload[first : first + 777])
        await audio.drained()
        assert audio.output_volume() > 0
        await audio.close()
        played = heard(tmp_path)
        first = int(np.flatnonzero(played)[0])
        assert np.array_equal(played[first : first + len(answer)], answer)
        assert audio.counters.frames_written >= len(answer)

    run(main)


def test_an_answer_that_the_network_holds_up_breaks_off_without_a_click_and_goes_on_whole(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(0.1))
        answer = np.rint(9000 * np.sin(2 * np.pi * 440 / RATE_HZ * np.arange(3 * RATE_HZ // 2))).astype("<i2")
        await audio.open()
        negotiate(audio)
        for part in np.split(answer, 3):
            audio.play(part.tobytes())
            await audio.drained()
            await asyncio.sleep(0.1)
        assert audio.counters.starved == 2
        await audio.close()
        played = heard(tmp_path).astype(int)
        assert np.abs(np.diff(played)).max() < 1.1 * 9000 * 2 * np.pi * 440 / RATE_HZ
        for part in np.split(answer, 3):
            assert played.astype("<i2").tobytes().find(part[100:].tobytes()) > 0

    run(main)


def test_the_limiter_outlives_a_session_and_its_ceiling_is_never_passed(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(0.1))
        audio.limiter.ceiling_db = -20.0
        for _ in range(2):
            await audio.open()
            negotiate(audio)
            audio.play(noise(0.3).tobytes())
            await audio.drained()
            await audio.close()
        assert 3000 < np.abs(heard(tmp_path)).max() <= 3276

    run(main)


def test_sessions_follow_each_other_and_the_recording_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        said = noise(3.0)
        audio = engine(tmp_path, said)
        position = 0
        for _ in range(3):
            await audio.open()
            negotiate(audio)
            got = await listen(audio, 3200)
            found = [at for at in range(position, len(said) - 3200) if said[at] == got[0]]
            position = next(at for at in found if np.array_equal(said[at : at + 3200], got))
            await audio.close()

    run(main)


def test_muted_means_zeros_and_the_stream_goes_on(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(20))
        audio.set_mic_muted(True)
        await audio.open()
        negotiate(audio)
        assert not (await listen(audio, 8000)).any()
        assert audio.input_volume() == audio.input_level == 0
        audio.set_mic_muted(False)
        while not (await listen(audio, 320)).any():
            pass
        await audio.close()

    run(main)


def test_the_volume_is_heard_at_once_and_kept(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(0.1))
        await audio.open()
        negotiate(audio)
        audio.play(np.full(4800, 8000, "<i2").tobytes())
        await audio.drained()
        audio.set_volume(0.5)
        audio.play(np.full(4800, 8000, "<i2").tobytes())
        await audio.drained()
        await audio.close()
        values, counts = np.unique(heard(tmp_path), return_counts=True)
        assert set(values[counts > 4000].tolist()) >= {8000, round(8000 * 10 ** (-15 / 20))}
        assert audio.volume == 0.5

    run(main)


def test_a_device_that_cannot_be_opened_leaves_nothing_open(tmp_path: Path) -> None:
    async def main() -> None:
        good = engine(tmp_path, noise(0.1))
        for audio in (
            AudioEngine(open_capture=WavInput(tmp_path / "none.wav").open, open_playback=SilentSink),
            AudioEngine(open_capture=SilentSource, open_playback=WavOutput(tmp_path / "no" / "x.wav", rate_hz=1).open),
        ):
            for _ in range(2):
                with pytest.raises(AudioDeviceMissing, match="No such file"):
                    await audio.open()
            with pytest.raises(AudioError, match="closed"):
                await audio.read()
        await good.open()
        await good.close()

    run(main)


def test_canceling_the_opening_closes_what_was_opened(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(0.1))
        opening = asyncio.ensure_future(audio.open())
        await asyncio.sleep(0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        assert opening.cancelled()
        await audio.open()
        await audio.close()

    run(main)


def test_an_opening_that_is_overtaken_by_a_closing_says_so_and_leaves_the_next_session_alone() -> None:
    gate, refuse = threading.Event(), [OSError(errno.EBUSY, "busy")]

    def open_capture() -> SilentSource:
        gate.wait(20)
        if refuse:
            raise refuse.pop()
        return SilentSource()

    async def main() -> None:
        audio = AudioEngine(open_capture=open_capture, open_playback=SilentSink)
        first = asyncio.ensure_future(audio.open())
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(audio.close())
        await asyncio.sleep(0)
        second = asyncio.ensure_future(audio.open())
        await asyncio.sleep(0)
        gate.set()
        with pytest.raises(AudioError, match="busy"):
            await first  # its failure is not the second one's
        await second
        await closing
        negotiate(audio)
        assert await audio.read()
        gate.clear()
        await audio.close()
        third = asyncio.ensure_future(audio.open())
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(audio.close())
        await asyncio.sleep(0)
        gate.set()
        with pytest.raises(AudioError, match="closed while it was being opened"):
            await third
        await closing
        await audio.shutdown()

    run(main)


def test_a_session_that_opens_while_the_last_one_closes_keeps_its_loudspeaker(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        audio = AudioEngine(open_capture=SilentSource, open_playback=SilentSink)
        await audio.open()
        negotiate(audio)
        audio.play(bytes(32_000))
        closing = asyncio.ensure_future(audio.close())
        await asyncio.sleep(0)
        await audio.open()
        negotiate(audio)
        await closing
        written = audio.counters.frames_written
        audio.play(np.full(8000, 1000, np.int16).tobytes())
        await audio.drained()
        assert audio.counters.frames_written > written + 8000
        await audio.shutdown()
        assert not caplog.messages

    run(main)


def test_a_hundred_quick_sessions_leave_no_thread_behind() -> None:
    async def main() -> None:
        audio, before = AudioEngine(open_capture=SilentSource, open_playback=SilentSink), threading.active_count()
        for number in range(100):
            await audio.open()
            negotiate(audio)
            if number % 5 == 0:
                audio.play_cue(Cue.LIMIT)
            audio.play(bytes(640))
            await audio.close()
            assert threading.active_count() < before + 10
        await audio.shutdown()

    run(main)


def test_opening_twice_is_a_mistake_and_closing_twice_is_not(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(0.1))
        await audio.open()
        with pytest.raises(RuntimeError, match="already open"):
            await audio.open()
        await asyncio.gather(audio.close(), audio.close())
        await audio.close()

    run(main)


def test_closing_wakes_who_reads_and_who_waits_for_silence(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(0.1))
        await audio.open()
        reading = asyncio.ensure_future(audio.read())
        negotiate(audio)
        audio.play(noise(30).tobytes())
        waiting = asyncio.ensure_future(audio.drained())
        await reading
        while not reading.cancelled() and len(heard(tmp_path)) < 8000:
            await audio.read()
        await audio.close()
        await waiting
        with pytest.raises(AudioError, match="closed"):
            await audio.read()

    run(main)


def test_a_bug_in_a_device_ends_the_session_as_the_bug_it_is() -> None:
    class Broken(SilentSource):
        def read(self) -> bytes:
            raise ZeroDivisionError

    async def main() -> None:
        audio = AudioEngine(open_capture=Broken, open_playback=SilentSink)
        with pytest.raises(ZeroDivisionError):  # of whoever is first
            await open_and_read(audio)
        await audio.close()

    run(main)


async def open_and_read(audio: AudioEngine) -> None:
    await audio.open()
    await audio.read()


def test_a_cue_is_played_without_a_session_and_into_one(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(0.1))
        audio.play_cue(Cue.READY)
        await audio.shutdown()
        alone = np.count_nonzero(heard(tmp_path))
        assert alone > 0.3 * RATE_HZ
        audio.set_mic_muted(True)
        await audio.open()
        audio.play_cue(Cue.READY)
        await audio.close()
        await audio.shutdown()
        assert np.count_nonzero(heard(tmp_path)) == 2 * alone

    run(main)


def test_where_the_board_cancels_its_echo_the_cue_for_the_start_is_heard_whole(tmp_path: Path) -> None:
    async def main() -> None:
        output = WavOutput(tmp_path / "heard.wav", rate_hz=RATE_HZ)
        audio = AudioEngine(open_capture=SilentSource, open_playback=output.open, volume=1.0, echo_canceled=True)
        audio.play_cue(Cue.START)
        await audio.open()
        negotiate(audio)
        audio.set_mic_muted(False)
        cue = render(Cue.START, RATE_HZ)
        while audio.counters.frames_written < len(cue) + RATE_HZ // 2:
            await audio.read()
        await audio.close()
        await audio.shutdown()
        assert heard(tmp_path).tobytes().count(cue.tobytes()) == 1

    run(main)


def test_opening_the_microphone_cuts_a_cue_short(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(0.1))
        audio.set_mic_muted(True)
        await audio.open()
        audio.play_cue(Cue.ERROR)
        audio.play_cue(Cue.ERROR)
        audio.set_mic_muted(False)
        await audio.close()
        await audio.shutdown()
        assert np.count_nonzero(heard(tmp_path)) < 0.5 * RATE_HZ

    run(main)


def test_how_quick_the_sound_of_a_session_was_is_known_after_it_too(tmp_path: Path) -> None:
    async def main() -> None:
        audio = engine(tmp_path, noise(5.0))
        await audio.open()
        began_s = time.monotonic()
        await asyncio.sleep(0.2)
        negotiate(audio)
        audio.play(bytes(2 * RATE_HZ))
        assert audio.timing.first_chunk_at_s is None
        await listen(audio, RATE_HZ)
        audio.interrupt()
        await audio.drained()
        audio.interrupt()  # nothing is being heard: no interruption
        await audio.close()
        timing = audio.timing
        assert timing.first_chunk_at_s is not None
        assert timing.first_chunk_at_s > began_s + 0.2
        # The pre-roll is as old as the waiting made it; of the second that was read, the rest is live.
        assert 10 < timing.mic_to_wire.count < 50
        assert timing.silence.count <= 1
        await audio.open()
        assert audio.timing.first_chunk_at_s is None
        await audio.close()

    run(main)


def test_an_interruption_is_timed_until_the_loudspeaker_is_silent() -> None:
    async def main() -> None:
        audio = AudioEngine(open_capture=SilentSource, open_playback=SilentSink)
        await audio.open()
        negotiate(audio)
        audio.interrupt()
        audio.play(bytes(2 * RATE_HZ * 60))
        await asyncio.sleep(0.1)
        audio.interrupt()
        await audio.drained()
        audio.interrupt()  # nothing is being heard any more
        assert audio.timing.silence.count == 1
        assert (audio.timing.silence.percentile(1.0) or 0.0) > 0.005
        await audio.close()

    run(main)


def test_a_burst_of_minutes_does_not_hold_up_the_loop() -> None:
    async def main() -> None:
        audio = AudioEngine(open_capture=SilentSource, open_playback=SilentSink)
        await audio.open()
        audio.negotiate(input_format="ulaw_8000", output_format="ulaw_8000")
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        audio.play(bytes(8000 * 600))
        assert loop.time() - began_s < 1.0  # 10 ms; a busy machine is given time
        audio.interrupt()
        await audio.drained()
        await audio.close()

    run(main)


PLAYER = """
import sys
from pathlib import Path
from talkbox.audio.wav import WavOutput
sink = WavOutput(Path(sys.argv[1]), rate_hz=16_000).open()
while True:
    sink.write(b"\\1\\0" * 160)
    print(flush=True)
"""


def test_a_player_that_is_killed_leaves_a_file_whose_header_is_true(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY / "device")}
    with subprocess.Popen([sys.executable, "-c", PLAYER, path], stdout=subprocess.PIPE, env=environment) as player:
        assert player.stdout is not None
        for _ in range(20):
            player.stdout.readline()
        player.send_signal(signal.SIGKILL)
        player.wait()
    with wave.open(str(path)) as file:
        counted = file.getnframes()
    assert counted >= 20 * 160
    assert path.stat().st_size - 44 - 2 * counted in (0, 320)  # a period may be in front of its header
