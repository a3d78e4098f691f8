"""The engine with its echo canceller, on a simulated card whose microphone hears its loudspeaker."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from talkbox.audio.echo.backends import installed, make
from talkbox.audio.echo.choice import Backend
from talkbox.audio.engine import AudioEngine
from talkbox.audio.formats import Samples
from talkbox_hardware import alsa
from tests.support.realtime import realtime
from tests.support.simcard import SimCard, why_not

pytestmark = [pytest.mark.integration, pytest.mark.skipif(bool(why_not()), reason=why_not())]
needs_cascade = pytest.mark.skipif(not (installed().aec3 and installed().speexdsp), reason="no cascade is installed")

WIRE_HZ = 16_000
LATE_S = 0.06
LIMIT_S = 60.0


def room(rate_hz: int, *, times: float = 1.0) -> NDArray[np.float32]:
    """A response; the echo is about 6 dB softer than what is played, and so many ``times`` as loud."""
    taps = np.zeros(int((LATE_S + 0.01) * rate_hz), np.float32)
    for at_s, gain in [(0.0, 0.5), (0.002, -0.2), (0.005, 0.1)]:
        taps[int((LATE_S + at_s) * rate_hz)] = gain * times
    return taps


@pytest.fixture(params=[16_000, 48_000])
def card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[SimCard]:
    card = SimCard(tmp_path / "card", rate_hz=request.param, room=room(request.param))
    yield from _in_use(card, monkeypatch)


@pytest.fixture
def close_card(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimCard]:
    """Its microphone stands so close to the loudspeaker that it is overdriven."""
    card = SimCard(tmp_path / "card", rate_hz=WIRE_HZ, room=room(WIRE_HZ, times=8.0))
    yield from _in_use(card, monkeypatch)


def _in_use(card: SimCard, monkeypatch: pytest.MonkeyPatch) -> Iterator[SimCard]:
    for name, value in card.env.items():
        monkeypatch.setenv(name, value)
    with realtime():
        yield card


def syllables(seconds: float) -> Samples:
    """Noise with pauses, as an agent speaks."""
    rng = np.random.default_rng(1)
    loud = np.repeat(rng.choice([0.0, 0.4, 1.0], int(seconds * 10)), WIRE_HZ // 10)
    samples: Samples = (rng.standard_normal(len(loud)).clip(-3, 3) * loud * 4000).astype(np.int16)
    return samples


async def _heard(
    card: SimCard, backend: Backend, *, seconds: float, spoken: float, until_half_duplex: bool = False
) -> tuple[Samples, AudioEngine]:
    """What the agent hears of its own speech of the first ``spoken`` seconds; ``seconds`` of it, from then on."""
    audio = _engine(card, backend)
    payload = b""
    async with asyncio.timeout(LIMIT_S):
        await audio.open()
        try:
            audio.negotiate(input_format="pcm_16000", output_format="pcm_16000")
            audio.play(syllables(spoken).tobytes())
            while until_half_duplex and not audio.echo["half_duplex"]:
                await audio.read()
            payload = await _read(audio, seconds)
        finally:
            await audio.shutdown()
    return np.frombuffer(payload, np.int16), audio


def _engine(card: SimCard, backend: Backend) -> AudioEngine:
    rate_hz, period = card.rate_hz, card.rate_hz // 100
    return AudioEngine(
        open_capture=lambda: alsa.open_capture("mic", rate_hz=rate_hz, period_frames=period),
        open_playback=lambda: alsa.open_playback("speaker", rate_hz=rate_hz, period_frames=period),
        volume=1.0,
        stall_s=20.0,
        echo=make(backend),
    )


async def _read(audio: AudioEngine, seconds: float) -> bytes:
    payload = b""
    while len(payload) < seconds * WIRE_HZ * 2:
        payload += await audio.read()
    return payload


def level_db(samples: Samples) -> float:
    return float(10 * np.log10((samples.astype(float) ** 2).mean() / 32768.0**2 + 1e-12))


@needs_cascade
def test_the_agent_does_not_hear_itself(card: SimCard) -> None:
    with_echo, _ = asyncio.run(_heard(card, Backend.NONE, seconds=7.0, spoken=6.5))
    without, audio = asyncio.run(_heard(card, Backend.CASCADE, seconds=7.0, spoken=6.5))
    last = slice(4 * WIRE_HZ, 6 * WIRE_HZ)
    assert level_db(with_echo[last]) > -35
    assert level_db(without[last]) < level_db(with_echo[last]) - 20
    loss_db = audio.echo["loss_db"]
    assert isinstance(loss_db, float)
    assert loss_db > 15
    assert audio.echo["half_duplex"] is False


def test_without_a_canceller_an_echo_makes_it_half_duplex_and_that_is_said(
    card: SimCard, caplog: pytest.LogCaptureFixture
) -> None:
    # 8 s of its speech are enough, and 2 s more for each slip of a busy machine.
    heard, _ = asyncio.run(_heard(card, Backend.NONE, seconds=1.5, spoken=40.0, until_half_duplex=True))
    assert not heard[WIRE_HZ // 2 :].any()
    assert len([record for record in caplog.records if "half duplex" in record.getMessage()]) == 1


@needs_cascade
def test_a_card_that_comes_back_has_the_echo_taken_out_of_it_as_before(
    card: SimCard, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> Samples:
        audio = _engine(card, Backend.CASCADE)
        payload = b""
        async with asyncio.timeout(LIMIT_S):
            await audio.open()
            try:
                audio.negotiate(input_format="pcm_16000", output_format="pcm_16000")
                audio.play(syllables(14.0).tobytes())
                await _read(audio, 6.0)
                card.fault("gone")
                await _read(audio, 1.5)
                card.fault()
                await _read(audio, 3.5)
                payload = await _read(audio, 1.5)
            finally:
                await audio.shutdown()
        assert audio.echo["half_duplex"] is False
        return np.frombuffer(payload, np.int16)

    with caplog.at_level("INFO"):
        heard = asyncio.run(main())
    assert [said for said in caplog.messages if "works again" in said]
    assert level_db(heard) < -50


@needs_cascade
def test_a_loudspeaker_that_overdrives_the_microphone_is_held_back_for_good(
    close_card: SimCard, caplog: pytest.LogCaptureFixture
) -> None:
    async def main() -> tuple[float, float]:
        audio = _engine(close_card, Backend.CASCADE)
        peaks = []
        async with asyncio.timeout(LIMIT_S):
            try:
                for _ in range(2):  # what was learned outlives a session
                    await audio.open()
                    audio.negotiate(input_format="pcm_16000", output_format="pcm_16000")
                    audio.play(syllables(9.0).tobytes())
                    await _read(audio, 5.0)
                    began_s = close_card.now_s()
                    await _read(audio, 3.0)
                    peaks.append(_echo_peak_db(close_card, began_s, close_card.now_s()))
                    await audio.close()
            finally:
                await audio.shutdown()
        assert isinstance(audio.echo["ceiling_db"], float)
        assert audio.echo["ceiling_db"] < -15
        return peaks[0], peaks[1]

    with caplog.at_level("INFO"):
        first_db, second_db = asyncio.run(main())
    assert -25 < first_db < -6
    assert -25 < second_db < -6
    assert len([said for said in caplog.messages if "held back" in said]) == 1


def _echo_peak_db(card: SimCard, from_s: float, to_s: float) -> float:
    """The highest peak of what reached the microphone of the loudspeaker, had it room for it."""
    heard = np.convolve(card.played(from_s=from_s, to_s=to_s)[:, 0] / 32768, room(card.rate_hz, times=8.0))
    return float(20 * np.log10(np.abs(heard).max()))
