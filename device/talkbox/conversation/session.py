"""
One session, acted out: devices opened, the line held, events carried to where they belong, everything closed.

What the messages mean is decided in `protocol`; this module performs it. It runs as one task, which owns everything
that the session opens; `finish` ends it from wherever, and the first who calls it says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from talkbox.errors import (
    ServiceError,
    SessionEnded,
    SessionError,
    SessionLost,
    SessionRefused,
    TalkboxError,
)

from . import events, outgoing
from .announcer import Announcer
from .callbacks import CallbackRunner
from .ports import Audio, Closed, Connect, Link
from .protocol import ConversationProtocol, hangs_up
from .tools import ToolRunner
from .urls import one_line
from .values import Counters, Disconnected, Mode, Reason, Status
from .voice import Voice
from .within import within

_log = logging.getLogger(__name__)

_FLUSH_S = 1.0
# A peer that asks and asks and does not read its answers is not listened to until it does: TCP slows it down.
_MOST_UNSENT = 1000


class Session:
    """
    One session. Everything here belongs to the event loop's thread.

    Args:
        initiation: The opening message.
        audio: Ears and mouth, or `None` for a text-only session.
        find_url: Where to connect to; awaited once the microphone is open, so that fetching it costs no words.
        connect: Opens the line.
        tools: Runs client tools.
        callbacks: The application's, by name.
        connect_timeout_s: For `find_url` and for `connect`, each.
        metadata_timeout_s: How long the service may take to say its first word.

    Attributes:
        ended: How the session ended, once it has been decided.
    """

    def __init__(
        self,
        *,
        initiation: bytes,
        audio: Audio | None,
        find_url: Callable[[], Awaitable[str]],
        connect: Connect,
        tools: ToolRunner,
        callbacks: Mapping[str, object],
        connect_timeout_s: float,
        metadata_timeout_s: float,
    ) -> None:
        self.ended: Disconnected | None = None
        self._protocol = ConversationProtocol(initiation)
        self._audio, self._find_url, self._connect, self._tools = audio, find_url, connect, tools
        self._callbacks = CallbackRunner(callbacks)
        self._tell = Announcer(self._callbacks)
        self._voice = Voice(audio, tell=self._tell)
        self._connect_timeout_s, self._metadata_timeout_s = connect_timeout_s, metadata_timeout_s
        self._link: Link | None = None
        self._task: asyncio.Task[None] | None = None
        self._group = asyncio.TaskGroup()
        self._tool_tasks: set[asyncio.Task[None]] = set()
        self._opened = False
        self._failure: TalkboxError | None = None
        self._chunks_sent = 0
        self._goodbye = Disconnected(reason=Reason.AGENT)
        self._started = asyncio.Event()  # connected, or failed to
        self._over = asyncio.Event()  # `ended` is decided
        self._hanging_up = asyncio.Event()  # what was received may still play out
        self._unsent = asyncio.Event()  # the protocol has something to send
        self._sent = asyncio.Event()  # and has it no more

    async def start(self) -> None:
        """
        Open the session. Canceling it closes everything that was opened.

        Raises:
            TalkboxError: If it cannot be opened; then everything is closed, and `on_disconnect` has run.
        """
        self._task = asyncio.create_task(self._run(), name="talkbox conversation")
        try:
            await self._started.wait()
        except asyncio.CancelledError:
            self.finish(Disconnected(reason=Reason.USER, text="canceled while connecting"))
            await self.wait_closed()
            raise
        if not self._opened:
            await self.wait_closed()
            raise self._failure or SessionEnded("the session was ended while connecting")

    def finish(self, ended: Disconnected) -> None:
        """End the session. Only the first call says how."""
        if self.ended is None:
            self.ended = ended
            self._over.set()

    def hang_up(self, why: str = "") -> None:
        """Let what was received play out, then end with reason `agent`. Further calls change nothing."""
        if not self._hanging_up.is_set():
            self._goodbye = replace(self._goodbye, text=why)
            self._hanging_up.set()

    async def wait_closed(self) -> Disconnected:
        """Wait until everything is closed and `on_disconnect` has run; return how the session ended."""
        if self._callbacks.running_here():
            raise RuntimeError("a callback cannot wait for the end of its own session")
        if self._task is not None:
            await asyncio.wait({self._task})
            self._task.result()  # a bug of ours, if there was one, ends up with the caller
        return self.ended or Disconnected(reason=Reason.USER)

    def in_callback(self) -> bool:
        """Return whether the caller is one of this session's own callbacks."""
        return self._callbacks.running_here()

    @property
    def status(self) -> Status:
        """Where the session is."""
        return self._tell.status

    @property
    def mode(self) -> Mode:
        """Whether the agent's voice is to be heard."""
        return self._tell.mode

    @property
    def live_audio(self) -> Audio | None:
        """Ears and mouth while the session lasts, else `None`."""
        return self._audio if self.ended is None else None

    @property
    def conversation_id(self) -> str:
        """The service's name for this conversation; ``""`` before it gave one."""
        return self._protocol.metadata.conversation_id if self._protocol.metadata else ""

    @property
    def feedback_event_id(self) -> int:
        """The answer that feedback is about."""
        return self._protocol.feedback_event_id

    @property
    def counters(self) -> Counters:
        """What has happened so far."""
        return replace(self._protocol.counters, chunks_sent=self._chunks_sent)

    def send(self, frame: bytes) -> None:
        """
        Queue one message of `outgoing`.

        Raises:
            SessionEnded: If the session is over.
        """
        if self.status is not Status.CONNECTED or self.ended is not None:
            raise SessionEnded("the session is over")
        self._enqueue(frame)

    def silence_agent(self) -> None:
        """Stop the agent's voice here and now, and discard what is still to come of it; see `protocol`."""
        if self.ended is None:
            self._protocol.silence_agent()
            self._voice.stop()

    def expect_agent(self, *, within_s: float) -> None:
        """Hear the agent again after `within_s` at the latest."""
        self._protocol.expect_agent(deadline_s=asyncio.get_running_loop().time() + within_s)

    async def _run(self) -> None:
        """Live and end; the task that owns the session."""
        try:
            async with asyncio.TaskGroup() as group:
                calling = group.create_task(self._callbacks.run())
                try:
                    await self._hold()
                finally:
                    # Whatever went wrong, the application hears of the end.
                    self._tell.set_status(Status.DISCONNECTED)
                    self._callbacks.put("on_disconnect", self.ended)
                    self._callbacks.finish()
                    await self._callbacks.see_out(calling)
        finally:
            self._started.set()

    async def _hold(self) -> None:
        """Live until the end is decided, and close everything. A bug decides it, too, and is raised in the end."""
        self._tell.set_status(Status.CONNECTING)
        try:
            async with asyncio.TaskGroup() as group:
                life = group.create_task(self._live())
                await self._over.wait()
                self._leave()
                life.cancel()
        except asyncio.CancelledError:
            self.finish(Disconnected(reason=Reason.USER, text="canceled"))
            raise
        except BaseExceptionGroup as bug:
            self.finish(Disconnected(reason=Reason.ERROR, text=f"a bug: {bug!r}"))
            raise
        finally:
            self._leave()
            await self._close()

    def _leave(self) -> None:
        if self.status is Status.CONNECTED:
            self._tell.set_status(Status.DISCONNECTING)

    async def _live(self) -> None:
        """Open, then talk until canceled. What fails on the way ends the session, and only the session."""
        try:
            async with self._group as group:
                link = await self._open()
                group.create_task(self._receive_all(link))
                group.create_task(self._send_all(link))
                group.create_task(self._voice.watch())
                group.create_task(self._hang_up_when_asked())
                if self._audio is not None:
                    group.create_task(self._send_microphone(self._audio, link))
        except* TalkboxError as errors:
            self._fail(_first(errors))

    async def _open(self) -> Link:
        """Microphone first: from then on no word is lost, however long the rest takes."""
        if self._audio is not None:
            await self._audio.open()
        async with within(self._connect_timeout_s, "no signed URL"):
            url = await self._find_url()
        self._link = link = await self._connect(url, timeout_s=self._connect_timeout_s)
        async with within(self._metadata_timeout_s, "the service accepted the connection, and sent no metadata"):
            metadata = await self._await_metadata(link)
        formats = {"input_format": metadata.input_format, "output_format": metadata.output_format}
        if self._audio is not None:
            try:
                self._audio.negotiate(**formats)
            except ValueError as error:
                raise SessionError(
                    f"the service wants audio that this device cannot do: {one_line(str(error))}",
                    hint="set the agent's audio formats to pcm_16000",
                ) from error
        _log.debug("= connected: conversation %s, %s", one_line(metadata.conversation_id), one_line(str(formats)))
        self._tell.set_status(Status.CONNECTED)
        self._callbacks.put("on_connect", metadata.conversation_id)
        self._opened = True
        self._started.set()
        return link

    async def _await_metadata(self, link: Link) -> events.ConversationMetadata:
        """Open the conversation, and take what comes until it is introduced."""
        fault = ""
        while self._protocol.metadata is None:
            await self._flush(link)
            frame = await link.receive()
            if isinstance(frame, Closed):
                reason = frame.reason or fault
                if frame.code is None:
                    raise SessionLost(f"the connection broke before the conversation began: {reason}")
                raise SessionRefused(status=frame.code, reason=reason)
            event = self._take(frame)
            if isinstance(event, events.ErrorReport):
                fault = one_line(event.message or event.error_type)
        return self._protocol.metadata

    async def _receive_all(self, link: Link) -> None:
        while not isinstance(frame := await link.receive(), Closed):
            self._take(frame)
            while self._protocol.unsent > _MOST_UNSENT:
                self._sent.clear()
                await self._sent.wait()
        for task in self._tool_tasks:  # nobody waits for their results any more
            task.cancel()
        if frame.code == 1000 or self._hanging_up.is_set():
            self._goodbye = replace(self._goodbye, code=frame.code)
            self.hang_up(frame.reason)
        else:
            how = "without a close code" if frame.code is None else f"with code {frame.code}"
            raise SessionLost(f"the connection was closed {how}: {frame.reason or 'no reason given'}", code=frame.code)

    async def _send_all(self, link: Link) -> None:
        while True:
            await self._unsent.wait()
            self._unsent.clear()
            await self._flush(link)
            self._sent.set()

    async def _flush(self, link: Link) -> None:
        while (frame := self._protocol.next_to_send()) is not None:
            await link.send(frame)

    async def _send_microphone(self, audio: Audio, link: Link) -> None:
        while True:
            payload = await audio.read()
            self._protocol.send(outgoing.user_audio(payload))
            # One chunk at a time: on a line that is too slow, speech waits (and grows old, and is dropped) where it
            # is counted, in the audio engine, not here.
            await self._flush(link)
            self._chunks_sent += 1

    async def _hang_up_when_asked(self) -> None:
        await self._hanging_up.wait()
        while self._tool_tasks:  # a tool that hung up gets its result out; each is timed out in the end
            await asyncio.wait(self._tool_tasks)
        await self._voice.play_out()
        self.finish(self._goodbye)

    def _take(self, frame: bytes) -> events.Event | None:
        """Do what one frame asks for. Synchronous: whatever it means, it is done in the order it came."""
        event = self._protocol.receive(frame, now_s=asyncio.get_running_loop().time())
        self._unsent.set()  # a pong, perhaps
        if event is None:
            return None
        self._tell.event(event)
        match event:
            case events.AgentAudio():
                self._voice.play(event.payload)
            case events.Interruption():
                self._voice.stop()
            case events.ClientToolCall():
                task = self._group.create_task(self._run_tool(event))
                self._tool_tasks.add(task)
                task.add_done_callback(self._tool_tasks.discard)
            case events.McpToolCall() if "on_mcp_tool_call" not in self._callbacks and self._protocol.must_deny(event):
                self._enqueue(outgoing.mcp_tool_approval_result(tool_call_id=event.tool_call_id, is_approved=False))
            case events.ErrorReport() if not hangs_up(event):
                what = event.error_type or str(event.code or "a fault")
                text = one_line(f"the service reports {what}: {event.message or 'no more than that'}")
                self._tell.error(ServiceError(text, code=event.code, error_type=event.error_type))
            case _:
                pass
        if why := hangs_up(event):
            self.hang_up(why)
        return event

    async def _run_tool(self, call: events.ClientToolCall) -> None:
        if call.tool_name not in self._tools:
            self._callbacks.put("on_unhandled_client_tool_call", call)
        outcome = await self._tools.run(call)
        self._enqueue(
            outgoing.client_tool_result(
                tool_call_id=call.tool_call_id, result=outcome.result, is_error=outcome.is_error
            )
        )
        if outcome.error is not None:
            self._tell.error(outcome.error)

    def _enqueue(self, frame: bytes) -> None:
        self._protocol.send(frame)
        self._unsent.set()

    def _fail(self, error: TalkboxError) -> None:
        """End the session for `error`; a session that was being opened raises it instead of reporting it."""
        if self.ended is not None:
            return
        if self.status is Status.CONNECTED:
            self._tell.error(error)
        else:
            self._failure = error
        code = getattr(error, "status", None) or getattr(error, "code", None)
        self.finish(Disconnected(reason=Reason.ERROR, code=code, text=str(error)))

    async def _close(self) -> None:
        """Close the microphone first, whatever the network does; then say what is left to say, and hang up."""
        try:
            if self._audio is not None:
                await self._audio.close()
        finally:
            self._tell.set_mode(Mode.LISTENING)
            if self._link is not None:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_FLUSH_S):
                        await self._flush(self._link)
                await self._link.close()


def _first(errors: BaseExceptionGroup[TalkboxError]) -> TalkboxError:
    """Return the first error of a group, however deep."""
    first = errors.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
