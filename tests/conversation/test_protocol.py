"""The rules of a conversation, with strings."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.conversation import events, outgoing
from talkbox.conversation.protocol import ConversationProtocol, hangs_up
from tests.support.messages import JUNK, METADATA, SAMPLES, audio_frame, frame


def opened() -> ConversationProtocol:
    protocol = ConversationProtocol(outgoing.initiation())
    protocol.receive(frame(METADATA), now_s=0)
    sent(protocol)
    return protocol


def sent(protocol: ConversationProtocol) -> list[bytes]:
    return list(iter(protocol.next_to_send, None))


def interrupt(event_id: int) -> bytes:
    return frame({"type": "interruption", "interruption_event": {"event_id": event_id}})


def heard(protocol: ConversationProtocol, event_id: int, now_s: float = 0) -> bool:
    return protocol.receive(audio_frame(event_id), now_s=now_s) is not None


def test_the_first_frame_is_the_opening_one() -> None:
    protocol = ConversationProtocol(outgoing.initiation(user_id="u"))
    protocol.send(outgoing.user_activity())
    assert [json.loads(one)["type"] for one in sent(protocol)] == [
        "conversation_initiation_client_data",
        "user_activity",
    ]
    assert protocol.next_to_send() is None


def test_a_ping_is_answered_and_told() -> None:
    protocol = opened()
    assert protocol.receive(frame(SAMPLES["ping"]), now_s=0) == events.Ping(event_id=8, ping_ms=None)
    assert sent(protocol) == [outgoing.pong(event_id=8)]


def test_the_metadata_is_taken_once() -> None:
    protocol = opened()
    assert isinstance(protocol.receive(frame(METADATA), now_s=0), events.Malformed)
    assert protocol.metadata is not None
    assert protocol.metadata.conversation_id == "conv_1"


def test_audio_before_the_metadata_is_not_heard() -> None:
    protocol = ConversationProtocol(outgoing.initiation())
    assert isinstance(protocol.receive(audio_frame(1), now_s=0), events.Malformed)
    assert protocol.counters.audio_received == 0


def test_audio_up_to_an_interruption_is_stale_however_late() -> None:
    protocol = opened()
    assert heard(protocol, 5)
    protocol.receive(interrupt(5), now_s=0)
    assert [heard(protocol, event_id) for event_id in (4, 5, 6, 5)] == [False, False, True, False]
    assert protocol.counters.stale_audio == 3
    assert protocol.counters.audio_received == 2


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 20))))
def test_nothing_is_heard_that_any_interruption_made_stale(story: list[tuple[bool, int]]) -> None:
    protocol, worst = opened(), -1
    for is_interruption, event_id in story:
        if is_interruption:
            protocol.receive(interrupt(event_id), now_s=0)
            worst = max(worst, event_id)
        else:
            assert heard(protocol, event_id) is (event_id > worst)


@pytest.mark.parametrize("sign", [interrupt(0), frame(SAMPLES["user_transcript"])], ids=["interruption", "transcript"])
def test_a_silenced_agent_is_heard_again_after_a_sign_that_it_knows(sign: bytes) -> None:
    protocol = opened()
    protocol.silence_agent()
    assert not heard(protocol, 5, now_s=1e9)
    for kind in ("agent_response", "tentative_user_transcript", "vad_score", "ping"):
        protocol.receive(frame(SAMPLES[kind]), now_s=0)
    assert not heard(protocol, 5)
    protocol.receive(sign, now_s=0)
    assert heard(protocol, 5)


def test_a_silenced_agent_is_heard_again_some_time_after_the_release() -> None:
    protocol = opened()
    protocol.silence_agent()
    protocol.expect_agent(deadline_s=15)
    assert [heard(protocol, 5, now_s=now) for now in (10, 14.9, 15, 1)] == [False, False, True, True]


def test_a_second_press_forgets_the_first_release() -> None:
    protocol = opened()
    protocol.silence_agent()
    protocol.expect_agent(deadline_s=15)
    protocol.silence_agent()
    assert not heard(protocol, 5, now_s=100)
    protocol.expect_agent(deadline_s=120)
    assert heard(protocol, 5, now_s=120)


def test_a_release_without_a_press_discards_nothing() -> None:
    protocol = opened()
    protocol.expect_agent(deadline_s=15)
    assert heard(protocol, 5, now_s=1)


def test_feedback_is_about_the_latest_answer_that_was_heard() -> None:
    protocol = opened()
    assert protocol.feedback_event_id == 1
    protocol.receive(frame(SAMPLES["agent_response"]), now_s=0)
    assert protocol.feedback_event_id == 2
    protocol.receive(audio_frame(7), now_s=0)
    protocol.receive(interrupt(8), now_s=0)
    protocol.receive(audio_frame(8), now_s=0)
    protocol.receive('{"type": "agent_response", "agent_response_event": {"agent_response": "x"}}', now_s=0)
    assert protocol.feedback_event_id == 7


def test_an_mcp_tool_is_denied_once_where_nobody_can_be_asked() -> None:
    protocol = opened()
    call = protocol.receive(frame(SAMPLES["mcp_tool_call"]), now_s=0)
    assert isinstance(call, events.McpToolCall)
    assert [protocol.must_deny(call), protocol.must_deny(call)] == [True, False]
    loading = {**SAMPLES["mcp_tool_call"]["mcp_tool_call"], "state": "loading", "tool_call_id": "m2"}
    other = protocol.receive(frame({"type": "mcp_tool_call", "mcp_tool_call": loading}), now_s=0)
    assert isinstance(other, events.McpToolCall)
    assert other.approval_timeout_s is None
    assert not protocol.must_deny(other)


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_agent_hangs_up_with_end_call_only(kind: str) -> None:
    event = opened().receive(frame(SAMPLES[kind]), now_s=0)
    assert event is not None
    assert bool(hangs_up(event)) is (kind in ("agent_tool_response", "agent_tool_response_full_payload"))


def test_the_agent_does_not_hang_up_when_its_tool_failed() -> None:
    failed = {**SAMPLES["agent_tool_response"]["agent_tool_response"], "is_error": True}
    event = opened().receive(frame({"type": "agent_tool_response", "agent_tool_response": failed}), now_s=0)
    assert isinstance(event, events.AgentToolResponse)
    assert not hangs_up(event)


def test_the_longest_allowed_conversation_ends_like_any_other() -> None:
    report = events.ErrorReport(code=1000, error_type="max_duration_exceeded", message="", details={})
    assert hangs_up(report) == "max_duration_exceeded"


def test_what_is_not_understood_is_counted() -> None:
    protocol = opened()
    for junk in JUNK.values():
        assert isinstance(protocol.receive(junk, now_s=0), events.Malformed)
    protocol.receive('{"type": "smell"}', now_s=0)
    assert protocol.counters.malformed == len(JUNK)
    assert protocol.counters.unknown == 1


@given(st.lists(st.text() | st.binary() | st.sampled_from([frame(sample) for sample in SAMPLES.values()])))
def test_a_conversation_survives_any_frames(frames: list[str | bytes]) -> None:
    protocol = opened()
    for one in frames:
        protocol.receive(one, now_s=0)
    sent(protocol)
    protocol.receive(frame(SAMPLES["ping"]), now_s=0)
    assert sent(protocol) == [outgoing.pong(event_id=8)]


def test_bytes_are_counted_both_ways_as_they_go_over_the_wire() -> None:
    protocol = opened()
    before = protocol.counters
    protocol.receive(b"12345", now_s=0)
    protocol.receive("\u00fc", now_s=0)
    protocol.send(b"abc")
    protocol.send("\u00fc".encode())
    assert protocol.counters.bytes_received - before.bytes_received == 7
    assert protocol.counters.bytes_sent == before.bytes_sent
    sent(protocol)
    assert protocol.counters.bytes_sent - before.bytes_sent == 5
