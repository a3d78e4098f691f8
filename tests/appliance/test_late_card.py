import asyncio
from collections.abc import Callable

import pytest

from talkbox.appliance.late_card import LateDevices, looked_for
from talkbox.appliance.sound import Devices
from talkbox.audio.silent import SilentSink, SilentSource
from tests.support.virtual_time import run


def devices(name: str, opened: list[str]) -> Devices:
    def capture() -> SilentSource:
        opened.append(f"{name} microphone")
        return SilentSource(rate_hz=16_000, period_frames=160)

    def playback() -> SilentSink:
        opened.append(f"{name} loudspeaker")
        return SilentSink(rate_hz=16_000, period_frames=160)

    return Devices(open_capture=capture, open_playback=playback, described=name)


class Bench:
    """A card that comes when a test says so."""

    def __init__(self) -> None:
        self.there = False
        self.looks: list[float] = []
        self.opened: list[str] = []
        self.devices = LateDevices(devices("guessed", self.opened), self._look)

    def _look(self, patience_s: float) -> Devices | None:
        self.looks.append(patience_s)
        return devices("found", self.opened) if self.there else None

    def press(self) -> None:
        self.devices.open_capture().close()
        self.devices.open_playback().close()


def test_a_card_that_is_there_is_looked_for_once() -> None:
    bench = Bench()
    bench.there = True
    bench.press()
    bench.press()
    assert len(bench.looks) == 1
    assert bench.opened == ["found microphone", "found loudspeaker"] * 2
    assert bench.devices.described == "found"
    assert bench.devices.cards


def test_one_that_is_not_is_opened_by_the_name_it_should_have_and_looked_for_at_every_press(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    bench = Bench()
    bench.press()
    assert bench.devices.described == "guessed, which is not there yet"
    bench.there = True
    bench.press()
    assert bench.opened == ["guessed microphone", "guessed loudspeaker", "found microphone", "found loudspeaker"]
    assert set(bench.looks) == {0.0}
    assert caplog.text.count("the sound card is there: found") == 1


async def at_once(find: Callable[[float], bool], patience_s: float) -> bool:
    return find(patience_s)


async def for_ever(_find: Callable[[float], bool], _patience_s: float) -> bool:
    await asyncio.Event().wait()
    return False


def test_while_the_device_runs_it_is_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    bench = Bench()

    async def main() -> None:
        async with looked_for(bench.devices, off_loop=at_once):
            bench.there = True
            await asyncio.sleep(1)

    run(main())
    assert bench.looks == [0.0, 10.0]
    assert "the sound card is there: found" in caplog.text


def test_one_that_does_not_come_is_looked_for_once_and_then_at_the_next_press() -> None:
    bench = Bench()

    async def main() -> None:
        async with looked_for(bench.devices, off_loop=at_once):
            await asyncio.sleep(100)

    run(main())
    assert bench.looks == [0.0, 10.0]


def test_what_is_there_from_the_beginning_is_not_worth_a_word(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    bench = Bench()
    bench.there = True

    async def main() -> None:
        async with looked_for(bench.devices), looked_for(devices("a file", [])):
            await asyncio.sleep(1)

    run(main())
    assert bench.looks == [0.0]
    assert caplog.records == []


def test_a_stop_does_not_wait_for_the_card() -> None:
    bench = Bench()

    async def main() -> float:
        loop = asyncio.get_running_loop()
        async with looked_for(bench.devices, off_loop=for_ever):
            await asyncio.sleep(1)
        return loop.time()

    assert run(main()) == 1.0
