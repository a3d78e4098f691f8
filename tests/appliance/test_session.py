import asyncio
import contextlib
import logging
from typing import Any

import pytest

from talkbox.appliance.ports import Session
from talkbox.appliance.session import END_LIMIT_S, SessionRunner, UserSpoke
from talkbox.appliance.state import Input
from talkbox.conversation.events import AgentResponseCorrection
from talkbox.conversation.values import Reason
from talkbox.errors import (
    AudioDeviceLost,
    ServiceError,
    SessionLost,
    SessionRefused,
    SessionUnreachable,
    TalkboxError,
    ToolFailed,
)
from talkbox.logs import STANDING
from tests.support.appliance import FakeService, FakeSound, Journal
from tests.support.virtual_time import run


class Fixture:
    """A runner between a made-up service and an inbox that is a list."""

    def __init__(self) -> None:
        self.journal: Journal = []
        self.service = FakeService(self.journal)
        self.inbox: list[Input | UserSpoke] = []
        self.sound = FakeSound(self.journal)
        self.events: list[tuple[str, dict[str, object]]] = []
        self.runner = SessionRunner(
            converse=self.service,
            tools={"shout": self._shout},
            post=self.inbox.append,
            publish=lambda name, /, **fields: self.events.append((name, fields)),
            sound=self.sound,
        )

    async def _shout(self, parameters: object) -> object:
        return f"{parameters}!"


def test_one_session_tells_connected_first_and_its_end_last(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fixture = Fixture()

    async def main() -> None:
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(1.0)
        fixture.service.conversation.user_says("hello")
        fixture.service.conversation.agent_speaks()
        assert fixture.runner.mode == "speaking"
        fixture.service.conversation.agent_falls_silent()
        await fixture.runner.end()
        await running

    run(main())
    assert fixture.inbox == [Input.CONNECTED, UserSpoke(), Input.AGENT_SPEAKS, Input.AGENT_DONE, Input.CLOSED]
    assert (fixture.runner.current, fixture.runner.mode) == (None, None)
    assert [name for name, _ in fixture.events] == ["connected", "message", "mode", "mode", "disconnected"]
    *told, metrics = caplog.messages
    assert told == [
        "conversation conv_1 began, 0.30 s after the press",
        "the user spoke",
        "conversation conv_1 ended by user after 1.0 s",
    ]
    assert metrics.startswith("metrics: 1 s; answer 0 ms (p95 0); underruns 0, starved 0, ")
    assert [record.__dict__["event"] for record in caplog.records] == [
        "session_started",
        "user_spoke",
        "session_ended",
        "metrics",
    ]
    assert caplog.records[-1].__dict__["turns"] == 1


def test_what_goes_on_stands_in_every_entry_of_the_journal() -> None:
    fixture = Fixture()

    async def main() -> None:
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(1.0)
        fixture.service.conversation.agent_speaks()
        assert STANDING.fields().items() >= {"conversation_id": "conv_1", "mode": "speaking"}.items()
        fixture.service.conversation.close(Reason.AGENT)
        await running

    run(main())
    assert not STANDING.fields().keys() & {"conversation_id", "mode"}


@pytest.mark.parametrize("by", ["the button", "the user's voice"])
def test_an_interruption_is_logged_where_something_was_being_heard(by: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fixture = Fixture()

    async def main() -> None:
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(1.0)
        for speaks in (False, True):
            if speaks:
                fixture.service.conversation.agent_speaks()
            if by == "the button":
                fixture.runner.silence_agent()
            else:
                fixture.service.conversation.interrupted()
        fixture.service.conversation.close(Reason.AGENT)
        await running
        fixture.runner.silence_agent()

    run(main())
    assert caplog.messages.count(f"the agent was interrupted by {by}") == 1
    assert caplog.records[-1].__dict__["interruptions"] == 1
    assert fixture.journal.count("silence agent") == (2 if by == "the button" else 0)


@pytest.mark.parametrize(
    ("error", "level"),
    [
        (SessionLost("gone"), logging.ERROR),
        (ServiceError("slow"), logging.WARNING),
        (ToolFailed("no", tool="shout"), logging.WARNING),
    ],
)
def test_what_ends_a_conversation_is_an_error_and_what_does_not_a_warning(
    error: TalkboxError, level: int, caplog: pytest.LogCaptureFixture
) -> None:
    Fixture().runner.report(error)
    [record] = caplog.records
    assert record.levelno == level
    assert (record.__dict__["event"], record.__dict__["error"]) == ("error", type(error).__name__)


def test_counts_are_kept_over_sessions() -> None:
    fixture = Fixture()

    async def main() -> None:
        for sessions in (1, 2):
            running = asyncio.ensure_future(fixture.runner.run())
            await asyncio.sleep(1.0)
            assert fixture.runner.chunks_sent == 50 * sessions
            fixture.service.conversation.close(Reason.AGENT)
            await running
            assert (fixture.runner.count, fixture.runner.chunks_sent) == (sessions, 50 * sessions)
            assert fixture.runner.stale_audio == sessions

    run(main())


def test_a_broken_session_is_told_once_with_its_remedy(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fixture = Fixture()

    async def main() -> None:
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(1.0)
        fixture.service.conversation.tell("on_error", SessionLost("internal error", code=1011))
        fixture.service.conversation.close(Reason.ERROR, code=1011, text="internal error")
        await running

    run(main())
    assert fixture.inbox[-1] is Input.FAILED
    _, told, ended, _ = caplog.records
    assert (told.levelno, told.getMessage()) == (logging.ERROR, "internal error")
    assert told.__dict__["hint"]
    assert ended.getMessage() == "conversation conv_1 ended by error after 1.0 s"


def test_a_refusal_is_reported_once_with_its_remedy(caplog: pytest.LogCaptureFixture) -> None:
    fixture = Fixture()
    fixture.service.error = SessionRefused(status=404, reason="no such agent")
    run(fixture.runner.run())
    assert fixture.inbox == [Input.FAILED]
    [record] = caplog.records
    assert record.getMessage() == "session refused (404): no such agent"
    assert "agent.agent_id" in record.__dict__["hint"]
    assert fixture.events[0][1]["hint"] == record.__dict__["hint"]


def test_a_card_that_failed_and_works_again_is_said(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    fixture = Fixture()

    async def main() -> None:
        fixture.service.error = AudioDeviceLost("microphone: no such device")
        await fixture.runner.run()
        fixture.service.error = None
        for _ in range(2):
            running = asyncio.ensure_future(fixture.runner.run())
            await asyncio.sleep(1.0)
            fixture.service.conversation.close(Reason.AGENT)
            await running

    run(main())
    assert caplog.text.count("the sound card works again") == 1


def test_a_cancellation_from_outside_is_not_taken_for_an_end() -> None:
    fixture = Fixture()

    async def main() -> None:
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(0.1)
        running.cancel()
        await running

    with pytest.raises(asyncio.CancelledError):
        run(main())
    assert fixture.inbox == []
    assert fixture.journal[-1] == "devices closed"


def test_ending_what_has_not_begun_is_harmless() -> None:
    fixture = Fixture()
    run(fixture.runner.end())
    assert fixture.inbox == []


def test_an_end_that_comes_in_the_moment_of_success_ends_the_session_all_the_same() -> None:
    fixture = Fixture()

    async def main() -> None:
        async def converse(**options: Any) -> Session:
            conversation = await fixture.service(**options)
            ending.append(asyncio.ensure_future(fixture.runner.end()))
            return conversation

        ending: list[asyncio.Future[None]] = []
        fixture.runner._converse = converse
        await fixture.runner.run()
        await ending[0]

    run(main())
    assert fixture.inbox == [Input.CONNECTED, Input.CLOSED]
    assert fixture.journal[-1] == "devices closed"


def test_a_session_that_is_canceled_after_its_first_words_leaves_no_mode_behind() -> None:
    fixture = Fixture()

    async def main() -> None:
        async def converse(**options: Any) -> Session:
            options["on_mode_change"]("speaking")
            return await fixture.service(**options)

        fixture.runner._converse = converse
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(0.1)
        await fixture.runner.end()
        await running

    run(main())
    assert fixture.inbox[-1] is Input.CLOSED
    assert fixture.runner.mode is None


@pytest.mark.parametrize("connected", [False, True])
def test_a_session_that_does_not_close_is_a_bug_and_no_trap(connected: bool) -> None:
    fixture = Fixture()

    async def main() -> None:
        async def converse(**options: Any) -> Session:
            if connected:
                return await fixture.service(**options)
            while True:
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait_for(released.wait(), 3600.0)
                    raise SessionUnreachable("at last")

        released = asyncio.Event()
        fixture.runner._converse = converse
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(1.0)
        if connected:
            fixture.service.conversation.stuck = True
        with pytest.raises(RuntimeError, match="did not close within 20 s"):
            await fixture.runner.end()
        assert asyncio.get_running_loop().time() == pytest.approx(1.0 + END_LIMIT_S)
        assert not running.done()
        released.set()
        if connected:
            fixture.service.conversation.close(Reason.USER)
        await running

    run(main())


def test_an_interrupted_answer_is_told_as_far_as_it_was_heard() -> None:
    fixture = Fixture()

    async def main() -> None:
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(1.0)
        correction = AgentResponseCorrection(original="once upon a time", corrected="once upon", event_id=4)
        fixture.service.conversation.tell("on_agent_response_correction", correction)
        fixture.service.conversation.close(Reason.AGENT)
        await running

    run(main())
    assert ("corrected", {"text": "once upon", "event_id": 4}) in fixture.events


def test_a_tool_that_is_used_is_told_and_answers() -> None:
    fixture = Fixture()

    async def main() -> object:
        running = asyncio.ensure_future(fixture.runner.run())
        await asyncio.sleep(1.0)
        answer = await fixture.service.tools["shout"]({"a": 1})
        fixture.service.conversation.close(Reason.AGENT)
        await running
        return answer

    assert run(main()) == "{'a': 1}!"
    assert ("tool", {"name": "shout"}) in fixture.events
