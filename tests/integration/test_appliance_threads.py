"""`talkbox.appliance.threads`: who waits for a silent name server keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import threading

import pytest

from talkbox.appliance.threads import MOST, PatientThreads

pytestmark = pytest.mark.integration


def test_what_a_call_returns_or_raises_reaches_who_waits() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(PatientThreads())
        assert await asyncio.to_thread(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await asyncio.to_thread(divmod, 7, 0)

    asyncio.run(main())


def test_the_program_ends_although_calls_do_not() -> None:
    silence, begun = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        silence.wait(60.0)

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(PatientThreads())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await asyncio.to_thread(wait)
        assert await asyncio.to_thread(begun.wait, 30.0)

    asyncio.run(main())
    assert not silence.is_set()
    silence.set()


def test_there_is_an_end_to_the_calls_that_wait() -> None:
    silence = threading.Event()

    async def main() -> None:
        threads = PatientThreads()
        waiting = [threads.submit(silence.wait, 30.0) for _ in range(MOST)]
        with pytest.raises(OSError, match="earlier lookups are still waiting"):
            threads.submit(silence.wait, 30.0)
        silence.set()
        assert await asyncio.gather(*map(asyncio.wrap_future, waiting)) == [True] * MOST
        assert await asyncio.wrap_future(threads.submit(int, "7")) == 7

    asyncio.run(main())
