from __future__ import annotations

import asyncio

import pytest

from talkbox_agent.audio import Samples
from talkbox_agent.director import Director
from talkbox_agent.outbox import Close, Frame, Outbox, Stall
from talkbox_agent.script import (
    CallTool,
    CloseWith,
    Drop,
    HangUp,
    Rule,
    Say,
    Send,
    SendBinary,
    SendText,
    StaleAudio,
    StallFor,
    Trigger,
    Wait,
)
from tests.support.virtual_time import run


class FakeActor:
    """Remembers what it was told to do."""

    def __init__(self) -> None:
        self.did: list[object] = []

    async def say_as_told(self, text: str, sound: Samples | None) -> None:
        self.did.append((text, None if sound is None else len(sound)))

    async def call_tool(self, name: str, parameters: dict[str, object]) -> object:
        self.did.append((name, parameters))
        return None

    async def hang_up(self) -> None:
        self.did.append("hang up")

    def send_stale_audio(self, chunks: int) -> None:
        self.did.append(chunks)


def test_rules_are_found_by_how_often_something_happened() -> None:
    async def main() -> None:
        second = Rule(when=Trigger.TURN, nth=2, do=(Drop(),))
        every = Rule(when=Trigger.TURN, do=(Drop(),))
        director = Director((second, every), actor=FakeActor(), outbox=Outbox())
        director.happens(Trigger.QUIET)
        assert director.happens(Trigger.TURN) == [every]
        assert director.happens(Trigger.TURN) == [second, every]

    run(main())


def test_the_actor_does_what_takes_time() -> None:
    async def main() -> None:
        actor = FakeActor()
        actions = (
            Say(text="plain"),
            Say(text="tone", tone_hz=880, duration_s=0.5),
            CallTool(name="beep", parameters={"n": 1}),
            Wait(2.0),
            StaleAudio(3),
            HangUp(),
        )
        director = Director((), actor=actor, outbox=Outbox())
        await director.follow(Rule(when=Trigger.STARTED, after_s=1.5, do=actions))
        assert actor.did == [("plain", None), ("tone", 8000), ("beep", {"n": 1}), 3, "hang up"]
        assert asyncio.get_running_loop().time() == pytest.approx(3.5)

    run(main())


def test_faults_go_to_the_outbox_in_order() -> None:
    async def main() -> None:
        outbox = Outbox()
        actions = (
            Send({"type": "x"}),
            SendText("{"),
            SendBinary(b"\0"),
            StallFor(3.0),
            CloseWith(code=1011, reason="r"),
            Drop(),
        )
        await Director((), actor=FakeActor(), outbox=outbox).follow(Rule(when=Trigger.STARTED, do=actions))
        assert [await outbox.get() for _ in actions] == [
            Frame('{"type": "x"}'),
            Frame("{"),
            Frame(b"\0"),
            Stall(3.0),
            Close(1011, "r"),
            Close(None),
        ]

    run(main())
