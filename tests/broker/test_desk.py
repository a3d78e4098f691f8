"""Who gets a signed URL, and how often (`desk`). On virtual time."""

import asyncio
from dataclasses import replace

import pytest

from talkbox_broker import refusals
from talkbox_broker.desk import Desk, Outcome
from talkbox_broker.errors import CredentialError
from talkbox_broker.refusals import Code, Refused
from talkbox_broker.settings import Settings
from tests.support.virtual_time import run

SETTINGS = Settings(agents=("a", "b"), timeout_s=8.0, concurrency=2, burst=6, per_minute=60)


class FakeService:
    """Takes `takes_s` for each signed URL, or refuses."""

    host = "service.test"

    def __init__(self, *, takes_s: float = 1.0, refused: Refused | None = None) -> None:
        self.takes_s, self.refused = takes_s, refused
        self.asked: list[str] = []
        self.busy = self.busiest = self.canceled = 0

    async def fetch(self, agent_id: str) -> str:
        self.asked.append(agent_id)
        self.busy += 1
        self.busiest = max(self.busiest, self.busy)
        try:
            await asyncio.sleep(self.takes_s)
        except asyncio.CancelledError:
            self.canceled += 1
            raise
        finally:
            self.busy -= 1
        if self.refused:
            raise self.refused
        return f"wss://signed/{agent_id}"


def desk_of(
    service: FakeService | CredentialError, *, settings: Settings = SETTINGS, outcomes: list[Outcome] | None = None
) -> Desk:
    return Desk(settings, service, on_outcome=(outcomes if outcomes is not None else []).append)


async def code_of(desk: Desk, agent_id: str) -> Code:
    with pytest.raises(Refused) as caught:
        await desk.signed_url(agent_id)
    return caught.value.code


def test_an_agent_on_the_list_gets_a_signed_url() -> None:
    async def story() -> None:
        outcomes: list[Outcome] = []
        desk = desk_of(FakeService(), outcomes=outcomes)
        assert await desk.signed_url("b") == "wss://signed/b"
        assert outcomes == [Outcome(agent_id="b", result="ok", error="", hint="", took_s=1.0, at_s=1.0)]

    run(story())


@pytest.mark.parametrize("agent", ["c", "", "A", "a ", "a\n", "a" * 10_000])
def test_another_agent_gets_nothing_and_the_service_is_not_asked(agent: str) -> None:
    async def story() -> None:
        service = FakeService()
        desk = desk_of(service)
        for _ in range(20):  # more than the limits would allow: a stranger's agent costs nobody anything
            assert await code_of(desk, agent) is Code.UNKNOWN_AGENT
        assert service.asked == []
        assert await desk.signed_url("a")

    run(story())


def test_without_a_key_it_says_which() -> None:
    async def story() -> None:
        desk = desk_of(CredentialError("no API key: none"))
        assert await code_of(desk, "a") is Code.NO_KEY
        assert await code_of(desk, "c") is Code.UNKNOWN_AGENT
        assert desk.health()["key"] is False

    run(story())


def test_two_hundred_at_once_are_served_in_turn_or_refused_at_once() -> None:
    async def story() -> None:
        service = FakeService()
        desk = desk_of(service)
        answers = await asyncio.gather(*(desk.signed_url("a") for _ in range(200)), return_exceptions=True)
        refused = [answer for answer in answers if isinstance(answer, Refused)]
        assert answers.count("wss://signed/a") == SETTINGS.burst
        assert len(refused) == 200 - SETTINGS.burst
        assert {(one.code, one.retry_after_s) for one in refused} == {(Code.TOO_MANY_REQUESTS, 2)}
        assert service.busiest == SETTINGS.concurrency
        assert asyncio.get_running_loop().time() == 3.0  # six of them, two at a time
        assert await desk.signed_url("a")

    run(story())


def test_a_service_that_stalls_is_given_up_and_so_is_the_wait_for_a_place() -> None:
    async def story() -> None:
        service = FakeService(takes_s=1e6)
        desk = desk_of(service)
        codes = await asyncio.gather(*(code_of(desk, "a") for _ in range(4)))
        assert set(codes) == {Code.TIMEOUT}
        assert asyncio.get_running_loop().time() == SETTINGS.timeout_s
        assert len(service.asked) == service.canceled == SETTINGS.concurrency
        service.takes_s = 1.0
        assert await desk.signed_url("a")

    run(story())


def test_whoever_goes_away_stops_the_asking_and_gives_the_place_back() -> None:
    async def story() -> None:
        service = FakeService(takes_s=5.0)
        outcomes: list[Outcome] = []
        desk = desk_of(service, settings=replace(SETTINGS, concurrency=1), outcomes=outcomes)
        async with asyncio.TaskGroup() as group:
            first = group.create_task(desk.signed_url("a"))
            await asyncio.sleep(1.0)
            first.cancel()
        assert service.canceled == 1
        assert outcomes == []
        assert await desk.signed_url("a")

    run(story())


def test_health_tells_what_came_last_and_asks_nobody() -> None:
    async def story() -> None:
        service = FakeService(refused=refusals.no_signed_url("it is not signed", host="service.test"))
        desk = desk_of(service)
        assert desk.health() == {
            "status": "ok",
            "agents": ["a", "b"],
            "server": "https://api.elevenlabs.io",
            "key": True,
            "last": None,
        }
        assert await code_of(desk, "a") is Code.SERVICE_FAILED
        await asyncio.sleep(2.5)
        assert desk.health()["last"] == {
            "agent_id": "a",
            "result": "service_failed",
            "error": "the answer of service.test is not a signed URL: it is not signed",
            "hint": "check broker.server",
            "took_ms": 1000,
            "seconds_ago": 2.5,
        }
        assert service.asked == ["a"]

    run(story())
