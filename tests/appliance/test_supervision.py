import asyncio

import pytest

from talkbox.appliance.event_stream import EventStream
from talkbox.appliance.state import State
from talkbox.appliance.supervision import WORDS, supervised, words
from tests.support.virtual_time import run


class Manager:
    """systemd's end, as a list."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def ready(self, status: str) -> None:
        self.told.append(f"ready: {status}")

    def status(self, status: str) -> None:
        self.told.append(status)

    def alive(self) -> None:
        self.told.append("alive")

    def stopping(self, status: str) -> None:
        self.told.append(f"stopping: {status}")


def test_every_state_of_the_table_has_its_words() -> None:
    assert WORDS.keys() == set(State)
    assert len(set(WORDS.values())) == len(State)


def test_a_muted_microphone_is_said_besides() -> None:
    assert words(State.IDLE, muted=False) == "idle: press the button to talk"
    assert words(State.SPEAKING, muted=True).endswith("(the microphone is muted)")


def test_systemd_hears_of_the_beginning_of_every_change_and_of_the_end() -> None:
    manager = Manager()

    async def main() -> None:
        events = EventStream(clock=asyncio.get_running_loop().time)
        async with supervised(manager, events=events, progress=lambda: None, watchdog_s=None):
            events.publish("state", state="connecting", was="idle", by="pressed")
            events.publish("mute", muted=True)
            events.publish("volume", volume=0.5, by="encoder")
            events.publish("state", state="idle", was="connecting", by="failed")
            await asyncio.sleep(1)

    run(main())
    assert manager.told == [
        "ready: idle: press the button to talk",
        WORDS[State.CONNECTING],
        f"{WORDS[State.CONNECTING]} (the microphone is muted)",
        f"{WORDS[State.IDLE]} (the microphone is muted)",
        "stopping: stopping",
    ]


def test_the_watchdog_is_fed_from_ready_to_the_end_and_no_longer() -> None:
    manager = Manager()

    async def main() -> None:
        events = EventStream(clock=asyncio.get_running_loop().time)
        async with supervised(manager, events=events, progress=lambda: None, watchdog_s=30):
            await asyncio.sleep(12)
        await asyncio.sleep(60)

    run(main())
    assert manager.told[0].startswith("ready")
    assert manager.told.count("alive") == 3
    assert manager.told[-1] == "stopping: stopping"


def test_an_error_of_the_device_passes_through() -> None:
    async def main() -> None:
        events = EventStream(clock=asyncio.get_running_loop().time)
        with pytest.raises(ExceptionGroup) as caught:
            async with supervised(Manager(), events=events, progress=lambda: None, watchdog_s=30):
                raise ZeroDivisionError
        assert caught.value.subgroup(ZeroDivisionError)

    run(main())
