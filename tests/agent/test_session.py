from __future__ import annotations

import asyncio
import itertools
import json
from dataclasses import replace
from typing import Any

import pytest

from talkbox_agent.audio import AudioFormat
from talkbox_agent.hearing import DeafRecognizer
from talkbox_agent.outbox import Close
from talkbox_agent.script import CallTool, CloseWith, HangUp, Manner, Metadata, Rule, Say, Script, StaleAudio, Trigger
from talkbox_agent.session import DEAF_ANSWER
from talkbox_agent.skills import NOT_UNDERSTOOD
from talkbox_agent.story import STORY
from talkbox_agent.voice import ToneSpeaker
from tests.agent.client import Client, ScriptedRecognizer, WrittenSpeaker, converse
from tests.support.virtual_time import run

SILENT_START = Script(manner=Manner(first_message=""))


def rules(*given: Rule) -> Script:
    return replace(SILENT_START, rules=given)


def overriding(**override: Any) -> dict[str, Any]:
    return {"conversation_config_override": override}


# --- the beginning ---------------------------------------------------------------------------


def test_the_metadata_comes_first_and_then_the_greeting() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await asyncio.sleep(5)

    client = run(converse(talk))
    assert client.kinds()[:2] == ["conversation_initiation_metadata", "agent_response"]
    assert client.of("conversation_initiation_metadata") == [
        {
            "conversation_id": "conv_1",
            "agent_output_audio_format": "pcm_16000",
            "user_input_audio_format": "pcm_16000",
        }
    ]
    assert client.texts() == ["Hello! What can I do for you?"]
    assert client.sound_s() == pytest.approx(0.1 * len("Hello! What can I do for you?"))


def test_event_ids_grow_over_all_messages() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await asyncio.sleep(1)
        await client.say()
        await asyncio.sleep(5)

    client = run(converse(talk))
    ids = [body["event_id"] for _, m in client.got for body in m.values() if "event_id" in body]
    assert len(ids) > 20
    assert all(later > earlier for earlier, later in itertools.pairwise(ids))


def test_a_client_that_sends_no_initiation_is_served_after_a_while() -> None:
    client = run(converse(lambda _client: asyncio.sleep(4)))
    assert client.when("conversation_initiation_metadata") == [3.0]


@pytest.mark.parametrize("first_message", ["Good morning, {{name}}!", ""])
def test_the_client_chooses_the_first_message(first_message: str) -> None:
    async def talk(client: Client) -> None:
        client.begin(**overriding(agent={"first_message": first_message}), dynamic_variables={"name": "Ada"})
        await asyncio.sleep(5)

    client = run(converse(talk))
    assert client.texts() == (["Good morning, Ada!"] if first_message else [])


def test_the_client_chooses_voice_and_speed() -> None:
    async def talk(client: Client) -> None:
        client.begin(**overriding(tts={"voice_id": "rms", "speed": 1.5}))
        await asyncio.sleep(5)

    speaker = WrittenSpeaker()
    run(converse(talk, speaker=speaker))
    assert speaker.asked == [("Hello! ", "rms", 1.5), ("What can I do for you?", "rms", 1.5)]


def test_the_client_chooses_its_events() -> None:
    async def talk(client: Client) -> None:
        client.begin(**overriding(conversation={"client_events": ["user_transcript"]}))
        await client.say()
        await asyncio.sleep(5)

    client = run(converse(talk))
    assert {m["type"] for _, m in client.got} == {"conversation_initiation_metadata", "user_transcript"}


def test_the_metadata_may_be_late_incomplete_or_missing() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await asyncio.sleep(20)

    late = run(converse(talk, script=Script(manner=Manner(metadata_delay_s=12))))
    assert late.when("conversation_initiation_metadata") == [12]
    incomplete = run(converse(talk, script=Script(manner=Manner(metadata=Metadata.WITHOUT_INPUT_FORMAT))))
    assert "user_input_audio_format" not in incomplete.of("conversation_initiation_metadata")[0]
    assert run(converse(talk, script=Script(manner=Manner(metadata=Metadata.NEVER)))).got == []


# --- a turn ----------------------------------------------------------------------------------


def test_a_turn_is_heard_guessed_understood_and_answered() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.be_silent(0.5)
        await client.speak(1.0)
        assert client.texts("tentative_user_transcript") == ["what time"]
        assert not client.of("user_transcript")
        await client.be_silent(5)

    recognizer = ScriptedRecognizer(["what time", "what time is it"])
    client = run(converse(talk, script=SILENT_START, recognizer=recognizer))
    assert client.texts("user_transcript") == ["what time is it"]
    assert client.texts() == ["It is twelve o'clock in the afternoon."]


def test_speech_that_is_not_understood_is_answered_with_that() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.say()
        await client.be_silent(1)

    client = run(converse(talk, script=SILENT_START, recognizer=ScriptedRecognizer([""])))
    assert client.texts("user_transcript") == ["..."]
    assert client.texts() == [NOT_UNDERSTOOD]


def test_a_guess_that_comes_after_the_turn_is_not_sent() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.speak(0.8)
        await client.be_silent(5)

    recognizer = ScriptedRecognizer(["hello"], thinking_s=1.5)
    client = run(converse(talk, script=SILENT_START, recognizer=recognizer))
    assert client.texts("user_transcript") == ["hello"]
    assert not client.of("tentative_user_transcript")


def test_a_turn_ends_when_the_microphone_sends_nothing_any_more() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.speak(1.0)
        await asyncio.sleep(5)

    client = run(converse(talk, script=SILENT_START))
    assert client.when("user_transcript") == [pytest.approx(3.5, abs=0.07)]


def test_a_noise_that_is_nothing_is_not_answered() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.speak(0.3)
        await client.be_silent(3)

    client = run(converse(talk, script=SILENT_START, recognizer=ScriptedRecognizer([""])))
    assert client.kinds() == ["conversation_initiation_metadata"]


def test_an_agent_that_understands_nothing_answers_every_turn_with_a_tone() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.be_silent(2)
        await client.speak(0.3)
        await client.be_silent(5)

    client = run(converse(talk, recognizer=DeafRecognizer(), speaker=ToneSpeaker()))
    assert client.texts("user_transcript") == ["..."]
    assert client.texts() == ["Hello! What can I do for you?", DEAF_ANSWER]
    assert client.sound_s() == 4.0


def test_vad_scores_tell_voice_from_silence() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.be_silent(0.6)
        await client.speak(0.6)
        await client.be_silent(0.1)

    client = run(converse(talk, script=SILENT_START))
    assert [body["vad_score"] for body in client.of("vad_score")] == [0, 0, 1, 1]


def test_every_input_format_is_heard() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"user_audio_chunk": "AA" * 8000})  # 12000 bytes of zeros: the lowest code of µ-law, very loud
        await asyncio.sleep(4)

    manner = Manner(first_message="", input_format=AudioFormat.ULAW_8000)
    assert run(converse(talk, script=Script(manner=manner))).texts("user_transcript") == ["hello"]
    assert not run(converse(talk, script=SILENT_START)).texts("user_transcript")


# --- interruption ----------------------------------------------------------------------------


def test_a_voice_interrupts_an_answer_and_what_was_heard_is_corrected() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"type": "user_message", "text": "tell me a story"})
        await client.be_silent(5)
        await client.say()

    client = run(converse(talk, script=SILENT_START))
    assert client.when("interruption") == [pytest.approx(5.26, abs=0.08)]
    correction = client.of("agent_response_correction")[0]
    assert correction["original_agent_response"] == STORY
    assert correction["corrected_agent_response"] == STORY[:52].rsplit(" ", 1)[0]
    interrupted = client.of("interruption")[0]["event_id"]
    kinds = client.kinds()
    assert kinds[kinds.index("interruption") :][:2] == ["interruption", "agent_response_correction"]
    sound_after = [
        b["event_id"] for at_s, m in client.got if m["type"] == "audio" and at_s > 5.3 for b in [m["audio_event"]]
    ]
    assert sound_after
    assert min(sound_after) > interrupted


def test_a_cough_does_not_interrupt() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.be_silent(1)
        await client.speak(0.2)
        await client.be_silent(6)

    client = run(converse(talk))
    assert client.kinds() == ["conversation_initiation_metadata", "agent_response"]


def test_an_answer_that_was_heard_cannot_be_interrupted() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.be_silent(4)
        await client.say()

    assert not run(converse(talk)).of("interruption")


def test_a_typed_message_interrupts_and_is_answered() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await asyncio.sleep(1)
        client.send({"type": "user_message", "text": "thanks"})
        await asyncio.sleep(5)

    client = run(converse(talk))
    assert client.kinds()[2:] == ["interruption", "agent_response_correction", "agent_response"]
    assert client.texts()[-1] == "You are welcome."


def test_a_second_question_takes_the_place_of_one_still_being_thought_about() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"type": "user_message", "text": "what time is it"})
        await asyncio.sleep(1)
        client.send({"type": "user_message", "text": "thanks"})
        await asyncio.sleep(9)

    client = run(converse(talk, script=Script(manner=Manner(first_message="", thinking_s=2))))
    assert client.texts() == ["You are welcome."]


def test_stale_audio_can_be_sent_after_an_interruption() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.be_silent(1)
        await client.speak(0.5)

    script = Script(rules=(Rule(when=Trigger.INTERRUPTED, do=(StaleAudio(3),)),))
    client = run(converse(talk, script=script))
    interrupted = client.of("interruption")[0]["event_id"]
    assert [body["event_id"] for body in client.of("audio")[-3:]] == [interrupted - 2, interrupted - 1, interrupted]


# --- skills at work --------------------------------------------------------------------------


def test_a_tool_of_the_clients_is_called_and_its_result_awaited() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"type": "user_message", "text": "set the volume to 40%"})
        await asyncio.sleep(3)
        (call,) = client.of("client_tool_call")
        assert (call["tool_name"], call["parameters"]) == ("set_volume", {"volume": 0.4})
        assert not client.texts()
        client.send({"type": "client_tool_result", "tool_call_id": "call_1", "result": "", "is_error": False})
        await asyncio.sleep(1)

    client = run(converse(talk, script=SILENT_START))
    assert client.texts() == ["The volume is now forty percent."]
    assert client.of("agent_tool_response")[0]["is_error"] is False


def test_the_users_own_words_are_played_back() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"type": "user_message", "text": "repeat after me"})
        await client.be_silent(2)
        before = client.sound_s()
        await client.say()
        await client.be_silent(2)
        assert 1.2 < client.sound_s() - before < 1.9

    client = run(converse(talk, script=SILENT_START, recognizer=ScriptedRecognizer(["four score and seven"])))
    assert client.texts() == ["Go ahead.", "four score and seven"]


def test_a_timer_rings_when_nobody_speaks() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"type": "user_message", "text": "set a timer for ten seconds"})
        await client.be_silent(9.5)
        await client.speak(2)
        await client.be_silent(10)

    client = run(converse(talk, script=SILENT_START, recognizer=ScriptedRecognizer(["thanks"])))
    assert client.texts() == [
        "I will tell you in ten seconds.",
        "You are welcome.",
        "Your timer of ten seconds is over.",
    ]
    assert not client.of("interruption")


def test_goodbye_is_said_to_its_end_and_then_the_agent_hangs_up() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"type": "user_message", "text": "goodbye"})
        await client.be_silent(1)
        await client.speak(1)  # too late to be heard
        await client.be_silent(1)

    client = run(converse(talk, script=SILENT_START))
    assert client.closed == Close(1000, "agent ended the conversation")
    assert client.kinds()[1:3] == ["agent_response", "agent_tool_response"]
    response = client.of("agent_tool_response")[0]
    assert (response["tool_name"], response["tool_type"], response["is_called"]) == ("end_call", "system", True)
    assert not client.of("interruption")
    assert client.texts() == ["Goodbye! Talk to you soon."]


# --- text only, pings, junk ------------------------------------------------------------------


def test_a_text_only_session_has_no_sound() -> None:
    async def talk(client: Client) -> None:
        client.begin(**overriding(conversation={"text_only": True}, agent={"first_message": ""}))
        await client.say()
        client.send({"type": "user_message", "text": "hello"})
        await asyncio.sleep(1)

    client = run(converse(talk))
    assert {m["type"] for _, m in client.got} == {
        "conversation_initiation_metadata",
        "ping",
        "agent_chat_response_part",
        "agent_response",
    }
    parts = [(body["type"], body["text"]) for body in client.of("agent_chat_response_part")]
    assert parts == [("start", ""), ("delta", "Hello! "), ("delta", "How can I help?"), ("stop", "")]


def test_pings_come_regularly_and_measure_the_way_to_the_client() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await asyncio.sleep(0.04)
        client.send({"type": "pong", "event_id": client.of("ping")[0]["event_id"]})
        client.send({"type": "pong", "event_id": 999})
        await asyncio.sleep(5)

    client = run(converse(talk, script=SILENT_START))
    assert client.when("ping") == [0.0, 2.0, 4.0]
    assert [body["ping_ms"] for body in client.of("ping")] == [None, 40, 40]


def test_what_needs_no_answer_and_what_is_no_message_disturbs_nothing() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"type": "user_activity"})
        client.send({"type": "user_message", "text": " "})
        client.send({"type": "client_tool_result", "tool_call_id": "?", "result": "", "is_error": False})
        client.send({"type": "from_the_future"})
        client.begin(**overriding(agent={"first_message": "too late"}))
        client.frames.put_nowait(b"\xff\x00")
        await asyncio.sleep(1)
        client.send({"type": "user_message", "text": "thanks"})
        await asyncio.sleep(3)

    assert run(converse(talk, script=SILENT_START)).texts() == ["You are welcome."]


# --- the script ------------------------------------------------------------------------------


def test_a_rule_answers_instead_of_the_agent() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        for text in ("thanks", "thanks", "thanks"):
            client.send({"type": "user_message", "text": text})
            await asyncio.sleep(5)

    script = rules(
        Rule(when=Trigger.TURN, nth=1, do=(Say(text="Never mind."),)),
        Rule(when=Trigger.TURN, nth=2, do=(CallTool(name="beep"),), answer=True),
    )
    manner = replace(SILENT_START.manner, tool_timeout_s=1)
    client = run(converse(talk, script=replace(script, manner=manner)))
    assert client.texts() == ["Never mind.", "You are welcome.", "You are welcome."]
    assert [call["tool_name"] for call in client.of("client_tool_call")] == ["beep"]


def test_rules_hear_of_everything_that_happens() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.be_silent(4)
        client.send({"type": "client_tool_result", "tool_call_id": "call_1", "result": "done", "is_error": False})
        client.send({"type": "user_message", "text": "tell me a story"})
        await client.be_silent(1)
        await client.speak(1)

    happenings = [trigger for trigger in Trigger if trigger is not Trigger.TOOL_RESULT]
    script = Script(rules=tuple(Rule(when=each, nth=1, do=(CallTool(name=each),), answer=True) for each in happenings))
    client = run(converse(talk, script=replace(script, manner=Manner(tool_timeout_s=0.5))))
    called = [call["tool_name"] for call in client.of("client_tool_call")]
    assert called == ["opened", "started", "speaking", "quiet", "turn", "interrupted"]


def test_a_rule_hears_of_a_tools_result() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        client.send({"type": "user_message", "text": "set the volume to ten percent"})
        await asyncio.sleep(0.1)
        client.send({"type": "client_tool_result", "tool_call_id": "call_1", "result": "done", "is_error": False})
        await asyncio.sleep(1)

    script = rules(Rule(when=Trigger.TOOL_RESULT, text="done", do=(CloseWith(code=1011),)))
    assert run(converse(talk, script=script)).closed == Close(1011, "")


def test_a_rule_speaks_by_itself_and_can_be_interrupted() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.be_silent(4)
        await client.speak(0.5)
        await client.be_silent(9)

    told = Rule(
        when=Trigger.STARTED, after_s=2, do=(Say(text="A very long tone", tone_hz=880, duration_s=30), HangUp())
    )
    client = run(converse(talk, script=rules(told)))
    assert client.when("agent_response")[0] == 2.0
    assert client.when("interruption") == [pytest.approx(4.26, abs=0.08)]
    assert client.closed == Close(1000, "agent ended the conversation")


def test_nothing_is_said_after_hanging_up() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await asyncio.sleep(0.5)
        client.send({"type": "user_message", "text": "wait"})
        await asyncio.sleep(5)

    hang_up = Rule(when=Trigger.STARTED, after_s=0.2, do=(HangUp(), Say(text="Too late.")))
    client = run(converse(talk, script=Script(rules=(hang_up,))))
    assert client.texts() == ["Hello! What can I do for you?"]
    assert client.closed == Close(1000, "agent ended the conversation")


def test_a_rule_closes_with_any_code() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await asyncio.sleep(1)

    client = run(converse(talk, script=rules(Rule(when=Trigger.STARTED, do=(CloseWith(code=1011, reason="oops"),)))))
    assert client.closed == Close(1011, "oops")


def test_everything_sent_is_json() -> None:
    async def talk(client: Client) -> None:
        client.begin()
        await client.say()

    assert all(json.loads(frame)["type"] for frame in run(converse(talk)).raw)
