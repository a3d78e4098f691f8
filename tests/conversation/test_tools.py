"""What the agent gets for an answer. Plain tools run in threads: tests/integration/test_conversation_tools.py."""

import asyncio
import functools
from typing import Any

import pytest

from talkbox.conversation.events import ClientToolCall
from talkbox.conversation.tools import Tool, ToolOutcome, ToolRunner
from tests.support.virtual_time import run


def outcome(tool: Tool, **parameters: object) -> ToolOutcome:
    call = ClientToolCall(tool_name="tool", tool_call_id="t", parameters=parameters, event_id=1)
    return run(ToolRunner({"tool": tool}, timeout_s=5).run(call))


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ("as it is", "as it is"),
        ("", ""),
        (0, "0"),
        (False, "false"),
        (None, "null"),
        (0.4, "0.4"),
        ([], "[]"),
        ({"volume": 0.4}, '{"volume": 0.4}'),
    ],
)
def test_texts_are_kept_and_the_rest_is_json(result: object, said: str) -> None:
    async def tool(_parameters: dict[str, Any]) -> object:
        await asyncio.sleep(1)
        return result

    assert outcome(tool) == ToolOutcome(result=said)
    assert not outcome(tool).is_error


def test_a_tool_gets_the_parameters_as_a_dictionary_of_its_own() -> None:
    async def tool(parameters: dict[str, Any], *, scale: int) -> float:
        return float(parameters.pop("volume")) * scale

    assert outcome(functools.partial(tool, scale=10), volume=4).result == "40.0"


def test_an_object_with_an_async_call_is_an_async_tool() -> None:
    class Doubler:
        async def __call__(self, parameters: dict[str, Any]) -> int:
            return 2 * int(parameters["n"])

    assert outcome(Doubler(), n=4).result == "8"


async def raising(_parameters: dict[str, Any]) -> None:
    raise ValueError("no such lamp")


async def raising_nothing(_parameters: dict[str, Any]) -> None:
    raise KeyError


async def giving_up(_parameters: dict[str, Any]) -> None:
    raise TimeoutError("the lamp does not answer")


class UnprintableError(Exception):
    def __str__(self) -> str:
        raise ValueError("no words")


async def failing_to_fail(_parameters: dict[str, Any]) -> None:
    raise UnprintableError


async def leaving(_parameters: dict[str, Any]) -> None:
    raise SystemExit(3)


async def never_returning(_parameters: dict[str, Any]) -> None:
    await asyncio.Event().wait()


async def canceling_itself(_parameters: dict[str, Any]) -> None:
    raise asyncio.CancelledError


async def not_json(_parameters: dict[str, Any]) -> object:
    return object()


async def not_a_number(_parameters: dict[str, Any]) -> object:
    return float("nan")


@pytest.mark.parametrize(
    ("tool", "why"),
    [
        (raising, "no such lamp"),
        (raising_nothing, "KeyError"),
        (giving_up, "the lamp does not answer"),
        (leaving, "SystemExit(3)"),
        (failing_to_fail, "UnprintableError"),
        (never_returning, "no result within 5 s"),
        (canceling_itself, "it was canceled"),
        (not_json, "Object of type object is not JSON serializable"),
        (not_a_number, "Out of range float values are not JSON compliant"),
    ],
)
def test_whatever_goes_wrong_is_an_answer_and_an_error(tool: Tool, why: str) -> None:
    failed = outcome(tool)
    assert failed.is_error
    assert failed.result.startswith(f"Client tool execution failed: {why}")
    assert failed.error is not None
    assert failed.error.tool == "tool"
    assert str(failed.error).startswith(f"client tool 'tool' failed: {why}")


def test_what_a_tool_says_is_for_the_agent_and_one_line_of_it_for_the_journal() -> None:
    async def talkative(_parameters: dict[str, Any]) -> None:
        raise ValueError("no lamp:\n\x1b[31m token=hush " + "x" * 1000)

    failed = outcome(talkative)
    assert "\n" in failed.result
    assert str(failed.error).startswith("client tool 'tool' failed: no lamp: [31m token=*** xxx")
    assert len(str(failed.error)) == 200


def test_an_unknown_tool_is_an_error() -> None:
    runner = ToolRunner({}, timeout_s=5)
    call = ClientToolCall(tool_name="dance", tool_call_id="t", parameters={}, event_id=None)
    failed = run(runner.run(call))
    assert failed.is_error
    assert failed.result == "Client tool with name dance is not defined on client"
    assert "dance" not in runner


def test_canceling_the_session_cancels_the_tool() -> None:
    async def story() -> None:
        call = ClientToolCall(tool_name="tool", tool_call_id="t", parameters={}, event_id=1)
        task = asyncio.create_task(ToolRunner({"tool": never_returning}, timeout_s=5).run(call))
        await asyncio.sleep(1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(story())
