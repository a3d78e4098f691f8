import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from talkbox import logs


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level, websockets = root.handlers[:], root.level, logging.getLogger("websockets").level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("websockets").setLevel(websockets)
    logging.captureWarnings(capture=False)


def set_up(level: str = "info", *, transcripts: bool = False, secrets: tuple[str, ...] = ()) -> io.StringIO:
    stream = io.StringIO()
    logs.set_up(level, transcripts=transcripts, secrets=secrets, stream=stream, environ={})
    return stream


def test_a_record_is_one_line_with_time_level_name_and_hint() -> None:
    stream = set_up()
    logging.getLogger("talkbox.x").warning("the card is %s", "gone", extra={"hint": "reseat the board"})
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d warning talkbox\.x  the card is gone \[hint: reseat the board\]\n", stream.getvalue()
    )


def test_less_important_records_are_left_out() -> None:
    stream = set_up("warning")
    logging.getLogger("talkbox.x").info("ten lines per conversation")
    assert stream.getvalue() == ""


def test_secrets_are_masked_in_messages_arguments_hints_and_tracebacks() -> None:
    stream = set_up(secrets=("hunter2",))
    try:
        int("wss://h/?conversation_signature=abcdef and hunter2")
    except ValueError:
        logging.getLogger("talkbox.x").exception(
            "xi-api-key: ghijkl %s", {"Authorization": "Bearer mnopqr"}, extra={"hint": "hunter2"}, stack_info=True
        )
    shown = stream.getvalue()
    assert "Traceback" in shown
    assert "Stack" in shown
    assert not re.search("abcdef|hunter2|ghijkl|mnopqr'", shown)


def test_control_characters_are_never_raw() -> None:
    stream = set_up()
    logging.getLogger("talkbox.x").info("user: %s", "a\x1b[2J\nb\u202e")
    assert stream.getvalue().endswith("user: a\\x1b[2J\\nb\\u202e\n")


def test_the_journal_gets_priorities_instead_of_times(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with path.open("w") as stream:
        status = path.stat()
        logs.set_up("debug", stream=stream, environ={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        for level in (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL, 25):
            logging.getLogger("talkbox.x").log(level, "it happened")
    lines = [f"<{priority}>talkbox.x: it happened" for priority in (7, 6, 4, 3, 2, 6)]
    assert path.read_text().splitlines() == lines


def test_every_line_of_a_traceback_has_its_priority(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with path.open("w") as stream:
        status = path.stat()
        logs.set_up("info", stream=stream, environ={"JOURNAL_STREAM": f"{status.st_dev}:{status.st_ino}"})
        try:
            int("x")
        except ValueError:
            logging.getLogger("talkbox.x").exception("it broke")
    lines = path.read_text().splitlines()
    assert len(lines) > 2
    assert all(line.startswith("<3>talkbox.x: ") for line in lines)


def test_another_stream_than_the_journals_is_not_the_journal(tmp_path: Path) -> None:
    with (tmp_path / "x").open("w") as stream:
        assert not logs.is_journal(stream, {"JOURNAL_STREAM": "1:2"})
        assert not logs.is_journal(stream, {})
    assert not logs.is_journal(io.StringIO(), {"JOURNAL_STREAM": "1:2"})


def test_messages_on_the_wire_are_logged_only_with_transcripts() -> None:
    stream = set_up("debug")
    logging.getLogger("websockets.client").debug("< TEXT what was said")
    assert stream.getvalue() == ""
    stream = set_up("debug", transcripts=True)
    logging.getLogger("websockets.client").debug("< TEXT what was said")
    assert "what was said" in stream.getvalue()


def test_standard_error_is_where_logs_go(capsys: pytest.CaptureFixture[str]) -> None:
    logs.set_up("info")
    logging.getLogger("talkbox.x").info("here")
    assert "here" in capsys.readouterr().err
