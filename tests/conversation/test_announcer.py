"""The application is told what is news."""

import pytest

from talkbox.conversation import events
from talkbox.conversation.announcer import Announcer, message_of
from talkbox.conversation.callbacks import CallbackRunner, Callbacks
from talkbox.conversation.values import Message, Mode, Source, Status
from talkbox.errors import ServiceError
from tests.support.virtual_time import run


async def told(*names: str) -> tuple[list[tuple[str, object]], Announcer, CallbackRunner]:
    seen: list[tuple[str, object]] = []
    runner = CallbackRunner({name: lambda argument, name=name: seen.append((name, argument)) for name in names})
    return seen, Announcer(runner), runner


def test_status_mode_and_feedback_are_told_on_change_only() -> None:
    async def story() -> list[tuple[str, object]]:
        seen, tell, runner = await told(*Callbacks.__annotations__)
        for status in (Status.CONNECTING, Status.CONNECTING, Status.CONNECTED, Status.CONNECTED, Status.DISCONNECTED):
            tell.set_status(status)
        for mode in (Mode.LISTENING, Mode.SPEAKING, Mode.SPEAKING, Mode.LISTENING):
            tell.set_mode(mode)
        runner.finish()
        await runner.run()
        assert (tell.status, tell.mode) == (Status.DISCONNECTED, Mode.LISTENING)
        return seen

    assert run(story()) == [
        ("on_status_change", "connecting"),
        ("on_status_change", "connected"),
        ("on_can_send_feedback_change", True),
        ("on_status_change", "disconnected"),
        ("on_can_send_feedback_change", False),
        ("on_mode_change", "speaking"),
        ("on_mode_change", "listening"),
    ]


def test_an_error_is_told_or_else_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def story(*names: str) -> list[tuple[str, object]]:
        seen, tell, runner = await told(*names)
        tell.error(error)
        runner.finish()
        await runner.run()
        return seen

    error = ServiceError("the service reports a fault")
    assert run(story("on_error")) == [("on_error", error)]
    assert not caplog.messages
    assert not run(story())
    assert caplog.messages == ["the service reports a fault"]


def test_what_is_not_understood_is_told_each_time_and_logged_once_a_kind(caplog: pytest.LogCaptureFixture) -> None:
    smell = events.Unknown(type="smell\n", body={"secret": 1})
    junk = events.Malformed(type="ping", reason="event_id is missing", excerpt="secret")

    async def story() -> int:
        seen, tell, runner = await told("on_debug")
        for event in (smell, junk, smell, junk):
            tell.event(event)
        runner.finish()
        await runner.run()
        return len(seen)

    assert run(story()) == 4
    assert caplog.messages == [
        "unknown message of type 'smell\\n'",
        "malformed message of type 'ping': event_id is missing",
    ]


def test_a_service_that_invents_types_does_not_fill_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        _, tell, _ = await told()
        for number in range(1000):
            tell.event(events.Unknown(type=f"type {number}", body={}))

    run(story())
    assert len(caplog.messages) == 50


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (events.UserTranscript(text="a", event_id=1), Message(text="a", source=Source.USER, event_id=1)),
        (
            events.TentativeUserTranscript(text="a", event_id=None),
            Message(text="a", source=Source.USER, final=False),
        ),
        (events.AgentResponse(text="a", event_id=2), Message(text="a", source=Source.AGENT, event_id=2)),
        (events.Interruption(event_id=1), None),
    ],
)
def test_transcripts_and_answers_are_messages(event: events.Event, message: Message | None) -> None:
    assert message_of(event) == message
