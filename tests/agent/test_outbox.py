from __future__ import annotations

import json

from talkbox_agent.outbox import Close, Frame, Outbox, Stall
from tests.support.virtual_time import run


async def sent(outbox: Outbox, count: int) -> list[object]:
    taken = [await outbox.get() for _ in range(count)]
    return [json.loads(each.content) if isinstance(each, Frame) else each for each in taken]


def test_messages_are_numbered_and_keep_their_order() -> None:
    async def main() -> None:
        outbox = Outbox()
        assert outbox.send("ping", {"ping_ms": None}) == 1
        outbox.put(Stall(2.0))
        assert outbox.send("user_transcript", {"user_transcript": "hi"}) == 2
        outbox.put(Close(1000))
        assert await sent(outbox, 4) == [
            {"type": "ping", "ping_event": {"ping_ms": None, "event_id": 1}},
            Stall(2.0),
            {"type": "user_transcript", "user_transcription_event": {"user_transcript": "hi", "event_id": 2}},
            Close(1000),
        ]

    run(main())


def test_some_messages_have_no_number() -> None:
    async def main() -> None:
        outbox = Outbox()
        outbox.send("vad_score", {"vad_score": 0.5})
        assert await sent(outbox, 1) == [{"type": "vad_score", "vad_score_event": {"vad_score": 0.5}}]
        assert outbox.last_event_id == 0

    run(main())


def test_an_old_number_can_be_used_again() -> None:
    async def main() -> None:
        outbox = Outbox()
        outbox.send("interruption", {})
        assert outbox.send("audio", {}, event_id=0) == 0
        assert outbox.last_event_id == 1

    run(main())


def test_what_the_client_does_not_want_is_numbered_and_not_sent() -> None:
    async def main() -> None:
        outbox = Outbox()
        outbox.client_events = frozenset({"ping"})
        outbox.send("audio", {})
        outbox.send("conversation_initiation_metadata", {})
        outbox.send("ping", {})
        assert [m["type"] for m in await sent(outbox, 2) if isinstance(m, dict)] == [
            "conversation_initiation_metadata",
            "ping",
        ]
        assert outbox.last_event_id == 2
        assert not outbox.wants("audio")

    run(main())
