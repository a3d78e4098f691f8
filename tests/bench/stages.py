"""Each stage of the audio path alone, on the same sound, in this process: CPU milliseconds a second of sound."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, Protocol

from talkbox.audio.analyser import Analyser
from talkbox.audio.capture import CapturePath
from talkbox.audio.chunker import Chunker
from talkbox.audio.echo import backends, choice, speex, webrtc
from talkbox.audio.echo.cascade import TAIL_S
from talkbox.audio.echo.delay import DelayTracker
from talkbox.audio.echo.kalman import Kalman
from talkbox.audio.echo.loss import LossMeter
from talkbox.audio.echo.reference import Reference
from talkbox.audio.echo.stage import Stage
from talkbox.audio.formats import AudioFormat, Decoder, Samples
from talkbox.audio.frames import from_mono
from talkbox.audio.level import MicLevel
from talkbox.audio.limiter import Limiter
from talkbox.audio.meter import Meter
from talkbox.audio.playback import PlaybackBuffer
from talkbox.audio.resample import Resampler
from talkbox.audio.voice import Voice
from talkbox.audio.volume import Ramp, gain_of
from talkbox.conversation.outgoing import user_audio
from talkbox.conversation.parse import parse
from tests.bench.figures import Report
from tests.bench.voice import voiced

FORMAT = AudioFormat.parse("pcm_16000")
RATE_HZ, BLOCK, CHUNK = 16_000, 160, 320
SECONDS, REPEATS = 4, 5
MESSAGE_S = 0.25
Step = Callable[[int], object]
"""A stage's work; called with the number of the block."""

Stages = dict[str, tuple[Step, float]]
"""By name: the work, and how many seconds of sound one call of it is for."""


def measure(report: Report, *, rate_hz: int) -> None:
    """Measure every stage for a card at `rate_hz` and an agent at 16 kHz; blocks of 10 ms unless the name says else."""
    report.begin(f"stages: each alone, card at {rate_hz} Hz, ms CPU a second of sound (median of {REPEATS})")
    for title, stages in both_ways(rate_hz).items():
        report.line(title)
        for name, (step, every_s) in stages.items():
            report.add(f"  {name}", _cost_ms(step, every_s=every_s), unit="ms/s")


def both_ways(rate_hz: int) -> dict[str, Stages]:
    """Return the stages of each direction."""
    return {"microphone → wire": _heard(rate_hz), "wire → loudspeaker": _said(rate_hz)}


def _cost_ms(step: Step, *, every_s: float) -> float:
    count = round(SECONDS / every_s)
    costs, at = [], 0
    for _ in range(REPEATS):
        began_s = time.process_time()
        for number in range(at, at + count):
            step(number)
        costs.append((time.process_time() - began_s) * 1000 / SECONDS)
        at += count
    return median(costs)


def _heard(rate_hz: int) -> Stages:
    card, near, far = _Sound(rate_hz, seed=1), _Sound(RATE_HZ, seed=1), _Sound(RATE_HZ, seed=2)
    frames = [from_mono(card(n, seconds=0.02), channels=2, sample_bytes=2) for n in range(50)]
    payload = FORMAT.encode(near(0, seconds=0.02))
    level = MicLevel(rate_hz=rate_hz, channels=2, sample_bytes=2)
    stages: Stages = {"mono, DC block, gain, clipping (20 ms)": (lambda n: level.process(frames[n % 50]), 0.02)}
    if rate_hz != RATE_HZ:
        down = Resampler(from_hz=rate_hz, to_hz=RATE_HZ)
        stages["resample to 16 kHz (20 ms)"] = (lambda n: down.process(card(n, seconds=0.02)), 0.02)
    stages |= _cancelers(rate_hz, card, near, far)
    meter, analyser, chunker = Meter(), Analyser(), Chunker(CHUNK)
    whole = CapturePath(chunk_ms=20)
    whole.negotiate(FORMAT)
    wire = _wire()
    text = user_audio(payload)

    def looked_at(n: int) -> object:
        meter.feed(near(n), rate_hz=RATE_HZ)
        return n % 3 or meter.level

    def framed(_: int) -> object:
        wire.send_text(text)
        return wire.data_to_send()

    stages |= {
        "meter, looked at 33 times a second": (looked_at, 0.01),
        "analyser, not looked at": (lambda n: analyser.feed(near(n)), 0.01),
        "chunks (20 ms)": (lambda n: chunker.push(near(n, seconds=0.02)), 0.02),
        "encode (20 ms)": (lambda n: FORMAT.encode(near(n, seconds=0.02)), 0.02),
        "all of the capture path (20 ms)": (lambda n: whole.feed(near(n, seconds=0.02), rate_hz=RATE_HZ), 0.02),
        "base64, JSON (20 ms)": (lambda _: user_audio(payload), 0.02),
        "WebSocket frame, masked (20 ms)": (framed, 0.02),
    }
    return stages


def _cancelers(rate_hz: int, card: _Sound, near: _Sound, far: _Sound) -> Stages:
    """The canceller's parts, then the whole of it as the microphone's thread runs it, the reference included."""
    tracker, meter = DelayTracker(), LossMeter()
    stages: Stages = {
        "echo: delay tracker": (lambda n: tracker.feed(near(n), far(n)), 0.01),
        "echo: loss meter": (lambda n: meter.feed(near(n), far(n + 3), far(n)), 0.01),
    }
    kalman = Kalman()
    stages["echo: linear filter, where speexdsp is missing"] = (lambda n: kalman.process(near(n), far(n)), 0.01)
    if speex.library() is not None:
        mdf = speex.Mdf(tail_s=TAIL_S)
        stages["echo: linear filter"] = (lambda n: mdf.process(near(n), far(n)), 0.01)
    if not webrtc.is_installed():
        return stages
    aec3, reference = webrtc.Aec3(), Reference()
    reference.opened(rate_hz=rate_hz)
    stage = Stage(backends.make(choice.Backend.CASCADE), reference, rate_hz=rate_hz)
    heard = _Echo(card)

    def both(n: int) -> object:
        reference.write(card(n, seconds=0.02))
        reference.heard(max(0, n - 2) * rate_hz // 50, now_s=n * 0.02)
        return stage.process(heard(n), now_s=n * 0.02)

    stages["echo: AEC3 with noise suppression"] = (lambda n: aec3.process(near(n), far(n)), 0.01)
    stages["echo: all of the cascade, reference (20 ms)"] = (both, 0.02)
    return stages


def _said(rate_hz: int) -> Stages:
    agent = _Sound(RATE_HZ, seed=3)
    payload = FORMAT.encode(agent(0, seconds=MESSAGE_S))
    event = {"event_id": 1, "audio_base_64": base64.b64encode(payload).decode()}
    text = json.dumps({"type": "audio", "audio_event": event})
    sent = Frame(Opcode.TEXT, text.encode()).serialize(mask=False)
    wire, decoder, buffer = _wire(), Decoder(FORMAT), PlaybackBuffer(rate_hz=RATE_HZ)
    ramp, analyser, meter = Ramp(gain_of(0.8)), Analyser(), Meter()
    voice = Voice(gain=gain_of(0.8))
    voice.negotiate(FORMAT, rate_hz=rate_hz)
    limiter, card = Limiter(), _Sound(rate_hz, seed=3)

    def waiting(n: int) -> object:
        if n % 25 == 0:
            buffer.write(agent(n, seconds=MESSAGE_S))
        return buffer.read(BLOCK)

    def whole(n: int) -> object:
        if n % 25 == 0:
            voice.play(payload)
        voice.heard(max(0, n - 3) * rate_hz // 100)
        return voice.render(rate_hz // 100, first_frame=n * rate_hz // 100)

    def unframed(_: int) -> object:
        wire.receive_data(sent)
        return wire.events_received()

    def shown(n: int) -> None:
        analyser.feed(agent(n))
        meter.feed(agent(n), rate_hz=RATE_HZ)

    stages: Stages = {
        "WebSocket frame (250 ms)": (unframed, MESSAGE_S),
        "JSON, base64 (250 ms)": (lambda _: parse(text), MESSAGE_S),
        "decode (250 ms)": (lambda _: decoder.decode(payload), MESSAGE_S),
        "buffer": (waiting, 0.01),
        "volume": (lambda n: ramp.apply(agent(n)), 0.01),
        "meter and analyser, not looked at": (shown, 0.01),
    }
    if rate_hz != RATE_HZ:
        up = Resampler(from_hz=RATE_HZ, to_hz=rate_hz)
        stages["resample to the card's rate"] = (lambda n: up.process(agent(n)), 0.01)
    stages["all of the voice, from payload to samples"] = (whole, 0.01)
    stages["limiter, untouched"] = (lambda n: limiter.process(card(n), rate_hz=rate_hz), 0.01)
    stages["mono to frames"] = (lambda n: from_mono(card(n), channels=2, sample_bytes=2), 0.01)
    return stages


def _wire() -> Protocol:
    """A connection that is open: the frames alone, without a handshake and without a socket."""
    return Protocol(CLIENT, max_size=None)


class _Sound:
    """A few seconds of voice, over and over, in blocks."""

    def __init__(self, rate_hz: int, *, seed: int) -> None:
        self._rate_hz = rate_hz
        self._samples = np.concatenate([voiced(seed * 10 + n, seconds=1.0, rate_hz=rate_hz) for n in range(4)])

    def __call__(self, number: int, *, seconds: float = 0.01) -> Samples:
        size = round(seconds * self._rate_hz)
        at = number * size % (len(self._samples) - size + 1) // size * size
        return self._samples[at : at + size]


class _Echo:
    """What the card plays, 60 ms later and softer, as frames of 20 ms."""

    def __init__(self, card: _Sound) -> None:
        self._card = card

    def __call__(self, number: int) -> Samples:
        return self._card(max(0, number - 3), seconds=0.02) // 3
