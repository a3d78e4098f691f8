import asyncio
from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from talkbox.appliance.event_stream import Event, EventStream
from tests.support.virtual_time import run

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))


def stream() -> EventStream:
    return EventStream(clock=lambda: 12.5, local_time=lambda: NOON)


def names(events: list[Event]) -> list[object]:
    return [event["event"] for event in events]


def test_an_event_says_what_happened_and_when_on_both_clocks() -> None:
    async def main() -> Event:
        events = stream()
        with events.subscribe() as heard:
            events.publish("state", state="idle")
            return await heard.get()

    assert run(main()) == {"event": "state", "at_s": 12.5, "time": "2026-11-22T12:00:00.123+01:00", "state": "idle"}


def test_every_subscriber_hears_every_event_from_its_subscription_on() -> None:
    async def main() -> tuple[list[object], list[object]]:
        events = stream()
        with events.subscribe() as first:
            events.publish("a")
            with events.subscribe() as second:
                events.publish("b")
                late = [await second.get()]
            events.publish("c")
            return names([await first.get() for _ in range(3)]), names(late)

    assert run(main()) == (["a", "b", "c"], ["b"])


def test_a_subscriber_waits_for_the_next_event() -> None:
    async def main() -> object:
        events = stream()
        with events.subscribe() as heard:
            asyncio.get_running_loop().call_later(3600, events.publish, "late")
            return (await heard.get())["event"]

    assert run(main()) == "late"


def test_publishing_to_nobody_is_no_error() -> None:
    stream().publish("unheard")


@given(st.integers(1, 5), st.integers(0, 12))
def test_who_does_not_read_loses_the_oldest_and_is_told_how_many(capacity: int, published: int) -> None:
    async def main() -> list[Event]:
        events = stream()
        with events.subscribe(capacity=capacity) as heard:
            for number in range(published):
                events.publish("n", number=number)
            return [await heard.get() for _ in range(min(published, capacity) + (published > capacity))]

    received = run(main())
    if published > capacity:
        lost = received.pop(0)
        assert (lost["event"], lost["count"]) == ("lost", published - capacity)
    assert [event["number"] for event in received] == list(range(max(0, published - capacity), published))


def test_canceling_a_wait_loses_nothing() -> None:
    async def main() -> object:
        events = stream()
        with events.subscribe() as heard:
            try:
                async with asyncio.timeout(1):
                    await heard.get()
            except TimeoutError:
                events.publish("after")
            return (await heard.get())["event"]

    assert run(main()) == "after"


def test_the_clocks_are_the_devices_own_unless_told() -> None:
    event = EventStream().stamped("x")
    assert datetime.fromisoformat(str(event["time"])).tzinfo is not None
    assert isinstance(event["at_s"], float)
