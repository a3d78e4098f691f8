import asyncio

import pytest

from tests.support.appliance import appliance, settle
from tests.support.virtual_time import run


@pytest.mark.parametrize(
    "settings",
    [(), ("controls.bounce_s=0.2", "controls.hold_s=0.3"), ("controls.bounce_s=0", "controls.hold_s=0.05")],
)
def test_a_tap_is_a_tap_whatever_the_times(settings: tuple[str, ...]) -> None:
    async def main() -> list[str]:
        async with appliance(*settings) as bench:
            await bench.remote.tap()
            await asyncio.sleep(1.0)
            return [event["gesture"] for event in bench.named("button")]

    assert run(main()) == ["pressed", "tapped"]


def test_a_canceled_tap_still_lets_go_of_the_button() -> None:
    async def main() -> list[str]:
        async with appliance() as bench:
            tap = asyncio.ensure_future(bench.remote.tap())
            await settle()
            tap.cancel()
            await asyncio.sleep(5.0)
            return [event["gesture"] for event in bench.named("button")]

    assert run(main()) == ["pressed", "tapped"]


def test_every_push_of_the_switch_counts() -> None:
    async def main() -> list[bool]:
        async with appliance() as bench:
            for _ in range(3):
                bench.remote.mute()
                await asyncio.sleep(0.1)
            return [event["muted"] for event in bench.named("mute")]

    assert run(main()) == [True, False, True]


def test_the_remote_shows_the_device_and_its_events() -> None:
    async def main() -> None:
        async with appliance() as bench:
            assert bench.remote.status()["state"] == "idle"
            assert bench.remote.events is bench.appliance.events

    run(main())
