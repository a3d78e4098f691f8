import asyncio
import errno

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


def has_a_bug(_worker: Worker) -> None:
    raise ZeroDivisionError


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


def test_a_bug_is_passed_on_as_it_is() -> None:
    async def main() -> None:
        worker = Worker("microphone", has_a_bug, on_failure=lambda _: None)
        worker.run()
        with pytest.raises(ZeroDivisionError):
            await worker.wait_open()

    run(main())


def test_the_next_worker_begins_when_the_last_one_has_let_go() -> None:
    async def main() -> bool:
        first = Worker("microphone", works, on_failure=lambda _: None)
        first.run()
        second = Worker("microphone", works, on_failure=lambda _: None, after=first)
        second.run()
        return await second.wait_over(1)

    assert run(main())
