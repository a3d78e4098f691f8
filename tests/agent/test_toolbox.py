from __future__ import annotations

import asyncio
import json
import logging

import pytest

from talkbox_agent.messages import ToolResult
from talkbox_agent.outbox import Frame, Outbox
from talkbox_agent.skills import ToolAnswer
from talkbox_agent.toolbox import Toolbox
from tests.support.virtual_time import run


async def next_body(outbox: Outbox, key: str) -> dict[str, object]:
    frame = await outbox.get()
    assert isinstance(frame, Frame)
    body = json.loads(frame.content)[key]
    assert isinstance(body, dict)
    return body


@pytest.mark.parametrize("is_error", [False, True])
def test_a_call_waits_for_its_own_result(is_error: bool) -> None:
    async def main() -> None:
        outbox = Outbox()
        toolbox = Toolbox(outbox, timeout_s=10)
        call = asyncio.ensure_future(toolbox.call("set_volume", {"volume": 0.4}))
        sent = await next_body(outbox, "client_tool_call")
        assert (sent["tool_name"], sent["parameters"]) == ("set_volume", {"volume": 0.4})
        toolbox.take_result(ToolResult(tool_call_id="somebody_elses", result="x", is_error=False))
        assert not call.done()
        toolbox.take_result(ToolResult(tool_call_id=str(sent["tool_call_id"]), result="", is_error=is_error))
        toolbox.take_result(ToolResult(tool_call_id=str(sent["tool_call_id"]), result="twice", is_error=False))
        assert await call == ToolAnswer(text="", failed=is_error)
        report = await next_body(outbox, "agent_tool_response")
        assert (report["is_error"], report["tool_type"]) == (is_error, "client")

    run(main())


def test_a_client_that_does_not_answer_is_not_waited_for_long(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        answer = await Toolbox(Outbox(), timeout_s=10).call("set_volume", {})
        assert answer == ToolAnswer(text="timed out", failed=True)
        assert asyncio.get_running_loop().time() == 10

    with caplog.at_level(logging.WARNING):
        run(main())
    assert caplog.messages == ["tool set_volume gave no result within 10 s"]


def test_a_client_that_wants_no_calls_gets_none() -> None:
    async def main() -> None:
        outbox = Outbox()
        outbox.client_events = frozenset({"audio"})
        assert (await Toolbox(outbox, timeout_s=10).call("set_volume", {})).failed

    run(main())


def test_hanging_up_is_announced() -> None:
    async def main() -> None:
        outbox = Outbox()
        Toolbox(outbox, timeout_s=10).end_call()
        assert (await next_body(outbox, "agent_tool_response"))["tool_name"] == "end_call"

    run(main())
