"""Calls of the client's tools, and the waiting for their results."""

from __future__ import annotations

import asyncio
import logging

from .messages import ToolResult
from .outbox import Outbox
from .skills import ToolAnswer

log = logging.getLogger(__name__)


class Toolbox:
    """
    The tools at the other end.

    Args:
        outbox: Where the calls go.
        timeout_s: How long a result is waited for.
    """

    def __init__(self, outbox: Outbox, *, timeout_s: float) -> None:
        self._outbox = outbox
        self._timeout_s = timeout_s
        self._calls: dict[str, asyncio.Future[ToolResult]] = {}
        self._count = 0

    async def call(self, name: str, parameters: dict[str, object]) -> ToolAnswer:
        """Call the client tool ``name``; no answer in time and an error are a failed answer."""
        if not self._outbox.wants("client_tool_call"):
            return ToolAnswer(text="the client wants no tool calls", failed=True)
        call_id = self._next_id()
        self._calls[call_id] = asyncio.get_running_loop().create_future()
        about = {"tool_name": name, "tool_call_id": call_id}
        self._outbox.send("client_tool_call", {**about, "parameters": parameters})
        log.info("tool %s called with %s", name, parameters)
        try:
            async with asyncio.timeout(self._timeout_s):
                result = await self._calls[call_id]
        except TimeoutError:
            log.warning("tool %s gave no result within %g s", name, self._timeout_s)
            answer = ToolAnswer(text="timed out", failed=True)
        else:
            log.info("tool %s gave %r%s", name, result.result, " as an error" if result.is_error else "")
            answer = ToolAnswer(text=result.result, failed=result.is_error)
        finally:
            del self._calls[call_id]
        self._report(about, tool_type="client", is_error=answer.failed)
        return answer

    def take_result(self, result: ToolResult) -> None:
        """Take a result from the client; one that nobody waits for is only logged."""
        call = self._calls.get(result.tool_call_id)
        if call is None or call.done():
            log.warning("a tool result that nobody waits for: %r", result.tool_call_id)
        else:
            call.set_result(result)

    def end_call(self) -> None:
        """Announce that the agent hangs up."""
        self._report({"tool_name": "end_call", "tool_call_id": self._next_id()}, tool_type="system", is_error=False)

    def _next_id(self) -> str:
        self._count += 1
        return f"call_{self._count}"

    def _report(self, about: dict[str, str], *, tool_type: str, is_error: bool) -> None:
        self._outbox.send(
            "agent_tool_response", {**about, "tool_type": tool_type, "is_error": is_error, "is_called": True}
        )
