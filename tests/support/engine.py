"""The audio engine on the simulated card, for integration tests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager

from talkbox.audio.echo.path import EchoPath
from talkbox.audio.engine import AudioEngine
from talkbox.audio.ports import CaptureDevice, PlaybackDevice
from talkbox_hardware import alsa

RATE_HZ, PERIOD = 48_000, 480
LIMIT_S = 60.0


def engine(
    capture: Callable[[], CaptureDevice] | None = None,
    playback: Callable[[], PlaybackDevice] | None = None,
    *,
    echo: EchoPath | None = None,
    stall_s: float = 20.0,
    patience_s: float = 60.0,
) -> AudioEngine:
    """Return one on the simulated card at `RATE_HZ`, but for what is given; patient, since the machine may be busy."""
    return AudioEngine(
        open_capture=capture or (lambda: alsa.open_capture("mic", rate_hz=RATE_HZ, period_frames=PERIOD)),
        open_playback=playback or (lambda: alsa.open_playback("speaker", rate_hz=RATE_HZ, period_frames=PERIOD)),
        volume=1.0,
        stall_s=stall_s,
        patience_s=patience_s,
        echo=echo,
    )


@asynccontextmanager
async def session(audio: AudioEngine) -> AsyncIterator[AudioEngine]:
    """Hold a session at 16 kHz while the body runs, and shut everything down."""
    await audio.open()
    try:
        audio.negotiate(input_format="pcm_16000", output_format="pcm_16000")
        yield audio
    finally:
        await audio.close()
        await audio.shutdown()


def run(main: Callable[[], Coroutine[None, None, None]]) -> None:
    """Run a test's body, which ends within `LIMIT_S`."""

    async def bounded() -> None:
        async with asyncio.timeout(LIMIT_S):
            await main()

    asyncio.run(bounded())
