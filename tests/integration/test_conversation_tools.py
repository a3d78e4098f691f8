"""Client tools over a real socket; plain ones in real threads."""

import asyncio
import threading
from typing import Any

import pytest

from talkbox.conversation.conversation import Conversation
from talkbox.conversation.events import ClientToolCall
from talkbox.conversation.tools import Tool, ToolRunner
from talkbox.errors import ToolFailed
from tests.support.messages import SAMPLES
from tests.support.service import Service

pytestmark = pytest.mark.integration


def test_tools_of_every_kind_answer_once_each_and_delay_nobody() -> None:
    release = threading.Event()
    threads: list[str] = []

    def plain(parameters: dict[str, Any]) -> int:
        threads.append(threading.current_thread().name)
        return int(parameters["n"]) - 1

    async def coroutine(parameters: dict[str, Any]) -> dict[str, Any]:
        threads.append(threading.current_thread().name)
        return parameters

    def raising(_parameters: dict[str, Any]) -> None:
        raise ValueError("no such lamp")

    def leaving(_parameters: dict[str, Any]) -> None:
        raise SystemExit(3)

    def stopping(_parameters: dict[str, Any]) -> None:
        raise StopIteration

    def stuck(_parameters: dict[str, Any]) -> None:
        release.wait()

    async def never(_parameters: dict[str, Any]) -> None:
        await asyncio.Event().wait()

    tools: dict[str, Tool] = {
        "plain": plain,
        "wrapped": lambda parameters: coroutine(parameters | {"m": 2}),
        "coroutine": coroutine,
        "raising": raising,
        "leaving": leaving,
        "stopping": stopping,
        "stuck": stuck,
        "never": never,
    }

    async def story() -> tuple[list[dict[str, Any]], list[object]]:
        errors: list[object] = []
        async with Service() as service:
            conversation = await Conversation.start_session(
                agent_id="a",
                server=service.url,
                text_only=True,
                client_tools=tools,
                tool_timeout_s=3,
                on_error=errors.append,
            )
            for name in [*tools, "unknown"]:
                call = {"tool_name": name, "tool_call_id": name, "parameters": {"n": 1}, "event_id": 1}
                await service.say({"type": "client_tool_call", "client_tool_call": call})
            await service.say(SAMPLES["ping"])
            await service.wait_for("pong")
            assert not any(one.get("tool_call_id") in ("stuck", "never") for one in service.received)
            results = await service.wait_for("client_tool_result", count=len(tools) + 1)
            await conversation.end_session()
        return results, errors

    try:
        results, errors = asyncio.run(story())
    finally:
        release.set()
    assert {one["tool_call_id"]: (one["result"], one["is_error"]) for one in results} == {
        "plain": ("0", False),
        "wrapped": ('{"n": 1, "m": 2}', False),
        "coroutine": ('{"n": 1}', False),
        "raising": ("Client tool execution failed: no such lamp", True),
        "leaving": ("Client tool execution failed: SystemExit(3)", True),
        "stopping": ("Client tool execution failed: coroutine raised StopIteration", True),
        "stuck": ("Client tool execution failed: no result within 3 s", True),
        "never": ("Client tool execution failed: no result within 3 s", True),
        "unknown": ("Client tool with name unknown is not defined on client", True),
    }
    assert sorted(threads) == ["MainThread", "MainThread", "talkbox tool"]
    assert {error.tool for error in errors if isinstance(error, ToolFailed)} == {
        "raising",
        "leaving",
        "stopping",
        "stuck",
        "never",
        "unknown",
    }


def test_a_thread_that_comes_back_after_the_loop_is_gone_harms_nobody() -> None:
    release = threading.Event()
    runner = ToolRunner({"stuck": lambda _parameters: release.wait()}, timeout_s=0.05)
    call = ClientToolCall(tool_name="stuck", tool_call_id="t", parameters={}, event_id=1)
    assert asyncio.run(runner.run(call)).is_error
    (thread,) = [one for one in threading.enumerate() if one.name == "talkbox tool"]
    release.set()
    thread.join(timeout=30)
    assert not thread.is_alive()


def test_a_thread_that_comes_back_too_late_is_not_heard() -> None:
    async def story() -> bool:
        release = threading.Event()
        runner = ToolRunner({"stuck": lambda _parameters: release.wait()}, timeout_s=0.05)
        call = ClientToolCall(tool_name="stuck", tool_call_id="t", parameters={}, event_id=1)
        outcome = await runner.run(call)
        (thread,) = [one for one in threading.enumerate() if one.name == "talkbox tool"]
        release.set()
        await asyncio.to_thread(thread.join, 30)
        await asyncio.sleep(0)
        return outcome.is_error

    assert asyncio.run(story())
