"""One conversation at a time: starts it, ends it, and puts what it says into the appliance's inbox."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from talkbox.conversation.events import AgentResponseCorrection, Interruption
from talkbox.conversation.values import Disconnected, Message, Reason
from talkbox.errors import AudioError, ServiceError, SessionTimeout, SessionUnreachable, TalkboxError, ToolFailed
from talkbox.logs import STANDING

from .device_tools import Handler
from .metrics import Metrics, told
from .ports import Converse, Session, Sound
from .state import Input

log = logging.getLogger(__name__)

END_LIMIT_S = 20.0
"""How long an end may take. All that a conversation waits for on its way out is limited to less: beyond it is a bug."""


class Publish(Protocol):
    """`EventStream.publish`."""

    def __call__(self, name: str, /, **fields: object) -> None:
        """Tell everyone that ``name`` happened."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class UserSpoke:
    """The service heard the user say something."""


class SessionRunner:
    """
    Open, watch and close one conversation after the other. Lives on the event loop.

    Args:
        converse: Opens a conversation.
        tools: The client tools of every conversation.
        post: Takes what happened to the appliance's inbox. Each conversation ends with exactly one of `Input.CLOSED`,
            `Input.FAILED` and `Input.UNREACHABLE`, after its devices are closed.
        publish: Tells whoever looks on: a name, and fields fit for JSON.
        sound: Whose counters and timing go into the line of figures at a conversation's end.
        transcripts: Whether what is said is logged.

    Attributes:
        current: The conversation that is open, or `None`.
        mode: Who has the floor in it: ``"listening"`` or ``"speaking"``; `None` without a conversation.
        count: Conversations that were opened so far.
        trouble: What went wrong last in the conversation that is open, or was; `None`: nothing.
    """

    def __init__(
        self,
        *,
        converse: Converse,
        tools: Mapping[str, Handler],
        post: Callable[[Input | UserSpoke], None],
        publish: Publish,
        sound: Sound,
        transcripts: bool = False,
    ) -> None:
        self._converse, self._tools, self._post, self._publish = converse, tools, post, publish
        self._sound, self._transcripts = sound, transcripts
        self._metrics = Metrics(pressed_s=0.0, before=sound.counters)
        self._ending = False
        self._card_failed = False
        self._opening: asyncio.Task[Session] | None = None
        self._past = {"chunks_sent": 0, "stale_audio": 0}
        self.current: Session | None = None
        self.mode: str | None = None
        self.count = 0
        self.trouble: TalkboxError | None = None

    async def run(self) -> None:
        """Hold one conversation from its beginning to its end."""
        self._ending, self.trouble = False, None
        self._metrics = Metrics(pressed_s=_now_s(), before=self._sound.counters)
        self._opening = asyncio.ensure_future(self._open())
        try:
            session = await self._opening
        except asyncio.CancelledError:
            if not self._ending:
                raise
            log.info("session canceled before it was open", extra={"event": "session_canceled"})
            self._over(Input.CLOSED, Disconnected(reason=Reason.USER))
            return
        except TalkboxError as error:
            self.report(error)
            unreachable = isinstance(error, SessionUnreachable | SessionTimeout)
            self._over(
                Input.UNREACHABLE if unreachable else Input.FAILED, Disconnected(reason=Reason.ERROR, text=str(error))
            )
            return
        finally:
            self._opening = None
        self.current, self.mode = session, self.mode or "listening"
        self.count += 1
        if self._card_failed:
            self._card_failed = False
            log.info("the sound card works again", extra={"event": "card_back"})
        self._post(Input.CONNECTED)
        end = await session.wait_closed()
        self._log_end(session, end)
        self._past = {"chunks_sent": self.chunks_sent, "stale_audio": self.stale_audio}
        self._over(Input.FAILED if end.reason is Reason.ERROR else Input.CLOSED, end)

    @property
    def chunks_sent(self) -> int:
        """Chunks of microphone sound that went out, over all conversations."""
        return self._past["chunks_sent"] + (self.current.counters.chunks_sent if self.current else 0)

    @property
    def stale_audio(self) -> int:
        """Messages of agent audio that came too late to be heard, over all conversations."""
        return self._past["stale_audio"] + (self.current.counters.stale_audio if self.current else 0)

    async def end(self) -> None:
        """
        End the conversation, open or on its way. Returns at once where there is none.

        Raises:
            RuntimeError: If it takes longer than `END_LIMIT_S`: a bug. Whether the microphone is closed is not known
                then, and only the end of the program closes it for certain.
        """
        self._ending = True
        try:
            async with asyncio.timeout(END_LIMIT_S):
                if self._opening is not None:
                    self._opening.cancel()
                    # It may have come too late: then the conversation stands. `run`, which waits too, is told first.
                    await asyncio.wait({self._opening})
                if self.current is not None:
                    await self.current.end_session()
        except TimeoutError:
            raise RuntimeError(f"the session did not close within {END_LIMIT_S:g} s") from None

    def silence_agent(self) -> None:
        """Cut the agent off, because the button was pressed."""
        if self.current is not None:
            if self.mode == "speaking":
                self._cut("the button")
            self.current.silence_agent()

    def report(self, error: TalkboxError) -> None:
        """Say once, to the journal and to whoever looks on, what went wrong and what to do."""
        self.trouble = error
        self._card_failed = self._card_failed or isinstance(error, AudioError)
        level = logging.WARNING if isinstance(error, ToolFailed | ServiceError) else logging.ERROR  # or it goes on
        extra = {"event": "error", "error": type(error).__name__, "hint": error.hint}
        log.log(level, "%s", error, extra=extra)
        self._publish("error", text=str(error), hint=error.hint)

    async def _open(self) -> Session:
        return await self._converse(
            client_tools={name: self._told(name, tool) for name, tool in self._tools.items()},
            on_connect=self._connected,
            on_message=self._said,
            on_mode_change=self._mode_changed,
            on_interruption=self._interrupted,
            on_agent_response_correction=self._corrected,
            on_error=self.report,
        )

    def _log_end(self, session: Session, end: Disconnected) -> None:
        sound = self._sound
        figures = self._metrics.figures(
            now_s=_now_s(), session=session.counters, sound=sound.counters, timing=sound.timing
        )
        log.info(
            "conversation %s ended by %s after %.1f s%s",
            session.get_id(),
            end.reason,
            figures["duration_s"],
            # What an error says was reported as one, with its remedy.
            f": {end.text}" if end.text and end.reason is not Reason.ERROR else "",
            extra={"event": "session_ended", "reason": end.reason, "code": end.code},
        )
        log.info("metrics: %s", told(figures), extra={"event": "metrics", **figures})

    def _over(self, how: Input, end: Disconnected) -> None:
        """Say that everything is closed."""
        self.current = self.mode = None
        STANDING.set(conversation_id=None, mode=None)
        self._publish("disconnected", reason=end.reason, code=end.code, text=end.text)
        self._post(how)

    # What the conversation tells; all of it on the loop.

    def _connected(self, conversation_id: str) -> None:
        STANDING.set(conversation_id=conversation_id)
        extra = {"event": "session_started"}
        log.info(
            "conversation %s began, %.2f s after the press",
            conversation_id,
            self._metrics.since_press_s(_now_s()),
            extra=extra,
        )
        self._publish("connected", conversation_id=conversation_id)

    def _said(self, message: Message) -> None:
        self._publish(
            "message", source=message.source, text=message.text, final=message.final, event_id=message.event_id
        )
        if not message.final:
            return
        extra = {"event": f"{message.source}_spoke"}
        if self._transcripts:
            log.info("%s: %s", message.source, message.text, extra=extra)
        else:
            log.info("the user spoke" if message.source == "user" else "the agent speaks", extra=extra)
        if message.source == "user":
            self._metrics.user_spoke(_now_s())
            self._post(UserSpoke())

    def _mode_changed(self, mode: str) -> None:
        self.mode = str(mode)
        STANDING.set(mode=self.mode)
        if mode == "speaking":
            self._metrics.agent_speaks(_now_s())
        self._publish("mode", mode=self.mode)
        self._post(Input.AGENT_SPEAKS if mode == "speaking" else Input.AGENT_DONE)

    def _interrupted(self, interruption: Interruption) -> None:
        cut = self.mode == "speaking"
        if cut:
            self._cut("the user's voice")
        self._publish("interrupted", event_id=interruption.event_id, cut=cut)

    def _cut(self, by: str) -> None:
        self._metrics.interrupted()
        log.info("the agent was interrupted by %s", by, extra={"event": "interrupted"})

    def _corrected(self, correction: AgentResponseCorrection) -> None:
        """The answer that was interrupted, cut to what was heard of it."""
        self._publish("corrected", text=correction.corrected, event_id=correction.event_id)

    def _told(self, name: str, tool: Handler) -> Handler:
        async def used(parameters: Mapping[str, object]) -> object:
            self._publish("tool", name=name)
            log.info("the agent used %s", name, extra={"event": "tool", "tool": name})
            return await tool(parameters)

        return used


def _now_s() -> float:
    return asyncio.get_running_loop().time()
