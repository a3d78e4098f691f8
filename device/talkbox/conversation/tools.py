"""Client tools: what the agent may ask this device to do. Knows no wire: a call in, an outcome out."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import inspect
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from talkbox.errors import ToolFailed

from .events import ClientToolCall
from .urls import one_line

T = TypeVar("T")
Tool = Callable[[dict[str, Any]], object]
"""Takes the call's parameters as one dictionary, as in the JavaScript client; plain or async."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolOutcome:
    """What to answer. `error` is set where `is_error` is, and says it to the application."""

    result: str
    error: ToolFailed | None = None

    @property
    def is_error(self) -> bool:
        """Whether the tool failed."""
        return self.error is not None


class ToolRunner:
    """
    Run client tools by name.

    An async tool runs on the event loop. A plain one runs in a thread of its own, because a tool that waits (for a
    web page, for a lock) must not hold up audio and pongs, and one that never returns can then be left behind; so a
    plain tool must not touch what belongs to the loop, a `Conversation` included. Make such a tool async.

    Args:
        tools: By name.
        timeout_s: How long a tool may take.
    """

    def __init__(self, tools: Mapping[str, Tool], *, timeout_s: float) -> None:
        self._tools = dict(tools)
        self._timeout_s = timeout_s

    def __contains__(self, name: str) -> bool:
        """Whether there is a tool of that name."""
        return name in self._tools

    async def run(self, call: ClientToolCall) -> ToolOutcome:
        """
        Return what the tool answers: a text as it is, anything else as JSON, ``0`` and ``""`` included.

        Never raises, but for cancellation: an unknown tool, one that raises, one that does not return in time and a
        result that cannot be said in JSON are outcomes as well.
        """
        name = call.tool_name
        if name not in self._tools:
            text = f"Client tool with name {name} is not defined on client"
            return ToolOutcome(result=text, error=ToolFailed(one_line(f"client tool {name!r} is not known"), tool=name))
        try:
            async with asyncio.timeout(self._timeout_s) as limit:
                result = await _call(self._tools[name], dict(call.parameters))
            text = result if isinstance(result, str) else json.dumps(result, allow_nan=False)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            return _failed(name, "it was canceled")
        except (Exception, SystemExit) as error:  # noqa: BLE001  the application's code: the agent gets an answer
            if isinstance(error, TimeoutError) and limit.expired():
                return _failed(name, f"no result within {self._timeout_s:g} s")
            return _failed(name, _words(error))
        return ToolOutcome(result=text)


def _failed(name: str, why: str) -> ToolOutcome:
    return ToolOutcome(
        result=f"Client tool execution failed: {why}",
        error=ToolFailed(one_line(f"client tool {name!r} failed: {why}"), tool=name),
    )


def _words(error: BaseException) -> str:
    try:
        return (str(error) if isinstance(error, Exception) else repr(error)) or type(error).__name__
    except Exception:  # noqa: BLE001  the application's code: an error that cannot even be printed
        return type(error).__name__


async def _call(tool: Tool, parameters: dict[str, Any]) -> object:
    if _is_async(tool):
        result = tool(parameters)
    else:
        result = await in_thread(functools.partial(tool, parameters), name="talkbox tool")
    # A plain function may return an awaitable, too: a `partial`, a lambda around a coroutine function.
    return await result if inspect.isawaitable(result) else result


def _is_async(tool: Tool) -> bool:
    return inspect.iscoroutinefunction(tool) or inspect.iscoroutinefunction(type(tool).__call__)


async def in_thread(function: Callable[[], T], *, name: str) -> T:
    """Like `asyncio.to_thread`, but what never returns keeps neither a worker nor the process."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[tuple[object, Exception | None]] = loop.create_future()
    context = contextvars.copy_context()

    def settle(result: object, error: Exception | None) -> None:
        if not done.done():  # else nobody waits any more
            done.set_result((result, error))

    def work() -> None:
        result: object = None
        failure: Exception | None = None
        try:
            result = context.run(function)
        except BaseException as error:  # noqa: BLE001  top of a thread: `sys.exit` in a tool is its failure, too
            failure = error if isinstance(error, Exception) else RuntimeError(repr(error))
        # A closed loop means that the program is on its way out, and nobody waits.
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=work, name=name, daemon=True).start()
    result, failure = await done
    if failure is not None:
        raise failure
    return cast("T", result)
