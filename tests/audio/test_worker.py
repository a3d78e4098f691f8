import asyncio
import errno

import numpy as np
import pytest

from talkbox.audio.worker import Worker
from talkbox.errors import AudioDeviceLost, AudioDeviceMissing
from tests.support.virtual_time import run


def works(worker: Worker) -> None:
    worker.opened()


def cannot_open(_worker: Worker) -> None:
    raise OSError(errno.ENODEV, "no such device")


def dies(worker: Worker) -> None:
    worker.opened()
    raise OSError(errno.ENODEV, "no such device")


def test_a_worker_that_works_and_ends_is_open_and_over() -> None:
    async def main() -> bool:
        failures: list[BaseException] = []
        worker = Worker("microphone", works, on_failure=failures.append)
        worker.run()
        await worker.wait_open()
        assert failures == []
        return await worker.wait_over(1)

    assert run(main())


def test_one_that_has_not_begun_is_not_over() -> None:
    async def main() -> bool:
        return await Worker("microphone", works, on_failure=lambda _: None).wait_over(1)

    assert not run(main())


def test_a_device_that_cannot_be_opened_is_missing() -> None:
    async def main() -> None:
        failures: list[BaseException] = []
        worker = Worker("microphone", cannot_open, on_failure=failures.append)
        worker.run()
        with pytest.raises(AudioDeviceMissing, match="microphone: no such device") as raised:
            await worker.wait_open()
        assert isinstance(raised.value.__cause__, OSError)
        assert failures == [raised.value]

    run(main())


def test_one_that_dies_later_is_lost() -> None:
    async def main() -> list[BaseException]:
        failures: list[BaseException] = []
        Worker("microphone", dies, on_failure=failures.append).run()
        await asyncio.sleep(0)
        return failures

    assert [type(failure) for failure in run(main())] == [AudioDeviceLost]


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        (ZeroDivisionError, ZeroDivisionError),
        (MemoryError, MemoryError),
        (np.linalg.LinAlgError, np.linalg.LinAlgError),
        (SystemExit, RuntimeError),  # which would end the program, if it was passed on as it is
        (KeyboardInterrupt, RuntimeError),
    ],
)
@pytest.mark.parametrize("when", ["at the start", "opening", "working"])
def test_whatever_it_dies_of_is_passed_on(kind: type[BaseException], told: type[Exception], when: str) -> None:
    def step(name: str) -> None:
        if name == when:
            raise kind

    def body(worker: Worker) -> None:
        step("opening")
        worker.opened()
        step("working")

    async def main() -> None:
        failures: list[BaseException] = []
        worker = Worker("microphone", body, on_failure=failures.append, on_start=lambda: step("at the start"))
        worker.run()
        with pytest.raises(told) as raised:
            await worker.wait_open()
        assert failures == [raised.value]
        assert kind in (type(raised.value), type(raised.value.__cause__))
        assert await worker.wait_over(1)

    run(main())


def test_the_next_worker_begins_when_the_last_one_has_let_go() -> None:
    async def main() -> bool:
        first = Worker("microphone", works, on_failure=lambda _: None)
        first.run()
        second = Worker("microphone", works, on_failure=lambda _: None, after=first)
        second.run()
        return await second.wait_over(1)

    assert run(main())
