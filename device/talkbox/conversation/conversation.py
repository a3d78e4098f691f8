"""The API: a port of the JavaScript client's `Conversation`, and three methods for a device with a button."""

from __future__ import annotations

import functools
import importlib.metadata
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Self, Unpack

from talkbox.errors import SessionError, TalkboxError

from . import outgoing
from .callbacks import Callbacks
from .connection import open_link
from .defaults import DEFAULTS
from .ports import Audio
from .session import Session
from .tools import Tool, ToolRunner
from .urls import check_websocket_url, conversation_url, one_line, with_source
from .values import Counters, Disconnected, Mode, Reason, Status

DEFAULT_SERVER = "wss://api.elevenlabs.io"

SignedUrl = str | Callable[[], Awaitable[str]]


class Conversation:
    """
    One conversation with an agent. Made by `start_session`; everything else is for the event loop's thread.

    Getters, `set_…` and `send_…` never block. After the end, `get_id` still answers, levels are zero, `set_…` change
    nothing, and every `send_…` raises `SessionEnded`.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    @classmethod
    async def start_session(
        cls,
        *,
        agent_id: str | None = None,
        signed_url: SignedUrl | None = None,
        server: str = DEFAULT_SERVER,
        audio: Audio | None = None,
        text_only: bool = False,
        client_tools: Mapping[str, Tool] | None = None,
        overrides: Mapping[str, object] | None = None,
        dynamic_variables: Mapping[str, object] | None = None,
        user_id: str | None = None,
        custom_llm_extra_body: Mapping[str, object] | None = None,
        source_info: Mapping[str, str] | None = None,
        connect_timeout_s: float = 10.0,
        metadata_timeout_s: float = 10.0,
        tool_timeout_s: float = 20.0,
        **callbacks: Unpack[Callbacks],
    ) -> Self:
        """
        Open a session: microphone and loudspeaker first, then the network. Canceling closes what was opened.

        Args:
            agent_id: A public agent. Exactly one of this and `signed_url`.
            signed_url: A private agent's signed URL. Ours, beyond the JavaScript client: an async callable that
                fetches one is called when the microphone is open already, so that no word is lost meanwhile.
            server: Where a public agent lives: `wss://`, or `ws://` to loopback.
            audio: Ears and mouth; `None` for the default ALSA devices.
            text_only: Open no audio, and ask the agent for none.
            client_tools: What the agent may ask for, by name. Each takes the parameters as one dictionary; an async
                one runs on the loop, a plain one in a thread of its own.
            overrides: Of the agent's configuration, by the contract's names (``{"agent": {"first_message": …}}``).
            dynamic_variables: Values for the agent's ``{{placeholders}}``.
            user_id: The owner's name for the user.
            custom_llm_extra_body: Passed on to the language model.
            source_info: ``source`` and ``version`` of the application; Talkbox's own if left out.
            connect_timeout_s: For fetching the URL, and for opening the connection, each.
            metadata_timeout_s: For the service's first word after that.
            tool_timeout_s: For one client tool.
            **callbacks: See `Callbacks`. Plain or async; called one after the other, in order, on the loop; an
                exception in one is logged and changes nothing.

        Raises:
            ValueError, TypeError: If the arguments are wrong; then nothing was opened.
            AudioError: If the microphone or the loudspeaker cannot be opened.
            SessionError: If the session cannot be opened: refused, unreachable, or too slow.
            MissingFeature: If the default audio needs an extra that is not installed.
        """
        _check_callables(callbacks, client_tools or {})
        for name, value in (
            ("connect_timeout_s", connect_timeout_s),
            ("metadata_timeout_s", metadata_timeout_s),
            ("tool_timeout_s", tool_timeout_s),
        ):
            if not (math.isfinite(value) and value > 0):
                raise ValueError(f"{name} must be a number of seconds above 0, not {value}")
        source = dict(source_info) if source_info is not None else _own_source()
        find_url = _url_finder(agent_id=agent_id, signed_url=signed_url, server=server, source_info=source)
        text_only = text_only or _asks_for_text_only(overrides)
        if text_only and audio is not None:
            raise ValueError("a text-only session takes no audio")
        initiation = outgoing.initiation(
            text_only=text_only,
            overrides=overrides,
            dynamic_variables=dynamic_variables,
            user_id=user_id,
            custom_llm_extra_body=custom_llm_extra_body,
            source_info=source,
        )
        if audio is None and not text_only:
            audio = DEFAULTS.audio()
        session = Session(
            initiation=initiation,
            audio=audio,
            find_url=find_url,
            connect=open_link,
            tools=ToolRunner(client_tools or {}, timeout_s=tool_timeout_s),
            callbacks=callbacks,
            connect_timeout_s=connect_timeout_s,
            metadata_timeout_s=metadata_timeout_s,
        )
        await session.start()
        return cls(session)

    async def end_session(self) -> None:
        """
        End the session, and return when everything is closed and `on_disconnect` has run. May be called twice.

        From within a callback it returns at once, and the session ends after that callback.
        """
        self._session.finish(Disconnected(reason=Reason.USER))
        if not self._session.in_callback():
            await self._session.wait_closed()

    async def wait_closed(self) -> Disconnected:
        """
        Wait for the end of the session, for whatever reason, and return how it ended. Canceling it changes nothing.

        Raises:
            RuntimeError: If called from within a callback, which would wait for itself.
        """
        return await self._session.wait_closed()

    @property
    def status(self) -> Status:
        """Where the session is."""
        return self._session.status

    @property
    def mode(self) -> Mode:
        """Whether the agent's voice is to be heard."""
        return self._session.mode

    @property
    def counters(self) -> Counters:
        """What has happened so far."""
        return self._session.counters

    def is_open(self) -> bool:
        """Return whether the session is connected."""
        return self._session.status is Status.CONNECTED

    def get_id(self) -> str:
        """Return the conversation's id."""
        return self._session.conversation_id

    def set_volume(self, *, volume: float) -> None:
        """Set the loudspeaker's volume, clamped to 0…1; what is not a finite number counts as 1."""
        if (audio := self._session.live_audio) is not None:
            audio.set_volume(min(max(float(volume), 0.0), 1.0) if math.isfinite(volume) else 1.0)

    def set_mic_muted(self, muted: bool) -> None:
        """Mute the microphone: the agent hears silence, not nothing."""
        if (audio := self._session.live_audio) is not None:
            audio.set_mic_muted(muted)

    def get_input_volume(self) -> float:
        """Return the microphone's level, 0 (-100 dB) to 1 (-30 dB)."""
        audio = self._session.live_audio
        return 0.0 if audio is None else audio.input_volume()

    def get_output_volume(self) -> float:
        """Return the loudspeaker's level, 0 (-100 dB) to 1 (-30 dB)."""
        audio = self._session.live_audio
        return 0.0 if audio is None else audio.output_volume()

    def get_input_byte_frequency_data(self) -> Any:
        """Return the microphone's spectrum: numpy uint8, shape ``(1024,)``, as `AnalyserNode` gives it."""
        audio = self._session.live_audio
        return DEFAULTS.spectrum() if audio is None else audio.input_byte_frequency_data()

    def get_output_byte_frequency_data(self) -> Any:
        """Return the loudspeaker's spectrum: numpy uint8, shape ``(1024,)``, as `AnalyserNode` gives it."""
        audio = self._session.live_audio
        return DEFAULTS.spectrum() if audio is None else audio.output_byte_frequency_data()

    def send_feedback(self, like: bool | None, event_id: int | None = None) -> None:
        """Say what the user thinks of an answer, the latest unless `event_id` names one; `None` takes it back."""
        if event_id is None:
            event_id = self._session.feedback_event_id
        self._session.send(outgoing.feedback(like=like, event_id=event_id))

    def send_contextual_update(self, text: str, *, context_id: str | None = None) -> None:
        """Tell the agent something without interrupting it; replaces an earlier update of the same `context_id`."""
        self._session.send(outgoing.contextual_update(text, context_id=context_id))

    def send_user_message(self, text: str, *, rich_content_id: str | None = None) -> None:
        """Say something by text; `rich_content_id` where it came from tapping a button of that content."""
        self._session.send(outgoing.user_message(text, rich_content_id=rich_content_id))

    def send_user_activity(self) -> None:
        """Show that the user is busy; the agent waits a little before it speaks."""
        self._session.send(outgoing.user_activity())

    def send_multimodal_message(self, *, text: str | None = None, file_id: str | None = None) -> None:
        """Send a text, an uploaded file, or both. `ValueError` without either."""
        self._session.send(outgoing.multimodal_message(text=text, file_id=file_id))

    def send_mcp_tool_approval_result(self, tool_call_id: str, is_approved: bool) -> None:
        """Answer an `on_mcp_tool_call` that awaits approval."""
        self._session.send(outgoing.mcp_tool_approval_result(tool_call_id=tool_call_id, is_approved=is_approved))

    # Ours, beyond the JavaScript client.

    def silence_agent(self) -> None:
        """
        Interrupt the agent here, without the service's help; for a button. Ours, beyond the JavaScript client.

        The service does not know, and goes on with its answer: all of its audio is discarded until the first
        interruption or final transcript that arrives from now on, or until the time that `expect_agent` sets.
        """
        self._session.silence_agent()

    def expect_agent(self, *, within_s: float = 5.0) -> None:
        """Hear the agent again after `within_s` at the latest; for the button's release. Ours, as `silence_agent`."""
        self._session.expect_agent(within_s=within_s)

    def hang_up(self) -> None:
        """
        Let what the agent said play out, then end the session with reason `agent`. Ours, beyond the JavaScript client.

        Returns at once; `wait_closed` waits for the end. For a client tool with which the agent ends the call.
        """
        self._session.hang_up("hung up by a client tool")


@functools.cache
def _own_source() -> dict[str, str]:
    try:
        version = importlib.metadata.version("talkbox")
    except importlib.metadata.PackageNotFoundError:  # run from a work tree
        version = "0"
    return {"source": "talkbox", "version": version}


def _check_callables(callbacks: Mapping[str, object], tools: Mapping[str, object]) -> None:
    for name, callback in callbacks.items():
        if name not in Callbacks.__annotations__:
            raise TypeError(f"start_session has no argument {name!r}")
        if callback is not None and not callable(callback):
            raise TypeError(f"{name} must be callable, not {type(callback).__name__}")
    for name, tool in tools.items():
        if not callable(tool):
            raise TypeError(f"client tool {name!r} must be callable, not {type(tool).__name__}")


def _asks_for_text_only(overrides: Mapping[str, object] | None) -> bool:
    conversation = (overrides or {}).get("conversation")
    return isinstance(conversation, Mapping) and conversation.get("text_only") is True


def _url_finder(
    *, agent_id: str | None, signed_url: SignedUrl | None, server: str, source_info: Mapping[str, str]
) -> Callable[[], Awaitable[str]]:
    """Return what answers with the address to connect to; what can be checked now is checked now."""
    if (agent_id is None) == (signed_url is None):
        raise ValueError("exactly one of agent_id and signed_url must be given")
    if agent_id is not None:
        if not agent_id:
            raise ValueError("agent_id must not be empty")
        known = conversation_url(server=server, agent_id=agent_id)
    elif isinstance(signed_url, str):
        check_websocket_url(signed_url, what="signed_url")
        known = signed_url

    async def find() -> str:
        if not callable(signed_url):
            return with_source(known, source_info)
        try:
            url = await signed_url()
            check_websocket_url(url, what="signed_url")
        except (TalkboxError, TimeoutError):
            raise
        except Exception as error:  # the application's code: whatever it raises, the session is not opened
            raise SessionError(f"no signed URL: {type(error).__name__}: {one_line(str(error))}") from error
        return with_source(url, source_info)

    return find
