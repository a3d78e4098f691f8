"""The handler against a socket that stands in for journald's: what arrives, and what happens when nobody takes it."""

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from talkbox import logs
from talkbox.journald import MOST_KEPT_BYTES, JournalHandler
from tests.support.journal import JournaldStandIn
from tests.support.programs import PATIENCE_S, environment

pytestmark = pytest.mark.integration


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "socket"


@pytest.fixture
def journald(path: Path) -> Iterator[JournaldStandIn]:
    with JournaldStandIn(path) as standin:
        yield standin


@pytest.fixture
def log(path: Path) -> Iterator[logging.Logger]:
    logger, handler = logging.getLogger("talkbox.test.journald"), JournalHandler(path)
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield logger
    logger.removeHandler(handler)
    handler.close()


def test_an_entry_arrives_with_its_fields(journald: JournaldStandIn, log: logging.Logger) -> None:
    log.warning("the card is %s", "gone", extra={"event": "card_missing", "hint": "reseat it"})
    entry = journald.entry()
    assert entry["MESSAGE"] == "the card is gone [hint: reseat it]"
    assert entry["TALKBOX_EVENT"] == "card_missing"
    assert entry["PRIORITY"] == "4"


def test_what_is_too_long_for_a_datagram_goes_as_a_sealed_file(journald: JournaldStandIn, log: logging.Logger) -> None:
    log.info("%s", "x" * 250_000)
    log.info("after")
    assert journald.entry()["MESSAGE"] == "x" * 250_000
    assert journald.entry()["MESSAGE"] == "after"


def test_without_journald_nothing_fails_and_its_return_brings_what_was_kept(path: Path, log: logging.Logger) -> None:
    log.info("one")
    log.info("two")
    with JournaldStandIn(path) as journald:
        log.info("three")
        assert journald.messages() == ["one", "two", "three"]
    log.info("four")
    with JournaldStandIn(path) as journald:
        log.info("five")
        assert journald.messages() == ["four", "five"]


def test_a_journald_that_stands_still_holds_nobody_up_and_is_caught_up_with(
    journald: JournaldStandIn, log: logging.Logger
) -> None:
    said = [f"entry {n}" for n in range(2000)]
    for message in said[:-1]:
        log.info("%s", message)  # its queue is full after a few; a call that waits would wait for ever
    found: list[str] = []
    while len(found) < len(said) - 1:
        found += journald.messages()
        log.handlers[0].flush()
    log.info("%s", said[-1])
    assert found + journald.messages() == said


def test_what_is_kept_is_bounded_and_what_was_lost_is_said(path: Path, log: logging.Logger) -> None:
    for n in range(12):
        log.info("%s", f"{n} " + "x" * (MOST_KEPT_BYTES // 8))
    found: list[str] = []
    with JournaldStandIn(path) as journald:
        while not found or not found[-1].startswith("log entries lost: "):
            log.handlers[0].flush()
            found += journald.messages()
    assert found[-1] == f"log entries lost: {12 - (len(found) - 1)}; journald did not take them"
    assert found[-2].startswith("11 ")
    assert len(found) < 10


def test_a_record_that_cannot_be_put_into_words_ends_nobody(
    journald: JournaldStandIn, log: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    log.handlers[0].handle(logging.makeLogRecord({"msg": "%d", "args": ("no number",)}))
    log.info("after")
    assert journald.entry()["MESSAGE"] == "after"
    assert "TypeError" in capsys.readouterr().err


PROGRAM = """
import logging, os, sys
from pathlib import Path
from talkbox import cli, logs, verbs
from talkbox.errors import AudioDeviceMissing

status = os.fstat(2)
os.environ["JOURNAL_STREAM"] = f"{status.st_dev}:{status.st_ino}"
logs.journald.SOCKET = logs.set_up.__kwdefaults__["journal"] = Path(sys.argv[1])


def fail(options):
    logs.STANDING.set(state="idle")
    raise ExceptionGroup("x", [AudioDeviceMissing("no card"), ValueError("a mistake")])


verbs.version = fail
sys.exit(cli.main(["version"]))
"""


@pytest.mark.parametrize("there", [True, False])
def test_what_ends_the_program_is_in_the_journal_with_its_remedy(
    journald: JournaldStandIn, path: Path, there: bool
) -> None:
    if not there:
        journald.stop()
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, path],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == os.EX_SOFTWARE
    if there:
        assert done.stderr == ""
        bug, error = journald.entry(), journald.entry()
        assert (bug["PRIORITY"], bug["TALKBOX_EVENT"], bug["TALKBOX_STATE"]) == ("2", "bug", "idle")
        assert (error["PRIORITY"], error["TALKBOX_ERROR"]) == ("3", "AudioDeviceMissing")
        assert error["MESSAGE"].startswith("no card [hint: ")
    else:
        assert "<2>talkbox.logs: a bug ends the program" in done.stderr
        assert "<3>talkbox.logs: no card [hint: " in done.stderr


def test_the_log_of_a_service_goes_to_the_journals_socket(
    journald: JournaldStandIn, path: Path, tmp_path: Path
) -> None:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with (tmp_path / "stream").open("w") as stream:
        status = os.fstat(stream.fileno())
        logs.set_up(
            "info",
            stream=stream,
            environ={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"},
            journal=path,
            secrets=("hunter2",),
        )
        logs.STANDING.set(conversation_id="conv_1")
        logging.getLogger("talkbox.x").info("hunter2")
        logs.STANDING.set(conversation_id=None)
        root.handlers[0].close()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    entry = journald.entry()
    assert (entry["MESSAGE"], entry["TALKBOX_CONVERSATION_ID"]) == ("***", "conv_1")
    assert (tmp_path / "stream").read_text() == ""


def test_the_end_waits_until_journald_has_read_and_so_knows_who_spoke(
    journald: JournaldStandIn, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("talkbox.journald._PATIENCE_S", PATIENCE_S)
    handler, read = JournalHandler(path), list[dict[str, str]]()
    handler.handle(logging.makeLogRecord({"name": "talkbox", "msg": "the last word"}))
    reader = threading.Timer(0.2, lambda: read.append(journald.entry()))
    reader.start()
    handler.close()
    begun = reader.finished.is_set() or bool(read)
    reader.join()
    assert read[0]["MESSAGE"] == "the last word"
    assert begun
