"""Journeys through the whole appliance on virtual time; only the sound card and the service are made up."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import pytest

from talkbox.appliance.session import END_LIMIT_S
from talkbox.appliance.state import Input
from talkbox.audio.cues import Cue
from talkbox.conversation.values import Reason
from talkbox.errors import (
    AudioDeviceBusy,
    AudioDeviceMissing,
    SessionRefused,
    SessionTimeout,
    SessionUnreachable,
    TalkboxError,
)
from talkbox.logs import STANDING
from tests.support.appliance import Bench, Journal, appliance, settle
from tests.support.virtual_time import run


def journey(
    *settings: str, recalled: float | None = None, echo_canceled: bool = False
) -> Callable[[Callable[[Bench], Awaitable[None]]], None]:
    """Run the decorated coroutine with an appliance, at once."""

    def go(story: Callable[[Bench], Awaitable[None]]) -> None:
        async def main() -> None:
            async with appliance(*settings, recalled=recalled, echo_canceled=echo_canceled) as bench:
                await story(bench)

        run(main())

    return go


def test_a_tap_holds_a_hands_free_session_and_the_next_tap_ends_it() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        await bench.connect()
        assert bench.state == "listening"
        assert not bench.muted()
        bench.service.conversation.agent_speaks()
        await settle()
        assert bench.state == "speaking"
        await bench.remote.tap()
        await settle()
        assert bench.state == "idle"
        assert [event["state"] for event in bench.named("state")] == [
            "connecting",
            "listening",
            "speaking",
            "listening",
            "ending",
            "idle",
        ]
        assert bench.named("disconnected")[0]["reason"] == "user"


def test_the_session_starts_on_the_edge_not_on_the_release() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        bench.remote.press()
        await settle()
        assert bench.state == "connecting"
        assert bench.journal[-1] == "devices open"
        bench.remote.release()


def test_the_light_is_on_before_the_microphone_opens_and_goes_out_after_it_is_closed() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        await bench.connect()
        await bench.remote.tap()
        await asyncio.sleep(2.0)
        order = [line for line in bench.journal if line.startswith(("light", "devices"))]
        assert order == ["light on", "devices open", "devices closed", "light out"]


@pytest.mark.parametrize(
    ("error", "cue"),
    [
        (SessionRefused(status=401, reason="no"), Cue.ERROR),
        (SessionRefused(status=1008, reason="no"), Cue.ERROR),
        (AudioDeviceMissing("no card"), Cue.ERROR),
        (AudioDeviceBusy("busy"), Cue.ERROR),
        (SessionTimeout("no metadata"), Cue.OFFLINE),
        (SessionUnreachable("no route"), Cue.OFFLINE),
    ],
)
def test_a_session_that_cannot_be_opened_is_said_aloud_and_the_device_is_idle_again(
    error: TalkboxError, cue: Cue, caplog: pytest.LogCaptureFixture
) -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        bench.service.error = error
        await bench.remote.tap()
        await asyncio.sleep(1.0)
        assert bench.state == "idle"
        assert bench.sound.cues == [cue]
        assert bench.named("error")[0]["text"] == str(error)
        bench.service.error = None
        await bench.connect()
        assert bench.state == "listening"

    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == [str(error)]


def test_a_dropped_connection_ends_in_idle_with_the_error_cue() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        conversation.close(Reason.ERROR, code=1006, text="connection lost")
        await settle()
        assert bench.state == "idle"
        assert bench.sound.cues == [Cue.ERROR]
        assert bench.appliance.status()["conversation_id"] is None


def test_an_agent_that_hangs_up_ends_with_the_end_cue() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        await bench.connect()
        await bench.service.tools["end_conversation"]({})
        await settle()
        assert bench.state == "idle"
        assert bench.sound.cues == [Cue.END]
        assert bench.named("tool")[0]["name"] == "end_conversation"


def test_a_tap_while_connecting_gives_up_and_leaves_nothing_open() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        bench.service.delay_s = 60.0
        await bench.remote.tap()
        await asyncio.sleep(1.0)
        await bench.remote.tap()
        await settle()
        assert bench.state == "idle"
        assert bench.journal[-1] != "devices open"
        assert bench.service.conversations == []
        assert bench.named("disconnected")[0]["reason"] == "user"


def test_hold_to_talk_mutes_on_release_and_ends_after_lingering() -> None:
    @journey("controls.linger_s=20")
    async def _story(bench: Bench) -> None:
        await bench.hold(2.0)
        assert bench.state == "listening"
        assert bench.muted()
        assert bench.appliance.status()["muted"] is True
        bench.service.conversation.agent_speaks()
        await asyncio.sleep(60.0)
        bench.service.conversation.agent_falls_silent()
        await asyncio.sleep(19.0)
        assert bench.state == "listening"
        await asyncio.sleep(2.0)
        assert bench.state == "idle"
        assert bench.named("limit")[0]["limit"] == "linger"
        assert bench.sound.cues == [Cue.END]
        assert not bench.muted()


@pytest.mark.parametrize("connecting_s", [0.1, 2.0])
def test_a_greeting_is_silenced_while_the_button_is_held_from_the_start(connecting_s: float) -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        bench.service.delay_s = connecting_s
        bench.remote.press()
        await asyncio.sleep(3.0)
        assert bench.journal.count("silence agent") == 1
        bench.remote.release()
        await settle()
        assert "expect agent within 5 s" in bench.journal


def test_a_greeting_to_a_tap_is_heard() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        await bench.connect()
        await asyncio.sleep(3.0)
        assert "silence agent" not in bench.journal


def test_holding_again_talks_again() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        await bench.hold(2.0)
        bench.remote.press()
        await asyncio.sleep(1.0)
        assert not bench.muted()
        assert bench.state == "listening"
        bench.remote.release()
        await settle()
        assert bench.muted()
        assert bench.journal.count("silence agent") == 2  # the greeting, and when the button went down again


def test_a_press_in_a_session_silences_the_agent_on_its_edge_and_the_release_expects_it_again() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        conversation.agent_speaks()
        await settle()
        bench.remote.press()
        await settle()
        assert bench.journal[-1] == "silence agent"
        assert bench.state == "listening"
        await asyncio.sleep(1.0)
        bench.remote.release()
        await settle()
        assert bench.journal[-1] == "expect agent within 5 s"
        assert bench.state == "listening"
        assert not bench.muted()


def test_a_forgotten_session_ends_although_its_agent_talks() -> None:
    @journey("controls.quiet_s=120", "controls.max_session_s=600")
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        for _ in range(4):
            await asyncio.sleep(100.0)
            conversation.user_says("still here")
        conversation.agent_speaks()
        await asyncio.sleep(119.0)
        assert bench.state == "speaking"
        await asyncio.sleep(2.0)
        assert bench.state == "idle"
        assert bench.named("limit")[0]["limit"] == "quiet"


def test_no_session_lasts_longer_than_the_longest() -> None:
    @journey("controls.max_session_s=60")
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        for _ in range(59):
            await asyncio.sleep(1.0)
            conversation.user_says("and another thing")
        assert bench.state == "listening"
        await asyncio.sleep(2.0)
        assert bench.state == "idle"
        assert bench.named("limit")[0]["limit"] == "session"


def test_a_tentative_transcript_does_not_keep_a_session_alive() -> None:
    @journey("controls.quiet_s=10")
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        await asyncio.sleep(9.0)
        conversation.user_says("hm", final=False)
        await asyncio.sleep(2.0)
        assert bench.state == "idle"


def test_mute_outlives_the_session_and_shows() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        await bench.connect()
        bench.remote.mute()
        await settle()
        assert bench.muted()
        assert bench.sound.cues == [Cue.MUTE]
        assert bench.appliance.status()["muted"] is True
        await bench.remote.tap()
        await settle()
        assert bench.state == "idle"
        await bench.connect()
        assert bench.appliance.status()["muted"] is True
        bench.remote.mute()
        await settle()
        assert not bench.muted()
        assert [event["muted"] for event in bench.named("mute")] == [True, False]


def test_no_cue_is_played_into_an_open_microphone() -> None:
    @journey("audio.volume=1.0")
    async def _story(bench: Bench) -> None:
        await bench.connect()
        bench.remote.turn(3)
        await settle()
        assert bench.sound.cues == []
        await bench.remote.tap()
        await settle()
        bench.remote.turn(3)
        await settle()
        assert bench.sound.cues == [Cue.END, Cue.LIMIT]


def test_where_the_board_cancels_its_echo_every_cue_is_played_and_the_start_has_one() -> None:
    @journey(echo_canceled=True)
    async def _story(bench: Bench) -> None:
        await bench.connect()
        bench.remote.mute()
        await asyncio.sleep(1)
        bench.remote.mute()
        await settle()
        assert bench.sound.cues == [Cue.START, Cue.MUTE, Cue.UNMUTE]


def test_it_says_once_that_it_is_ready() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        await asyncio.sleep(60)
        assert [event["cue"] for event in bench.named("cue")] == ["ready"]


def test_cues_can_be_off() -> None:
    @journey("audio.cues=false")
    async def _story(bench: Bench) -> None:
        assert bench.named("cue") == []
        bench.service.error = SessionUnreachable("no route")
        await bench.remote.tap()
        await asyncio.sleep(1.0)
        assert bench.state == "idle"
        assert bench.sound.cues == []


def test_the_encoder_turns_the_volume_in_exact_steps_and_it_shows_for_a_moment() -> None:
    @journey("audio.volume=0.8", "audio.volume_step=0.05")
    async def _story(bench: Bench) -> None:
        assert bench.sound.volume == 0.8
        bench.remote.turn(3)
        await settle()
        assert bench.appliance.status()["volume"] == 0.95
        assert bench.sound.volume == 0.95
        assert any(map(any, bench.leds.frame))
        bench.remote.turn(-1000)
        await settle()
        assert bench.sound.volume == 0.0
        await asyncio.sleep(2.0)
        assert not any(map(any, bench.leds.frame))
        assert [event["by"] for event in bench.named("volume")] == ["encoder", "encoder"]


def test_the_volume_of_the_last_time_is_the_first_and_every_change_is_remembered() -> None:
    @journey("audio.volume=0.8", recalled=0.4)
    async def _story(bench: Bench) -> None:
        assert bench.sound.volume == 0.4
        assert bench.memory.remembered == []
        bench.remote.turn(2)
        await settle()
        bench.appliance.set_volume(1.0)
        assert bench.memory.remembered == [0.5, 1.0]


def test_a_volume_of_zero_is_recalled_too() -> None:
    @journey(recalled=0.0)
    async def _story(bench: Bench) -> None:
        assert bench.sound.volume == 0.0


@pytest.mark.parametrize(
    ("error", "blinks"),
    [
        (SessionUnreachable("no route"), 2),
        (SessionRefused(status=401, reason="no"), 3),
        (AudioDeviceMissing("no card"), 4),
        (TalkboxError("who knows"), 5),
    ],
)
def test_the_lights_say_in_blinks_what_went_wrong(error: TalkboxError, blinks: int) -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        bench.service.error = error
        await bench.remote.tap()
        await asyncio.sleep(bench.service.delay_s)
        bench.leds.history.clear()
        bench.journal.clear()
        await asyncio.sleep(10)
        assert bench.journal.count("light out") == 2 * blinks  # it is said twice


def test_the_agent_sets_the_volume_and_reads_the_status() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        await bench.connect()
        assert await bench.service.tools["set_volume"]({"volume": 0.4}) == {"volume": 0.4}
        assert bench.sound.volume == 0.4
        status = await bench.service.tools["get_device_status"]({})
        assert status["volume"] == 0.4
        await settle()
        assert bench.named("volume")[0]["by"] == "agent"


def test_the_status_is_one_whole_object() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        assert bench.appliance.status() == {
            "state": "idle",
            "mode": None,
            "muted": False,
            "card_here": True,
            "volume": 0.8,
            "leds": [[0, 0, 0]] * 3,
            "echo": {"canceller": "none"},
            "input_level": 0.25,
            "output_level": 0.5,
            "conversation_id": None,
            "uptime_s": 0.001,
            "counters": {
                "chunks_sent": 0,
                "chunks_dropped": 0,
                "underruns": 0,
                "starved": 0,
                "overruns": 0,
                "periods_clipped": 0,
                "stale_audio": 0,
                "sessions": 0,
            },
            "speaker_frame": 0,
        }
        await bench.connect()
        status = bench.appliance.status()
        assert (status["state"], status["mode"], status["conversation_id"]) == ("listening", "listening", "conv_1")
        await bench.remote.tap()
        await bench.connect()
        assert bench.appliance.status()["counters"] == {
            "chunks_sent": 100,
            "chunks_dropped": 0,
            "underruns": 0,
            "starved": 0,
            "overruns": 0,
            "periods_clipped": 0,
            "stale_audio": 2,
            "sessions": 2,
        }


def test_an_interruption_says_whether_it_cut_something_off() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        conversation.interrupted()
        conversation.agent_speaks()
        conversation.interrupted()
        conversation.agent_falls_silent()
        await settle()
        assert [event["cut"] for event in bench.named("interrupted")] == [False, True]


@pytest.mark.parametrize(("held_s", "muted"), [(0.1, False), (1.0, True)])
def test_a_finger_that_is_still_down_when_the_session_has_ended_starts_another(held_s: float, muted: bool) -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        conversation.stuck = True
        await bench.remote.tap()
        bench.remote.press()
        await asyncio.sleep(held_s)
        assert bench.state == "ending"
        conversation.close(Reason.USER)
        await settle()
        assert bench.state == "connecting"
        bench.remote.release()
        await asyncio.sleep(1.0)
        assert bench.state == "listening"
        assert bench.muted() is muted  # after a hold it is hold-to-talk


def test_a_finger_that_is_gone_when_the_session_has_ended_starts_nothing() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        conversation.stuck = True
        for _ in range(3):
            await bench.remote.tap()
        await bench.hold(1.0)
        conversation.close(Reason.USER)
        await asyncio.sleep(1.0)
        assert bench.state == "idle"
        assert len(bench.service.conversations) == 1


def test_a_very_long_hold_shuts_down_where_that_is_enabled() -> None:
    @journey("controls.power_off_hold=true")
    async def _enabled(bench: Bench) -> None:
        await bench.hold(9.0)
        assert bench.powered_off == [True]

    @journey()
    async def _disabled(bench: Bench) -> None:
        await bench.hold(30.0)
        assert bench.powered_off == []


def test_stopping_in_mid_session_closes_it_first() -> None:
    async def main() -> list[str]:
        async with appliance() as bench:
            await bench.connect()
            bench.appliance.stop()
            bench.appliance.stop()
        return bench.journal

    journal = run(main())
    assert "devices closed" in journal


def test_a_session_that_never_closes_ends_the_program_rather_than_the_use_of_the_button() -> None:
    async def main() -> None:
        async with appliance() as bench:
            conversation = await bench.connect()
            conversation.stuck = True
            await bench.remote.tap()
            await asyncio.sleep(END_LIMIT_S - 1.0)
            assert bench.state == "ending"
            bench.remote.turn(-2)
            await settle()
            assert bench.sound.volume == 0.7  # it goes on taking orders
            await asyncio.sleep(2.0)

    with pytest.raises(ExceptionGroup) as caught:
        run(main())
    assert caught.group_contains(RuntimeError, match="did not close within 20 s")


def test_a_press_while_the_program_ends_begins_nothing() -> None:
    async def main() -> Journal:
        async with appliance() as bench:
            await bench.connect()
            bench.appliance.stop()
            await bench.remote.tap()
        return bench.journal

    assert run(main()).count("devices open") == 1


def test_what_is_said_is_logged_only_where_that_was_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    async def story(bench: Bench) -> None:
        conversation = await bench.connect()
        conversation.user_says("my secret")
        conversation.user_says("my sec", final=False)
        await settle()

    journey()(story)
    assert "my sec" not in caplog.text
    journey("logging.transcripts=true")(story)
    assert caplog.text.count("my sec") == 1


def lose_the_card(bench: Bench, *, here: bool = False) -> None:
    assert bench.sound.card_changed is not None
    bench.sound.card_changed(here)


def test_a_session_that_has_lost_its_card_shows_it_until_it_is_back_and_is_never_dark() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        listening = bench.leds.frame
        lose_the_card(bench)
        await settle()
        assert bench.leds.frame != listening
        assert bench.appliance.status()["card_here"] is False
        conversation.agent_speaks()  # to nobody; the light still says why
        since = len(bench.leds.history)
        await asyncio.sleep(5.0)
        lost = list(bench.leds.history)[since:]
        assert all(any(map(any, frame)) for frame in lost)
        assert {frame[0] for frame in lost} == {frame[2] for frame in lost} == {(lost[0][0])}
        assert bench.state == "speaking"
        conversation.agent_falls_silent()
        lose_the_card(bench, here=True)
        await settle()
        assert bench.leds.frame == listening
        assert [event["here"] for event in bench.named("card")] == [False, True]
        assert bench.journal.count("devices closed") == 0


def test_a_session_that_ends_without_its_card_leaves_no_trace_in_the_next() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        listening = bench.leds.frame
        lose_the_card(bench)
        await settle()
        conversation.close(Reason.ERROR, text="microphone: No such device")
        await settle()
        lose_the_card(bench)  # late news
        await settle()
        assert bench.state == "idle"
        assert bench.appliance.status()["card_here"] is True
        await bench.connect()
        assert bench.leds.frame == listening
        assert len(bench.named("card")) == 1


def test_an_end_looks_like_an_end_without_a_card_too() -> None:
    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        conversation.stuck = True
        lose_the_card(bench)
        await settle()
        await bench.remote.tap()
        await settle()
        assert bench.state == "ending"
        assert len(set(bench.leds.frame)) == 1
        conversation.close(Reason.USER)


def test_trouble_that_comes_and_goes_is_news_and_a_conversation_s_states_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG, logger="talkbox.appliance")

    @journey()
    async def _story(bench: Bench) -> None:
        conversation = await bench.connect()
        conversation.close(Reason.AGENT)
        await settle()
        for happened in (Input.WENT_OFFLINE, Input.CAME_ONLINE):
            bench.appliance.post(happened)
            await settle()
            assert STANDING.fields()["state"] == bench.state

    news = [record for record in caplog.records if record.__dict__.get("event") == "state"]
    levels = {record.getMessage(): record.levelno for record in news}
    assert levels["= idle, was listening: closed"] == logging.DEBUG
    assert levels["= offline, was idle: went_offline"] == logging.INFO
    assert levels["= idle, was offline: came_online"] == logging.INFO
