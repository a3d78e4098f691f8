import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.appliance import volume_memory
from talkbox.appliance.volume_memory import NAME, VolumeFile, VolumeMemory, kept, state_folder
from tests.support.virtual_time import run


class WatchedFile(VolumeFile):
    """Writes down what is written, and when, and may take its time for it."""

    def __init__(self) -> None:
        super().__init__(None, configured=0.8)
        self.written: list[tuple[float, float]] = []

    def write(self, volume: float) -> None:
        self.written.append((round(asyncio.get_running_loop().time(), 3), volume))


async def at_once(write: Callable[[float], None], volume: float) -> None:
    write(volume)


def memory(file: VolumeFile) -> VolumeMemory:
    return VolumeMemory(file, rest_s=3.0, off_loop=at_once)


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "state" / "talkbox"
    assert VolumeFile(folder, configured=0.8).read() is None
    VolumeFile(folder, configured=0.8).write(0.35)
    VolumeFile(folder, configured=0.8).write(0.4)
    assert VolumeFile(folder, configured=0.8).read() == 0.4
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_a_volume_that_was_configured_since_outweighs_the_knob(tmp_path: Path) -> None:
    VolumeFile(tmp_path, configured=0.8).write(0.35)
    assert VolumeFile(tmp_path, configured=0.5).read() is None
    assert VolumeFile(tmp_path, configured=0.8).read() == 0.35


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"0.4",
        b"\xff\xfe\x00",
        b"null",
        b"[0.4, 0.8]",
        b'{"volume": 0.4}',
        b'{"volume": "0.4", "configured": 0.8}',
        b'{"volume": true, "configured": 0.8}',
        b'{"volume": NaN, "configured": 0.8}',
        b'{"volume": 1.5, "configured": 0.8}',
        b'{"volume": -1, "configured": 0.8}',
        b'{"volume": 0.4, "configured": 0.8',
        b"[" * 5000,
        b" " * 5000 + b'{"volume": 0.4, "configured": 0.8}',
    ],
)
def test_junk_in_the_file_is_ignored_and_replaced(junk: bytes, tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(junk)
    file = VolumeFile(tmp_path, configured=0.8)
    assert file.read() is None
    file.write(0.4)
    assert file.read() == 0.4


@given(st.binary(max_size=200))
def test_no_bytes_are_an_error(content: bytes) -> None:
    found = volume_memory._parsed(content)
    assert found is None or all(0 <= number <= 1 for number in found)


def test_a_file_that_cannot_be_written_is_no_error_and_is_said_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "a file").write_text("in the way of the folder")
    file = VolumeFile(tmp_path / "a file", configured=0.8)
    with caplog.at_level(logging.DEBUG):
        file.write(0.4)
        assert file.read() is None
        file.write(0.5)
    assert [record.levelno for record in caplog.records] == [logging.INFO]
    assert caplog.messages[0].startswith("the volume is not remembered over a restart: ")


def test_a_file_that_cannot_be_read_is_no_error(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / NAME).mkdir()
    with caplog.at_level(logging.INFO):
        assert VolumeFile(tmp_path, configured=0.8).read() is None
    assert len(caplog.messages) == 1


def test_a_write_that_fails_leaves_nothing_beside_what_was_there(tmp_path: Path) -> None:
    (tmp_path / NAME / "inhabited").mkdir(parents=True)
    VolumeFile(tmp_path, configured=0.8).write(0.5)
    assert [path.name for path in tmp_path.iterdir()] == [NAME]
    assert (tmp_path / NAME / "inhabited").is_dir()


def test_nowhere_to_keep_it_is_no_error_either() -> None:
    file = VolumeFile(None, configured=0.8)
    file.write(0.4)
    assert file.read() is None


@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"STATE_DIRECTORY": "/var/lib/talkbox", "XDG_STATE_HOME": "/x", "HOME": "/h"}, "/var/lib/talkbox"),
        ({"STATE_DIRECTORY": "/var/lib/talkbox:/var/lib/other"}, "/var/lib/talkbox"),
        ({"STATE_DIRECTORY": "", "XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/talkbox"),
        ({"XDG_STATE_HOME": "relative", "HOME": "/h"}, "/h/.local/state/talkbox"),
        ({"HOME": "/h"}, "/h/.local/state/talkbox"),
        ({}, None),
    ],
)
def test_state_lies_where_systemd_says_or_else_where_the_user_keeps_it(
    environ: dict[str, str], folder: str | None
) -> None:
    assert state_folder(environ) == (Path(folder) if folder else None)


def test_the_volume_is_written_once_it_has_rested() -> None:
    async def main() -> None:
        file = WatchedFile()
        async with kept(memory(file)) as remembering:
            for step in range(20):
                remembering.remember(step / 20)
                await asyncio.sleep(1.0)  # still turning
            assert file.written == []
            await asyncio.sleep(10.0)
            [(at_s, volume)] = file.written
            assert volume == 0.95
            assert 19.0 + 3.0 <= at_s <= 19.0 + 6.0
            await asyncio.sleep(3600)
            remembering.remember(0.1)
            await asyncio.sleep(10)
        assert [volume for _, volume in file.written] == [0.95, 0.1]

    run(main())


def test_what_has_not_rested_at_the_end_is_written_then() -> None:
    async def main() -> None:
        file = WatchedFile()
        async with kept(memory(file)) as remembering:
            remembering.remember(0.3)
            await asyncio.sleep(1.0)
        assert file.written == [(1.0, 0.3)]

    run(main())


def test_a_knob_that_was_never_turned_writes_nothing() -> None:
    async def main() -> None:
        file = WatchedFile()
        async with kept(memory(file)):
            await asyncio.sleep(100)
        assert file.written == []

    run(main())


def test_a_turn_while_the_disk_is_busy_is_written_as_well() -> None:
    async def main() -> None:
        async def slowly(write: Callable[[float], None], volume: float) -> None:
            await asyncio.sleep(5.0)
            write(volume)

        file = WatchedFile()
        async with kept(VolumeMemory(file, rest_s=3.0, off_loop=slowly)) as remembering:
            remembering.remember(0.3)
            await asyncio.sleep(4.0)  # it is being written
            remembering.remember(0.4)
            await asyncio.sleep(30)
        assert [volume for _, volume in file.written] == [0.3, 0.4]

    run(main())


def test_it_recalls_what_the_file_says(tmp_path: Path) -> None:
    async def main() -> None:
        VolumeFile(tmp_path, configured=0.8).write(0.25)
        assert memory(VolumeFile(tmp_path, configured=0.8)).recall() == 0.25

    run(main())
