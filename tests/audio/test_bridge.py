import asyncio

import pytest

from talkbox.audio.bridge import ThreadBridge, tell
from tests.support.virtual_time import run


def test_values_arrive_in_order() -> None:
    async def main() -> list[int]:
        bridge: ThreadBridge[int] = ThreadBridge(10, most=10)
        for value in range(3):
            bridge.put(value)
        return [await bridge.get() for _ in range(3)]

    assert run(main()) == [0, 1, 2]


def test_a_reader_waits_for_what_is_put_later() -> None:
    async def main() -> list[int]:
        bridge: ThreadBridge[int] = ThreadBridge(10, most=10)
        for value in range(3):
            asyncio.get_running_loop().call_later(value, bridge.put, value)
        return [await bridge.get() for _ in range(3)]

    assert run(main()) == [0, 1, 2]


def test_the_oldest_is_dropped_when_the_reader_is_late() -> None:
    async def main() -> tuple[list[int], int]:
        bridge: ThreadBridge[int] = ThreadBridge(3, most=10)
        for value in range(5):
            bridge.put(value)
        return [await bridge.get() for _ in range(3)], bridge.dropped

    assert run(main()) == ([2, 3, 4], 2)


def test_the_pre_roll_and_what_follows_it_is_never_dropped() -> None:
    async def main() -> tuple[list[int], int]:
        bridge: ThreadBridge[int] = ThreadBridge(3, most=100)
        for value in range(50):
            bridge.put(value, keep=True)
        for value in range(50, 60):
            bridge.put(value)
        return [await bridge.get() for _ in range(60)], bridge.dropped

    assert run(main()) == (list(range(60)), 0)


def test_once_the_reader_has_caught_up_the_bound_holds_again() -> None:
    async def main() -> int:
        bridge: ThreadBridge[int] = ThreadBridge(3, most=100)
        bridge.put(0, keep=True)
        waiting = asyncio.ensure_future(asyncio.gather(bridge.get(), bridge.get()))
        behind = [bridge.catching_up]
        await asyncio.sleep(1)
        behind.append(bridge.catching_up)
        assert behind == [True, False]
        bridge.put(1)
        await waiting
        for value in range(10):
            bridge.put(value)
        return bridge.dropped

    assert run(main()) == 7


def test_memory_is_bounded_while_catching_up_too() -> None:
    async def main() -> tuple[int, int]:
        bridge: ThreadBridge[int] = ThreadBridge(3, most=5)
        for value in range(8):
            bridge.put(value, keep=True)
        return await bridge.get(), bridge.dropped

    assert run(main()) == (3, 3)


def test_a_failure_arrives_after_the_values_before_it_and_nothing_after_it() -> None:
    async def main() -> None:
        bridge: ThreadBridge[int] = ThreadBridge(3, most=5)
        bridge.put(1)
        bridge.fail(OSError("first"))
        bridge.fail(OSError("second"))
        bridge.put(2)
        assert await bridge.get() == 1
        for _ in range(2):
            with pytest.raises(OSError, match="first"):
                await bridge.get()

    run(main())


def test_a_failure_wakes_a_reader_that_waits() -> None:
    async def main() -> None:
        bridge: ThreadBridge[int] = ThreadBridge(3, most=5)
        asyncio.get_running_loop().call_later(1, bridge.fail, OSError("gone"))
        with pytest.raises(OSError, match="gone"):
            await bridge.get()

    run(main())


def test_a_reader_that_is_canceled_loses_nothing() -> None:
    async def main() -> int:
        bridge: ThreadBridge[int] = ThreadBridge(3, most=5)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bridge.get(), 1)
        bridge.put(7)
        return await bridge.get()

    assert run(main()) == 7


def test_a_closed_loop_has_nobody_left_to_tell() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    told: list[int] = []
    tell(loop, lambda: told.append(1))
    assert told == []
