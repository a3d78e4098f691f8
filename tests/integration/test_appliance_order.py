"""The promise of the light, with the real engine, its threads and a real WebSocket: lit before the microphone opens."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from talkbox.appliance.orchestrator import Appliance
from talkbox.audio.engine import AudioEngine
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.config import load
from talkbox.controls.gestures import Gesture
from talkbox.conversation.conversation import Conversation
from talkbox.lights.animator import Animator
from tests.support.appliance import FakeMemory, Journal, WatchedLeds
from tests.support.service import Service

pytestmark = pytest.mark.integration


class WatchedSource(SilentSource):
    """A microphone that writes down when it is opened and closed."""

    def __init__(self, journal: Journal) -> None:
        journal.append("microphone open")
        super().__init__(rate_hz=16_000, period_frames=160)
        self._journal = journal

    def close(self) -> None:
        super().close()
        if self._journal[-1] != "microphone closed":  # it may be closed twice
            self._journal.append("microphone closed")


def _end(device: Appliance, service: Service, ending: str) -> None:
    if ending == "button":
        device.post(Gesture.PRESSED)
        device.post(Gesture.TAPPED)
    else:
        service.drop()


@pytest.mark.parametrize("ending", ["button", "drop"])
def test_the_light_is_latched_before_the_microphone_opens_and_goes_out_after_it_is_closed(ending: str) -> None:
    journal: Journal = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        engine = AudioEngine(
            open_capture=lambda: WatchedSource(journal),
            open_playback=lambda: SilentSink(rate_hz=16_000, period_frames=160),
        )
        animator = Animator(WatchedLeds(journal))
        async with Service() as service:
            device = Appliance(
                config=load(None, environ={}, overrides=["audio.cues=false"]),
                sound=engine,
                animator=animator,
                memory=FakeMemory(),
                converse=partial(Conversation.start_session, agent_id="x", server=service.url, audio=engine),
                power_off=lambda: None,
                clock=loop.time,
            )
            running = asyncio.ensure_future(device.run())
            device.post(Gesture.PRESSED)
            device.post(Gesture.TAPPED)
            await service.wait_for("user_audio_chunk")
            assert journal == ["light on", "microphone open"]
            with device.events.subscribe() as events:
                _end(device, service, ending)
                while (await events.get()).get("state") != "idle":
                    continue
            await asyncio.sleep(2.0)  # the notice of an error is over
            device.stop()
            await running
        await engine.shutdown()

    asyncio.run(main())
    # After an error the row blinks; what counts is the first time that it is dark.
    assert journal[:4] == ["light on", "microphone open", "microphone closed", "light out"]
