"""`talkbox.terminal.child`: programs that start, that do not, and that will not end."""

import asyncio
import sys
from pathlib import Path

import pytest

from talkbox.errors import TalkboxError
from talkbox.terminal import child
from talkbox.terminal.child import exit_code, last_lines, running, wait_for_line, wait_for_socket

pytestmark = pytest.mark.integration


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


def test_a_line_is_waited_for_and_the_program_ended(tmp_path: Path) -> None:
    async def main() -> tuple[str, int]:
        code = "import time; print('noise'); print('ready at 7', flush=True); time.sleep(600)"
        async with running(python(code), log=tmp_path / "log", lines=True) as process:
            line = await wait_for_line(process, "ready")
        return line, await exit_code(process)

    assert asyncio.run(main()) == ("ready at 7", 128 + 15)


def test_a_program_that_ends_before_it_is_ready_is_an_error_with_its_code(tmp_path: Path) -> None:
    async def main() -> None:
        async with running(python("raise SystemExit(3)"), log=tmp_path / "log", lines=True) as process:
            await wait_for_line(process, "ready")

    with pytest.raises(TalkboxError, match="exit code 3"):
        asyncio.run(main())


def test_a_device_that_ends_before_it_is_ready_shows_the_end_of_its_log(tmp_path: Path) -> None:
    async def main() -> None:
        code = "print('one\\x1b[31m'); raise SystemExit(78)"
        async with running(python(code), log=tmp_path / "log") as process:
            await wait_for_socket(process, tmp_path / "control.sock", log=tmp_path / "log")

    with pytest.raises(TalkboxError, match="exit code 78") as caught:
        asyncio.run(main())
    assert "one" in str(caught.value)
    assert "\x1b" not in str(caught.value)


def test_a_program_that_is_never_ready_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "START_S", 0.3)

    async def silent() -> None:
        async with running(python("import time; time.sleep(600)"), log=tmp_path / "log", lines=True) as process:
            await wait_for_line(process, "ready")

    async def deaf() -> None:
        async with running(python("import time; time.sleep(600)"), log=tmp_path / "log") as process:
            await wait_for_socket(process, tmp_path / "control.sock", log=tmp_path / "log")

    for story in (silent, deaf):
        with pytest.raises(TalkboxError, match=r"waited|not ready"):
            asyncio.run(story())


def test_a_program_that_will_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "STOP_S", 0.3)

    async def main() -> int:
        code = "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(600)"
        async with running(python(code), log=tmp_path / "log", lines=True) as process:
            await wait_for_line(process, "ready")
        return await exit_code(process)

    assert asyncio.run(main()) == 128 + 9


def test_only_the_last_lines_of_a_log_are_shown(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("".join(f"line {n}\n" for n in range(100)), "utf-8")
    assert last_lines(tmp_path / "log").splitlines() == [f"line {n}" for n in range(85, 100)]
