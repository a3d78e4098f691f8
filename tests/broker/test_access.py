"""The access log (`access`): one line a request, without secrets."""

import logging
from typing import Any

import pytest

from talkbox_broker.access import level, line


def written(**changed: Any) -> str:
    known: dict[str, Any] = {
        "method": "GET",
        "path": "/signed-url",
        "agent": "agent_1",
        "status": 200,
        "took_s": 0.3404,
        "uid": 990,
        "why": "",
    }
    return line(**{**known, **changed})


def test_a_request_is_one_line() -> None:
    assert written() == "GET /signed-url agent_1 200 340 ms uid 990"
    assert written(path="/health", agent="") == "GET /health 200 340 ms uid 990"
    assert written(status=502, why="key refused") == "GET /signed-url agent_1 502 340 ms uid 990: key refused"


def test_what_a_client_chose_itself_is_shortened_and_escaped() -> None:
    said = written(method="EVIL\r\n" * 100, path="/\x1b[2J" * 100, agent="\n" * 10_000, uid=None)
    assert said.isprintable()
    assert said.isascii()
    assert len(said) < 1000
    assert "uid unknown" in said


@pytest.mark.parametrize(
    ("status", "quiet", "expected"),
    [
        (200, False, logging.INFO),
        (200, True, logging.DEBUG),
        (403, True, logging.WARNING),
        (502, False, logging.WARNING),
    ],
)
def test_a_refusal_is_a_warning_and_a_look_at_the_health_is_no_news(status: int, *, quiet: bool, expected: int) -> None:
    assert level(status, quiet=quiet) == expected
