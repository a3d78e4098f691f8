"""Callbacks are called in order, one at a time, whatever they do."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from talkbox.conversation import events
from talkbox.conversation.callbacks import CallbackRunner, Callbacks
from tests.support.virtual_time import run


async def called(callbacks: dict[str, object], *calls: tuple[str, object], grace_s: float = 10) -> None:
    runner = CallbackRunner(callbacks, grace_s=grace_s)
    for name, argument in calls:
        runner.put(name, argument)
    runner.finish()
    await runner.run()


def test_plain_and_async_ones_are_called_in_order() -> None:
    seen: list[object] = []

    async def slow(argument: object) -> None:
        await asyncio.sleep(5)
        seen.append(argument)

    run(called({"on_message": slow, "on_error": seen.append}, ("on_message", 1), ("on_error", 2), ("on_message", 3)))
    assert seen == [1, 2, 3]


def test_those_that_are_missing_are_not_called() -> None:
    run(called({"on_error": None}, ("on_error", 1), ("on_message", 2)))
    assert "on_error" not in CallbackRunner({"on_error": None})
    assert "on_error" in CallbackRunner({"on_error": print})


def test_whoever_puts_does_not_wait() -> None:
    async def story() -> float:
        loop = asyncio.get_running_loop()
        runner = CallbackRunner({"on_message": lambda _: asyncio.sleep(60)})
        task = asyncio.create_task(runner.run())
        runner.put("on_message", 1)
        await asyncio.sleep(0)
        runner.put("on_message", 2)
        put_at = loop.time()
        runner.finish()
        await task
        return put_at

    assert run(story()) == 0


def boom(_argument: object) -> None:
    raise ValueError("boom")


async def boom_later(_argument: object) -> None:
    raise TimeoutError


async def cancel_itself(_argument: object) -> None:
    raise asyncio.CancelledError


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (boom, "callback on_error failed"),
        (boom_later, "callback on_error failed"),
        (cancel_itself, "callback on_error was canceled from within"),
    ],
)
def test_an_exception_is_logged_once_and_changes_nothing(
    bad: Callable[[object], Awaitable[None] | None], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    seen: list[object] = []
    run(called({"on_error": bad, "on_message": seen.append}, ("on_error", 1), ("on_message", 2)))
    assert seen == [2]
    assert [record.getMessage() for record in caplog.records] == [said]


def test_one_that_does_not_return_is_canceled_some_time_after_the_end(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[object] = []

    async def forever(_argument: object) -> None:
        await asyncio.Event().wait()

    async def story() -> float:
        loop = asyncio.get_running_loop()
        runner = CallbackRunner({"on_message": forever, "on_disconnect": seen.append}, grace_s=3)
        task = asyncio.create_task(runner.run())
        runner.put("on_message", 1)
        runner.put("on_message", 2)
        await asyncio.sleep(100)  # as long as the session lasts, a callback may take its time
        runner.put("on_disconnect", "bye")
        runner.finish()
        await task
        return loop.time()

    with caplog.at_level(logging.WARNING):
        assert run(story()) == pytest.approx(103)
    assert seen == ["bye"]
    assert caplog.messages == [
        f"callback on_message did not return within {patience_s} s of the end" for patience_s in (3, 0)
    ]


def test_the_last_word_has_its_time_though_others_took_too_long() -> None:
    seen: list[object] = []

    async def forever(_argument: object) -> None:
        await asyncio.Event().wait()

    async def goodbye(argument: object) -> None:
        await asyncio.sleep(2)
        seen.append(argument)

    async def story() -> float:
        calls = [("on_message", number) for number in range(100)]
        await called({"on_message": forever, "on_disconnect": goodbye}, *calls, ("on_disconnect", "bye"), grace_s=3)
        return asyncio.get_running_loop().time()

    assert run(story()) == pytest.approx(5)
    assert seen == ["bye"]


def test_an_interrupted_program_hears_the_last_word_all_the_same() -> None:
    seen: list[object] = []

    async def story() -> None:
        runner = CallbackRunner({"on_message": lambda _: asyncio.sleep(60), "on_disconnect": seen.append})
        task = asyncio.create_task(runner.run())
        runner.put("on_message", 1)
        await asyncio.sleep(1)
        runner.put("on_disconnect", "bye")
        runner.finish()
        waiting = asyncio.create_task(runner.see_out(task))
        await asyncio.sleep(1)
        waiting.cancel()
        await waiting
        assert task.cancelled()
        assert asyncio.get_running_loop().time() == 2

    run(story())
    assert seen == ["bye"]


def test_canceling_the_task_cancels_the_callback() -> None:
    async def story() -> None:
        runner = CallbackRunner({"on_message": lambda _: asyncio.sleep(60)})
        task = asyncio.create_task(runner.run())
        runner.put("on_message", 1)
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(story())


def test_a_callback_knows_that_it_is_one_and_so_do_the_tasks_that_it_awaits() -> None:
    inside: list[bool] = []
    later: list[asyncio.Task[None]] = []

    async def story() -> None:
        async def note() -> None:
            inside.append(runner.running_here())

        async def note_later() -> None:
            await asyncio.sleep(10)
            await note()

        async def callback(_argument: object) -> None:
            await note()
            await asyncio.gather(note(), note())
            later.append(asyncio.create_task(note_later()))

        runner = CallbackRunner({"on_message": callback})
        runner.put("on_message", 1)
        runner.finish()
        await runner.run()
        await note()
        await later[0]

    run(story())
    assert inside == [True, True, True, False, False]


def test_events_go_to_the_callback_of_their_name() -> None:
    seen: list[tuple[str, object]] = []

    def note(name: str) -> Callable[[object], None]:
        return lambda argument: seen.append((name, argument))

    alignment = events.AudioAlignment(chars=(), char_start_times_ms=(), char_durations_ms=())
    audio = events.AgentAudio(payload=b"\0\0", event_id=1, alignment=alignment)
    empty = events.AgentAudio(payload=b"", event_id=1)
    unknown = events.Unknown(type="smell", body={})
    transcript = events.UserTranscript(text="not as it is", event_id=1)

    async def story() -> None:
        runner = CallbackRunner({name: note(name) for name in Callbacks.__annotations__})
        for event in (audio, empty, events.VadScore(vad_score=0.5), unknown, transcript):
            runner.put_event(event)
        runner.finish()
        await runner.run()

    run(story())
    assert seen == [
        ("on_audio_alignment", alignment),
        ("on_audio", audio),
        ("on_vad_score", events.VadScore(vad_score=0.5)),
        ("on_debug", unknown),
    ]
