"""Files and cards are held to the same promises: those of `talkbox.audio.ports`."""

from __future__ import annotations

import errno
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from talkbox.audio.frames import averaged, from_mono, interleaved
from talkbox.audio.ports import CaptureDevice, PlaybackDevice
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.audio.wav import WavInput, WavOutput
from talkbox_hardware import alsa
from tests.support.realtime import realtime
from tests.support.simcard import SimCard, why_not
from tests.support.wav_files import chunk, fmt, wav

pytestmark = pytest.mark.integration

RATE_HZ, PERIOD = 16_000, 160
SPEECH = np.tile(np.arange(-8000, 8000, 100, dtype=np.int16), 200)


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """One kind of device: how to open it, and what it played."""

    capture: Callable[[], CaptureDevice]
    playback: Callable[[], PlaybackDevice]
    played: Callable[[], list[int]] | None
    exclusive: bool


def wav_devices(folder: Path) -> Devices:
    path = folder / "speech.wav"
    path.write_bytes(wav(fmt(rate_hz=RATE_HZ), chunk(b"data", SPEECH.tobytes())))
    out = folder / "out.wav"
    return Devices(
        capture=WavInput(path).open,
        playback=WavOutput(out, rate_hz=RATE_HZ).open,
        played=lambda: np.frombuffer(out.read_bytes()[44:], "<i2").tolist(),
        exclusive=True,
    )


def silent_devices(_folder: Path) -> Devices:
    return Devices(capture=SilentSource, playback=SilentSink, played=None, exclusive=False)


def alsa_devices(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Devices:
    if why_not():
        pytest.skip(why_not())
    card = SimCard(folder / "card", rate_hz=RATE_HZ, channels=2)
    for name, value in card.env.items():
        monkeypatch.setenv(name, value)
    card.say(SPEECH, at_s=card.now_s())
    return Devices(
        capture=lambda: alsa.open_capture("mic", rate_hz=RATE_HZ, period_frames=PERIOD),
        playback=lambda: alsa.open_playback("speaker", rate_hz=RATE_HZ, period_frames=PERIOD),
        played=lambda: [int(sample) for sample in card.played()[:, 1]],
        exclusive=True,
    )


@pytest.fixture(params=["wav", "silent", "alsa"])
def devices(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Devices]:
    with realtime():
        match request.param:
            case "wav":
                yield wav_devices(tmp_path)
            case "silent":
                yield silent_devices(tmp_path)
            case _:
                yield alsa_devices(tmp_path, monkeypatch)


@pytest.fixture
def microphone(devices: Devices) -> Iterator[CaptureDevice]:
    opened = devices.capture()
    yield opened
    opened.close()


@pytest.fixture
def loudspeaker(devices: Devices) -> Iterator[PlaybackDevice]:
    opened = devices.playback()
    yield opened
    opened.close()


def frames(device: CaptureDevice | PlaybackDevice, samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> bytes:
    return from_mono(samples, channels=device.channels, sample_bytes=device.sample_bytes)


def test_a_microphone_says_what_it_gives_and_gives_it(microphone: CaptureDevice) -> None:
    assert microphone.rate_hz == RATE_HZ
    assert microphone.period_frames == PERIOD
    for _ in range(5):
        payload = microphone.read()
        assert len(payload) >= 1
        assert len(payload) % (microphone.channels * microphone.sample_bytes) == 0
        averaged(interleaved(payload, sample_bytes=microphone.sample_bytes), channels=microphone.channels)


def test_a_microphone_keeps_time(microphone: CaptureDevice) -> None:
    microphone.read()
    began_s = time.monotonic()
    heard = sum(len(microphone.read()) for _ in range(30)) // (microphone.channels * microphone.sample_bytes)
    took_s = time.monotonic() - began_s
    assert heard == 30 * PERIOD
    assert took_s > 0.25


def test_a_late_reader_loses_no_more_than_he_is_told_of(microphone: CaptureDevice) -> None:
    microphone.read()
    time.sleep(1.2)  # more than any of them keeps
    for _ in range(10):
        assert microphone.read()
    assert microphone.xruns == 1


def test_a_loudspeaker_lets_nobody_run_ahead(loudspeaker: PlaybackDevice) -> None:
    silence = np.zeros(PERIOD, np.int16)
    loudspeaker.write(frames(loudspeaker, np.zeros(loudspeaker.ahead_frames, np.int16)))
    began_s = time.monotonic()
    for _ in range(30):
        loudspeaker.write(frames(loudspeaker, silence))
        assert 0 <= loudspeaker.queued_frames() <= loudspeaker.ahead_frames
    assert time.monotonic() - began_s > 0.25


def test_how_far_one_may_run_ahead_can_be_changed_while_it_plays(loudspeaker: PlaybackDevice) -> None:
    silence = frames(loudspeaker, np.zeros(PERIOD, np.int16))
    assert loudspeaker.ahead_frames == 4 * PERIOD
    for periods in (8, 3):
        loudspeaker.ahead_frames = periods * PERIOD
        queued = []
        for _ in range(20):
            loudspeaker.write(silence)
            queued.append(loudspeaker.queued_frames())
        assert (periods - 2) * PERIOD <= max(queued[-5:]) <= periods * PERIOD == loudspeaker.ahead_frames
    assert loudspeaker.xruns == 0


def test_what_is_queued_is_counted_down(loudspeaker: PlaybackDevice) -> None:
    loudspeaker.write(frames(loudspeaker, np.zeros(loudspeaker.ahead_frames, np.int16)))
    assert loudspeaker.queued_frames() > 0
    time.sleep(0.2)
    assert loudspeaker.queued_frames() == 0


def test_a_late_writer_is_counted_and_heard_again(loudspeaker: PlaybackDevice) -> None:
    loudspeaker.write(frames(loudspeaker, np.zeros(loudspeaker.ahead_frames, np.int16)))
    time.sleep(0.8)  # more than any of them forgives
    for _ in range(5):
        loudspeaker.write(frames(loudspeaker, np.zeros(PERIOD, np.int16)))
    assert loudspeaker.xruns >= 1
    assert loudspeaker.queued_frames() > 0


def test_what_is_written_is_played_in_order_and_what_is_dropped_is_not(devices: Devices) -> None:
    if devices.played is None:
        pytest.skip("nobody hears it")
    loudspeaker = devices.playback()
    sound = np.arange(1, 20 * PERIOD + 1, dtype=np.int16)
    loudspeaker.write(frames(loudspeaker, sound[: loudspeaker.ahead_frames]))
    for first in range(loudspeaker.ahead_frames, len(sound), PERIOD):
        loudspeaker.write(frames(loudspeaker, sound[first : first + PERIOD]))
    loudspeaker.drop()
    loudspeaker.close()
    time.sleep(0.05)
    heard = [sample for sample in devices.played() if sample]
    assert heard == list(range(1, len(heard) + 1))
    assert len(sound) - 4 * PERIOD <= len(heard) < len(sound)


def test_closing_twice_is_harmless_and_opening_again_works(devices: Devices) -> None:
    for _ in range(3):
        microphone, loudspeaker = devices.capture(), devices.playback()
        assert microphone.read()
        loudspeaker.write(frames(loudspeaker, np.zeros(PERIOD, np.int16)))
        loudspeaker.drop()
        for device in (microphone, loudspeaker, microphone, loudspeaker):
            device.close()


def test_a_loudspeaker_has_one_user(devices: Devices) -> None:
    if not devices.exclusive:
        pytest.skip("silence can be shared")
    first = devices.playback()
    with pytest.raises(OSError, match=r".") as raised:
        devices.playback()
    assert raised.value.errno == errno.EBUSY
    first.close()
    devices.playback().close()
