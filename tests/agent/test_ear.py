from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import numpy as np
import pytest

from talkbox_agent.audio import RATE_HZ, tone
from talkbox_agent.ear import Ear
from talkbox_agent.outbox import Outbox
from talkbox_agent.script import Manner, Script
from talkbox_agent.turns import TurnEnded, loud
from tests.agent.client import ScriptedRecognizer
from tests.support.virtual_time import run


class Listener:
    """What an ear reports."""

    def __init__(self) -> None:
        self.voice_s: list[float] = []
        self.turns: list[TurnEnded] = []
        self.ear: Ear

    async def listen(self, group: asyncio.TaskGroup) -> Outbox:
        def start(job: Coroutine[Any, Any, None]) -> object:
            return group.create_task(job)

        outbox = Outbox()
        self.ear = Ear(
            script=Script(manner=Manner(vad_every_s=0)),
            outbox=outbox,
            recognizer=ScriptedRecognizer(["hello"]),
            is_voice=loud,
            start=start,
            on_voice=self.voice_s.append,
            on_turn=self.turns.append,
        )
        return outbox


def test_voice_is_reported_as_it_goes_on_and_a_turn_when_it_is_over() -> None:
    async def main() -> None:
        listener = Listener()
        async with asyncio.TaskGroup() as group:
            outbox = await listener.listen(group)
            listener.ear.hear(tone(500, 0.9).tobytes())
            assert listener.ear.in_turn
            assert listener.voice_s[0] == pytest.approx(0.15)
            await asyncio.sleep(0.1)
            assert outbox.last_event_id == 1  # the tentative transcript
            listener.ear.hear(np.zeros(RATE_HZ, np.int16).tobytes())
            assert [turn.voice_s for turn in listener.turns] == [pytest.approx(0.9, abs=0.04)]
            listener.ear.close()

    run(main())


def test_a_microphone_that_falls_silent_without_silence_ends_its_turn() -> None:
    async def main() -> None:
        listener = Listener()
        async with asyncio.TaskGroup() as group:
            await listener.listen(group)
            listener.ear.hear(tone(500, 0.4).tobytes())
            await asyncio.sleep(2.4)
            assert not listener.turns
            await asyncio.sleep(0.2)
            assert len(listener.turns) == 1

    run(main())
