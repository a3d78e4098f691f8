"""A whole session on virtual time: what is opened, carried, announced and closed, and in which order."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from talkbox.conversation import outgoing
from talkbox.conversation.callbacks import Callbacks
from talkbox.conversation.session import Session
from talkbox.conversation.tools import Tool, ToolRunner
from talkbox.conversation.values import Disconnected, Reason, Status
from talkbox.errors import (
    AudioDeviceLost,
    AudioDeviceMissing,
    ServiceError,
    SessionEnded,
    SessionError,
    SessionLost,
    SessionRefused,
    SessionTimeout,
    TalkboxError,
    ToolFailed,
)
from tests.support.line import FakeAudio, FakeService
from tests.support.messages import JUNK, METADATA, SAMPLES, audio_frame
from tests.support.virtual_time import run

SECOND_BASE64 = "AAAA" * (32_000 // 3) + "AAA="  # of silence, at 16 kHz


class Stage:
    """A session with everything around it, and what its application was told, in order."""

    def __init__(
        self,
        *,
        service: FakeService | None = None,
        audio: FakeAudio | None = None,
        tools: dict[str, Tool] | None = None,
        find_url: Callable[[], Awaitable[str]] | None = None,
        only: tuple[str, ...] | None = None,
        callbacks: dict[str, object] | None = None,
    ) -> None:
        self.told: list[tuple[str, Any]] = []
        self.service = service or FakeService()
        self.link = self.service.link
        self.audio = audio
        names = Callbacks.__annotations__ if only is None else only
        self.session = Session(
            initiation=outgoing.initiation(user_id="u"),
            audio=audio,
            find_url=find_url or self._url,
            connect=self.service.connect,
            tools=ToolRunner(tools or {}, timeout_s=5),
            callbacks={**{name: self._note(name) for name in names}, **(callbacks or {})},
            connect_timeout_s=10,
            metadata_timeout_s=10,
        )

    async def _url(self) -> str:
        return "wss://service"

    def _note(self, name: str) -> Callable[[object], None]:
        return lambda argument: self.told.append((name, argument))

    def of(self, name: str) -> list[Any]:
        return [argument for told, argument in self.told if told == name]

    async def end(self) -> Disconnected:
        self.session.finish(Disconnected(reason=Reason.USER))
        return await self.session.wait_closed()


def test_a_session_opens_the_microphone_first_and_closes_it_first() -> None:
    async def story() -> None:
        audio = FakeAudio()

        async def find_url() -> str:
            audio.calls.append("find url")
            return "wss://service"

        stage = Stage(audio=audio, find_url=find_url)
        await stage.session.start()
        assert audio.calls == ["open", "find url", "negotiate pcm_16000 pcm_16000"]
        assert stage.session.status is Status.CONNECTED
        assert stage.session.conversation_id == "conv_1"
        await asyncio.sleep(1)
        assert await stage.end() == Disconnected(reason=Reason.USER)
        assert audio.calls[-1] == "close"
        assert stage.link.closed_by_us
        names = [(name, value) for name, value in stage.told if name != "on_conversation_metadata"]
        assert names == [
            ("on_status_change", "connecting"),
            ("on_status_change", "connected"),
            ("on_can_send_feedback_change", True),
            ("on_connect", "conv_1"),
            ("on_status_change", "disconnecting"),
            ("on_can_send_feedback_change", False),
            ("on_status_change", "disconnected"),
            ("on_disconnect", Disconnected(reason=Reason.USER)),
        ]

    run(story())


def test_what_is_heard_while_connecting_is_sent_first_and_whole() -> None:
    async def story() -> None:
        audio = FakeAudio()
        stage = Stage(audio=audio, service=FakeService(delay_s=3))
        for number in range(100):
            audio.hear(bytes([number]))
        await stage.session.start()
        audio.hear(b"later")
        await asyncio.sleep(1)
        await stage.end()
        expected = [outgoing.user_audio(bytes([number])) for number in range(100)] + [outgoing.user_audio(b"later")]
        assert stage.link.kinds() == ["conversation_initiation_client_data"] + ["user_audio_chunk"] * 101
        assert stage.link.sent[1:] == [json.loads(frame) for frame in expected]
        assert stage.session.counters.chunks_sent == 101

    run(story())


def test_on_a_line_that_is_full_speech_waits_where_it_is_counted() -> None:
    async def story() -> None:
        audio = FakeAudio()
        stage = Stage(audio=audio)
        await stage.session.start()
        stage.link.held.clear()
        for _ in range(10):
            audio.hear(b"x")
        await asyncio.sleep(1)
        assert stage.session.counters.chunks_sent == 0
        assert audio._chunks.qsize() == 9
        stage.link.held.set()
        await asyncio.sleep(1)
        assert stage.session.counters.chunks_sent == 10
        await stage.end()

    run(story())


def test_pings_are_answered_before_the_metadata_and_after_and_a_slow_callback_delays_none() -> None:
    async def story() -> None:
        async def slow(_message: object) -> None:
            await asyncio.sleep(60)

        service = FakeService(greets=False)
        stage = Stage(service=service, callbacks={"on_message": slow})
        service.link.say(SAMPLES["ping"])
        service.link.say(METADATA)
        await stage.session.start()
        assert stage.link.kinds() == ["conversation_initiation_client_data", "pong"]
        stage.link.say(SAMPLES["user_transcript"])
        await asyncio.sleep(1)
        stage.link.say(SAMPLES["ping"])
        await asyncio.sleep(0.001)
        assert stage.link.kinds()[-2:] == ["pong", "pong"]
        await stage.end()

    run(story())


def test_audio_makes_the_mode_and_an_interruption_ends_it() -> None:
    async def story() -> None:
        audio = FakeAudio()
        stage = Stage(audio=audio)
        await stage.session.start()
        stage.link.say(audio_frame(1, SECOND_BASE64))
        await asyncio.sleep(0.5)
        assert stage.session.mode == "speaking"
        stage.link.say({"type": "interruption", "interruption_event": {"event_id": 1}})
        stage.link.say(audio_frame(1, SECOND_BASE64))
        await asyncio.sleep(0.001)
        assert stage.session.mode == "listening"
        assert audio.calls[-1] == "interrupt"
        stage.link.say(audio_frame(2, SECOND_BASE64))
        await asyncio.sleep(2)
        assert len(audio.played) == 2
        assert stage.session.counters.stale_audio == 1
        assert stage.of("on_mode_change") == ["speaking", "listening", "speaking", "listening"]
        assert [event.event_id for event in stage.of("on_audio")] == [1, 2]
        await stage.end()

    run(story())


def test_the_button_silences_the_agent_until_some_time_after_its_release() -> None:
    async def story() -> None:
        audio = FakeAudio()
        stage = Stage(audio=audio)
        await stage.session.start()
        stage.link.say(audio_frame(1, SECOND_BASE64))
        await asyncio.sleep(0.1)
        stage.session.silence_agent()
        assert audio.calls[-1] == "interrupt"
        assert stage.session.mode == "listening"
        stage.session.expect_agent(within_s=5)
        await asyncio.sleep(4.9)
        stage.link.say(audio_frame(2, SECOND_BASE64))
        await asyncio.sleep(0.2)
        assert len(audio.played) == 1
        stage.link.say(audio_frame(3, SECOND_BASE64))
        await asyncio.sleep(0.2)
        assert len(audio.played) == 2
        await stage.end()
        stage.session.silence_agent()
        assert audio.calls[-1] == "close"

    run(story())


def test_leaving_in_mid_word_ends_the_mode_too() -> None:
    async def story() -> None:
        stage = Stage(audio=FakeAudio())
        await stage.session.start()
        stage.link.say(audio_frame(1, SECOND_BASE64))
        await asyncio.sleep(0.1)
        await stage.end()
        assert stage.of("on_mode_change") == ["speaking", "listening"]

    run(story())


@pytest.mark.parametrize(
    ("how", "text"),
    [
        (SAMPLES["agent_tool_response"], "the agent ended the call"),
        (SAMPLES["agent_tool_response_full_payload"], "the agent ended the call"),
        (
            {"type": "error", "error_event": {"code": 1000, "error_type": "max_duration_exceeded"}},
            "max_duration_exceeded",
        ),
    ],
)
def test_a_goodbye_is_played_out(how: dict[str, Any], text: str) -> None:
    async def story() -> None:
        stage = Stage(audio=FakeAudio())
        await stage.session.start()
        started = asyncio.get_running_loop().time()
        stage.link.say(audio_frame(1, SECOND_BASE64))
        stage.link.say(how)
        stage.link.say(audio_frame(2, SECOND_BASE64))  # the last words are still on their way
        assert await stage.session.wait_closed() == Disconnected(reason=Reason.AGENT, text=text)
        assert asyncio.get_running_loop().time() - started == pytest.approx(2)
        assert not stage.of("on_error")

    run(story())


def test_close_code_1000_plays_out_and_is_the_agents_doing() -> None:
    async def story() -> None:
        audio = FakeAudio()
        stage = Stage(audio=audio)
        await stage.session.start()
        started = asyncio.get_running_loop().time()
        stage.link.say(audio_frame(1, SECOND_BASE64))
        stage.link.drop(1000, "bye")
        audio.hear(b"nobody listens any more")
        ended = await stage.session.wait_closed()
        assert ended == Disconnected(reason=Reason.AGENT, code=1000, text="bye")
        assert asyncio.get_running_loop().time() - started == pytest.approx(1)
        assert stage.told[-1] == ("on_disconnect", ended)

    run(story())


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (1011, "the connection was closed with code 1011: oops"),
        (None, "the connection was closed without a close code: oops"),
    ],
)
def test_any_other_end_is_an_error_and_is_told_in_order(code: int | None, text: str) -> None:
    async def story() -> None:
        stage = Stage(audio=FakeAudio())
        await stage.session.start()
        stage.link.drop(code, "oops")
        assert await stage.session.wait_closed() == Disconnected(reason=Reason.ERROR, code=code, text=text)
        names = [name for name, _ in stage.told]
        assert names[-5:] == [
            "on_error",
            "on_status_change",
            "on_can_send_feedback_change",
            "on_status_change",
            "on_disconnect",
        ]
        (error,) = stage.of("on_error")
        assert isinstance(error, SessionLost)
        assert error.code == code

    run(story())


def test_a_line_that_breaks_while_the_agent_says_goodbye_is_no_error() -> None:
    async def story() -> None:
        stage = Stage(audio=FakeAudio())
        await stage.session.start()
        stage.link.say(audio_frame(1, SECOND_BASE64))
        stage.link.say(SAMPLES["agent_tool_response"])
        stage.link.drop(None)
        assert (await stage.session.wait_closed()).reason is Reason.AGENT

    run(story())


def test_a_lost_card_ends_the_session_with_its_error() -> None:
    async def story() -> None:
        audio = FakeAudio()
        stage = Stage(audio=audio)
        await stage.session.start()
        lost = AudioDeviceLost("the sound card is gone")
        audio.hear(lost)
        ended = await stage.session.wait_closed()
        assert ended == Disconnected(reason=Reason.ERROR, text="the sound card is gone")
        assert stage.of("on_error") == [lost]

    run(story())


def test_an_error_of_the_service_is_reported_and_the_session_lives_on() -> None:
    async def story() -> None:
        stage = Stage()
        await stage.session.start()
        stage.link.say(SAMPLES["error"])
        stage.link.say({"type": "error", "error_event": {}})
        await asyncio.sleep(1)
        first, second = stage.of("on_error")
        assert isinstance(first, ServiceError)
        assert (first.code, first.error_type) == (1002, "llm_timeout")
        assert str(first) == "the service reports llm_timeout: the model is slow"
        assert str(second) == "the service reports a fault: no more than that"
        assert stage.session.status is Status.CONNECTED
        await stage.end()

    run(story())


def test_every_kind_of_junk_is_told_and_ends_nothing() -> None:
    async def story() -> None:
        stage = Stage(audio=FakeAudio())
        await stage.session.start()
        for junk in JUNK.values():
            stage.link.say(junk)
        stage.link.say({"type": "smell"})
        await asyncio.sleep(1)
        assert len(stage.of("on_debug")) == len(JUNK) + 1
        assert stage.session.counters.malformed == len(JUNK)
        assert stage.session.counters.unknown == 1
        assert stage.session.status is Status.CONNECTED
        await stage.end()

    run(story())


def test_every_message_of_the_contract_reaches_the_application() -> None:
    async def story() -> None:
        stage = Stage(tools={"dim": lambda_tool("ok")})
        await stage.session.start()
        for kind, sample in SAMPLES.items():
            if kind not in ("agent_tool_response", "agent_tool_response_full_payload"):
                stage.link.say(sample)
        await asyncio.sleep(1)
        stage.link.say(SAMPLES["agent_tool_response"])
        await stage.session.wait_closed()
        silent = set(Callbacks.__annotations__) - {name for name, _ in stage.told}
        assert silent == {"on_unhandled_client_tool_call", "on_mode_change"}

    run(story())


def lambda_tool(result: object, *, after_s: float = 0) -> Tool:
    async def tool(_parameters: dict[str, Any]) -> object:
        await asyncio.sleep(after_s)
        return result

    return tool


def test_each_tool_call_gets_one_result_and_a_slow_tool_delays_nobody() -> None:
    async def story() -> None:
        stage = Stage(tools={"dim": lambda_tool(0, after_s=3), "quick": lambda_tool("")})
        await stage.session.start()
        for name in ("dim", "quick", "dance"):
            body: dict[str, object] = {"tool_name": name, "tool_call_id": name, "parameters": {}, "event_id": 1}
            stage.link.say({"type": "client_tool_call", "client_tool_call": body})
        await asyncio.sleep(4)
        results = {one["tool_call_id"]: one for one in stage.link.sent if one["type"] == "client_tool_result"}
        assert stage.link.kinds().count("client_tool_result") == 3
        assert (results["dim"]["result"], results["dim"]["is_error"]) == ("0", False)
        assert (results["quick"]["result"], results["quick"]["is_error"]) == ("", False)
        assert results["dance"]["is_error"]
        assert [call.tool_name for call in stage.of("on_unhandled_client_tool_call")] == ["dance"]
        (error,) = stage.of("on_error")
        assert isinstance(error, ToolFailed)
        await stage.end()

    run(story())


def test_a_tool_that_hangs_up_gets_its_result_out() -> None:
    async def story() -> None:
        async def goodbye(_parameters: dict[str, Any]) -> str:
            stage.session.hang_up("the user said goodbye")
            await asyncio.sleep(1)
            return "bye"

        stage = Stage(tools={"dim": goodbye})
        await stage.session.start()
        stage.link.say(SAMPLES["client_tool_call"])
        ended = await stage.session.wait_closed()
        assert ended == Disconnected(reason=Reason.AGENT, text="the user said goodbye")
        assert stage.link.sent[-1]["result"] == "bye"

    run(story())


def test_a_tool_may_end_the_session_and_a_closed_line_ends_the_tool() -> None:
    async def story() -> None:
        async def leave(_parameters: dict[str, Any]) -> None:
            await stage.end()

        stage = Stage(tools={"dim": leave})
        await stage.session.start()
        stage.link.say(SAMPLES["client_tool_call"])
        assert (await stage.session.wait_closed()).reason is Reason.USER

        other = Stage(tools={"dim": lambda_tool("too late", after_s=4)})
        await other.session.start()
        started = asyncio.get_running_loop().time()
        other.link.say(SAMPLES["client_tool_call"])
        other.link.drop(1000)
        await other.session.wait_closed()
        assert asyncio.get_running_loop().time() == started

    run(story())


def test_an_mcp_call_is_denied_once_unless_the_application_decides() -> None:
    async def story(*only: str) -> list[str]:
        stage = Stage(only=only)
        await stage.session.start()
        stage.link.say(SAMPLES["mcp_tool_call"])
        stage.link.say(SAMPLES["mcp_tool_call"])
        await asyncio.sleep(1)
        await stage.end()
        return [str(one["is_approved"]) for one in stage.link.sent if one["type"] == "mcp_tool_approval_result"]

    assert run(story()) == ["False"]
    assert run(story("on_mcp_tool_call")) == []


@pytest.mark.parametrize(
    ("code", "reason", "kind", "said"),
    [
        (1008, "requires authentication", SessionRefused, "session refused (1008): requires authentication"),
        (1011, "", SessionRefused, "session refused (1011): override_error: no such voice"),
        (None, "reset", SessionLost, "the connection broke before the conversation began: reset"),
    ],
)
def test_a_line_that_closes_before_the_metadata_says_why(
    code: int | None, reason: str, kind: type[TalkboxError], said: str
) -> None:
    async def story() -> None:
        service = FakeService(greets=False)
        stage = Stage(service=service, audio=FakeAudio())
        service.link.say({"type": "error", "error_event": {"message": "override_error:\nno such voice"}})
        service.link.drop(code, reason)
        with pytest.raises(kind) as caught:
            await stage.session.start()
        assert str(caught.value) == said
        await failed(stage, code=code, text=said)

    run(story())


async def failed(stage: Stage, *, code: int | None, text: str) -> None:
    """What is left of a session that could not be opened: nothing, and a last word."""
    ended = Disconnected(reason=Reason.ERROR, code=code, text=text)
    assert stage.told[-1] == ("on_disconnect", ended)
    assert stage.of("on_disconnect") == [ended]
    assert stage.of("on_status_change") == ["connecting", "disconnected"]
    assert stage.audio is not None
    assert stage.audio.calls[-1] == "close"
    with pytest.raises(SessionEnded):
        stage.session.send(outgoing.user_activity())


def test_no_metadata_in_time_is_a_time_out() -> None:
    async def story() -> None:
        stage = Stage(service=FakeService(greets=False), audio=FakeAudio())
        with pytest.raises(SessionTimeout, match="sent no metadata within 10 s"):
            await stage.session.start()
        assert asyncio.get_running_loop().time() == pytest.approx(10)
        assert stage.link.closed_by_us
        await failed(stage, code=None, text="the service accepted the connection, and sent no metadata within 10 s")

    run(story())


def test_no_url_in_time_is_a_time_out_and_nothing_is_connected() -> None:
    async def story() -> None:
        stage = Stage(find_url=never, audio=FakeAudio())
        with pytest.raises(SessionTimeout, match="no signed URL within 10 s"):
            await stage.session.start()
        assert not stage.service.urls
        await failed(stage, code=None, text="no signed URL within 10 s")

    async def never() -> str:
        await asyncio.Event().wait()
        raise AssertionError

    run(story())


def test_a_refusal_passes_and_its_status_is_the_code() -> None:
    async def story() -> None:
        refusal = SessionRefused(status=401, reason="no key")
        stage = Stage(service=FakeService(failure=refusal), audio=FakeAudio())
        with pytest.raises(SessionRefused) as caught:
            await stage.session.start()
        assert caught.value is refusal
        await failed(stage, code=401, text="session refused (401): no key")

    run(story())


def test_a_missing_card_passes_and_the_network_is_left_alone() -> None:
    async def story() -> None:
        audio = FakeAudio()
        audio.failure = AudioDeviceMissing("no such card")
        stage = Stage(audio=audio)
        with pytest.raises(AudioDeviceMissing):
            await stage.session.start()
        assert not stage.service.urls
        await failed(stage, code=None, text="no such card")

    run(story())


def test_a_format_that_nobody_can_play_is_an_error() -> None:
    async def story() -> None:
        service = FakeService(greets=False)
        body = {"conversation_id": "c", "agent_output_audio_format": "opus_48000"}
        service.link.say({**METADATA, "conversation_initiation_metadata_event": body})
        stage = Stage(service=service, audio=FakeAudio())
        with pytest.raises(SessionError, match="opus_48000") as caught:
            await stage.session.start()
        assert "pcm_16000" in caught.value.hint
        await failed(stage, code=None, text=str(caught.value))

    run(story())


@pytest.mark.parametrize("after_s", [0, 1, 4])
def test_canceling_the_start_closes_everything(after_s: float) -> None:
    async def story() -> None:
        service = FakeService(greets=False, delay_s=2)
        stage = Stage(service=service, audio=FakeAudio())
        task = asyncio.create_task(stage.session.start())
        await asyncio.sleep(after_s)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        if after_s:
            assert stage.audio is not None
            assert stage.audio.calls[-1] == "close"
            assert service.link.closed_by_us is (after_s > 2)
            assert stage.told[-1] == (
                "on_disconnect",
                Disconnected(reason=Reason.USER, text="canceled while connecting"),
            )

    run(story())


def test_a_bug_is_raised_and_all_the_same_everything_is_closed_and_told() -> None:
    async def story() -> None:
        audio = FakeAudio()
        audio.failure = ZeroDivisionError("a bug")
        stage = Stage(audio=audio)
        with pytest.raises(ExceptionGroup):
            await stage.session.start()
        assert audio.calls == ["open", "close"]
        assert [name for name, _ in stage.told] == ["on_status_change", "on_status_change", "on_disconnect"]
        assert stage.told[-1][1].reason is Reason.ERROR

        audio = FakeAudio()
        stage = Stage(audio=audio)
        await stage.session.start()
        audio.hear(ZeroDivisionError("a bug"))
        with pytest.raises(ExceptionGroup):
            await stage.session.wait_closed()
        assert audio.calls[-1] == "close"
        assert stage.link.closed_by_us
        assert stage.of("on_status_change") == ["connecting", "connected", "disconnecting", "disconnected"]
        assert stage.told[-1][0] == "on_disconnect"
        assert "a bug" in stage.told[-1][1].text

    run(story())


def test_a_card_that_does_not_close_keeps_neither_the_line_open_nor_the_end_a_secret() -> None:
    class Stuck(FakeAudio):
        async def close(self) -> None:
            raise OSError("the card does not close")

    async def story() -> None:
        stage = Stage(audio=Stuck())
        await stage.session.start()
        stage.session.finish(Disconnected(reason=Reason.USER))
        with pytest.raises(ExceptionGroup):
            await stage.session.wait_closed()
        assert stage.link.closed_by_us
        assert stage.told[-1] == ("on_disconnect", Disconnected(reason=Reason.USER))

    run(story())


@pytest.mark.parametrize("after_s", [1, 3])
def test_an_interrupted_program_closes_everything_and_hears_of_it(after_s: float) -> None:
    """Control-C: all tasks of the loop are canceled at once, as `asyncio.run` does it."""

    async def story() -> None:
        stage = Stage(audio=FakeAudio(), service=FakeService(delay_s=2))
        starting = asyncio.create_task(stage.session.start())
        await asyncio.sleep(after_s)
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert starting.cancelled() is (after_s < 2)
        assert stage.audio is not None
        assert stage.audio.calls.count("close") == 1
        assert stage.link.closed_by_us is (after_s > 2)
        names = [name for name, _ in stage.told]
        assert (names.count("on_disconnect"), names[-1]) == (1, "on_disconnect")
        assert stage.told[-1][1].reason is Reason.USER
        assert not asyncio.all_tasks() - {asyncio.current_task()}

    run(story())


def test_a_service_that_asks_and_does_not_read_is_not_listened_to_until_it_does() -> None:
    async def story() -> None:
        stage = Stage()
        await stage.session.start()
        stage.link.held.clear()
        for _ in range(5000):
            stage.link.say(SAMPLES["ping"])
        await asyncio.sleep(1)
        assert stage.session._protocol.unsent < 1100
        stage.link.held.set()
        await asyncio.sleep(1)
        assert stage.link.kinds().count("pong") == 5000
        await stage.end()

    run(story())


def test_only_the_first_end_counts() -> None:
    async def story() -> None:
        stage = Stage()
        await stage.session.start()
        stage.session.finish(Disconnected(reason=Reason.USER))
        stage.session.finish(Disconnected(reason=Reason.AGENT))
        stage.session._fail(SessionLost("too late"))
        assert await stage.session.wait_closed() == Disconnected(reason=Reason.USER)
        assert not stage.of("on_error")

    run(story())


def test_what_was_to_be_said_is_said_before_the_line_is_closed() -> None:
    async def story() -> None:
        stage = Stage()
        await stage.session.start()
        stage.session.send(outgoing.user_message("one last thing"))
        await stage.end()
        assert stage.link.sent[-1] == {"type": "user_message", "text": "one last thing"}

        slow = Stage()
        await slow.session.start()
        slow.link.held.clear()
        for _ in range(2):
            slow.session.send(outgoing.user_message("on a line that is full"))
        await asyncio.sleep(0.1)
        started = asyncio.get_running_loop().time()
        await slow.end()
        assert asyncio.get_running_loop().time() - started == pytest.approx(1)

    run(story())


def test_a_session_may_be_waited_for_by_many_and_canceling_one_changes_nothing() -> None:
    async def story() -> None:
        stage = Stage()
        await stage.session.start()
        first, second = (asyncio.create_task(stage.session.wait_closed()) for _ in range(2))
        await asyncio.sleep(1)
        first.cancel()
        await asyncio.sleep(1)
        assert stage.session.status is Status.CONNECTED
        await stage.end()
        assert await second == Disconnected(reason=Reason.USER)

    run(story())


def test_a_callback_cannot_wait_for_its_own_end() -> None:
    async def story() -> None:
        caught: list[str] = []

        async def wait(_message: object) -> None:
            try:
                await stage.session.wait_closed()
            except RuntimeError as error:
                caught.append(str(error))

        stage = Stage(callbacks={"on_message": wait})
        await stage.session.start()
        stage.link.say(SAMPLES["user_transcript"])
        await asyncio.sleep(1)
        await stage.end()
        assert caught == ["a callback cannot wait for the end of its own session"]

    run(story())


def test_a_session_that_was_never_started_is_over() -> None:
    async def story() -> None:
        assert await Stage().session.wait_closed() == Disconnected(reason=Reason.USER)

    run(story())
