from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_agent.skills import CAPABILITIES, NOT_UNDERSTOOD, Reply, ToolAnswer, answer
from talkbox_agent.story import STORY
from tests.support.virtual_time import run


@dataclass
class FakeWorld:
    """A client whose tools answer what they are told to."""

    at: datetime = datetime(2026, 11, 22, 9, 5, tzinfo=UTC)
    status: ToolAnswer = ToolAnswer(text='{"volume": 0.45, "state": "listening"}')  # noqa: RUF009  it is frozen
    changed: ToolAnswer = ToolAnswer(text="done")  # noqa: RUF009  it is frozen
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def now(self) -> datetime:
        return self.at

    async def call_tool(self, name: str, parameters: dict[str, object]) -> ToolAnswer:
        self.calls.append((name, parameters))
        return self.status if name == "get_device_status" else self.changed


def ask(text: str, world: FakeWorld | None = None) -> Reply:
    return run(answer(text, world or FakeWorld()))


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("hello", "Hello! How can I help?"),
        ("How are you?", "I am fine, thank you. And I am all yours."),
        ("who are you", "I am the embedded agent of Talkbox. I live on this machine."),
        ("thank you very much", "You are welcome."),
        ("what can you do", CAPABILITIES),
        ("tell me a long story", STORY),
        ("stop", "Okay."),
        ("be quiet", "Okay."),
        ("What day is it today?", "Today is Sunday, November 22."),
        ("the quick brown fox", NOT_UNDERSTOOD),
        ("...", NOT_UNDERSTOOD),
        ("", NOT_UNDERSTOOD),
    ],
)
def test_sentences_are_answered(text: str, reply: str) -> None:
    assert ask(text) == Reply(text=reply)


@pytest.mark.parametrize(
    ("hour", "minute", "said"),
    [
        (0, 0, "twelve o'clock in the morning"),
        (9, 5, "nine oh five in the morning"),
        (12, 30, "twelve thirty in the afternoon"),
        (17, 59, "five fifty nine in the afternoon"),
        (23, 11, "eleven eleven in the evening"),
    ],
)
def test_the_time_is_said_as_people_say_it(hour: int, minute: int, said: str) -> None:
    world = FakeWorld(at=datetime(2026, 1, 2, hour, minute, tzinfo=UTC))
    assert ask("what time is it", world).text == f"It is {said}."


@pytest.mark.parametrize("text", ["set the volume to forty percent", "turn the volume to 40%", "Volume at 40 percent."])
def test_the_volume_is_set_by_the_clients_tool(text: str) -> None:
    world = FakeWorld()
    assert ask(text, world).text == "The volume is now forty percent."
    assert world.calls == [("set_volume", {"volume": 0.4})]


@pytest.mark.parametrize(
    ("text", "volume"),
    [("louder", 0.55), ("turn the volume up", 0.55), ("turn the volume down", 0.35), ("quieter", 0.35)],
)
def test_the_volume_goes_up_and_down_in_steps(text: str, volume: float) -> None:
    world = FakeWorld()
    reply = ask(text, world)
    assert world.calls == [("get_device_status", {}), ("set_volume", {"volume": volume})]
    assert reply.text.startswith("The volume is now")


def test_the_volume_stays_between_nothing_and_all() -> None:
    world = FakeWorld(status=ToolAnswer(text='{"volume": 0.98}'))
    assert ask("louder", world).text == "The volume is now one hundred percent."


def test_the_volume_is_asked_of_the_device() -> None:
    assert ask("what is the volume").text == "The volume is forty five percent."


@pytest.mark.parametrize("status", ["", "[]", "{}", '{"volume": "loud"}', '{"volume": Infinity}', '{"volume": null}'])
def test_a_device_that_does_not_tell_its_volume_is_no_reason_to_fall_silent(status: str) -> None:
    world = FakeWorld(status=ToolAnswer(text=status))
    assert "did not tell" in ask("how loud are you", world).text
    assert "did not tell" in ask("louder", world).text


def test_a_device_that_fails_is_reported() -> None:
    failing = ToolAnswer(text='{"volume": 0.5}', failed=True)
    assert "did not tell" in ask("what is the volume", FakeWorld(status=failing)).text
    assert "could not change" in ask("set the volume to ten percent", FakeWorld(changed=failing)).text


def test_a_volume_that_does_not_exist_is_not_set() -> None:
    world = FakeWorld()
    assert ask("set the volume to ninety nine thousand percent", world).text.startswith("The volume goes from zero")
    assert world.calls == []


@pytest.mark.parametrize(
    ("text", "timer_s", "said"),
    [
        ("set a timer for ten seconds", 10, "ten seconds"),
        ("start a timer for a minute", 60, "one minute"),
        ("timer for 5 minutes please", 300, "five minutes"),
        ("set a timer of twenty five minutes", 1500, "twenty five minutes"),
        ("set a timer for an hour", 3600, "one hour"),
    ],
)
def test_timers_are_set(text: str, timer_s: float, said: str) -> None:
    assert ask(text) == Reply(
        text=f"I will tell you in {said}.", timer_s=timer_s, timer_text=f"Your timer of {said} is over."
    )


@pytest.mark.parametrize("number", ["zero", "umpteen", "101"])
def test_timers_without_a_usable_number_are_refused(number: str) -> None:
    assert ask(f"set a timer for {number} seconds").timer_s is None


def test_repeating_waits_for_the_next_turn() -> None:
    assert ask("repeat after me") == Reply(text="Go ahead.", repeat_next=True)


@pytest.mark.parametrize("text", ["goodbye", "Good bye!", "bye bye", "please hang up", "end the conversation"])
def test_goodbye_hangs_up(text: str) -> None:
    assert ask(text).hang_up


@given(st.text(max_size=80))
def test_anything_at_all_is_answered(text: str) -> None:
    assert ask(text).text
