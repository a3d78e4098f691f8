import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.appliance.control_protocol import BadRequest, Command, encode, parse, perform
from tests.support.fake_device import STATUS, FakeDevice
from tests.support.virtual_time import run


def ask(request: object, device: FakeDevice) -> dict[str, object]:
    line = request if isinstance(request, bytes) else json.dumps(request).encode()
    answer, _ = run(perform(line, device))
    assert answer.endswith(b"\n")
    assert answer.count(b"\n") == 1
    decoded: dict[str, object] = json.loads(answer)
    return decoded


@pytest.mark.parametrize(
    ("request_", "asked"),
    [
        ({"command": "tap"}, ["tap"]),
        ({"command": "press"}, ["press"]),
        ({"command": "release"}, ["release"]),
        ({"command": "mute"}, ["mute"]),
        ({"command": "turn", "detents": -2}, ["turn -2"]),
        ({"command": "tap", "detents": "ignored", "more": 1}, ["tap"]),
    ],
)
def test_a_command_is_carried_out_once_and_answered(request_: object, asked: list[str]) -> None:
    device = FakeDevice()
    assert ask(request_, device) == {"ok": True}
    assert device.asked == asked


def test_the_status_is_answered_whole() -> None:
    assert ask({"command": "status"}, FakeDevice()) == {"ok": True, "status": STATUS}


def test_events_are_announced_and_left_to_who_carries_the_lines() -> None:
    answer, command = run(perform(b'{"command": "events"}', FakeDevice()))
    assert json.loads(answer) == {"ok": True}
    assert command is Command.EVENTS


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"\n", "a request is one JSON object on a line"),
        (b"tap\n", "a request is one JSON object on a line"),
        (b"\xff\xfe\n", "a request is one JSON object on a line"),
        (b"[" * 50_000, "a request is one JSON object on a line"),
        (b"[]", "a request is a JSON object, not a list"),
        (b'"tap"', "a request is a JSON object, not text"),
        (b"null", "a request is a JSON object, not null"),
        (b"true", "a request is a JSON object, not true or false"),
        (b"3", "a request is a JSON object, not a number"),
        (b"{}", "command must be one of tap, press, release, turn, mute, status, events"),
        (b'{"command": ["tap"]}', "command must be one of tap, press, release, turn, mute, status, events"),
        (b'{"command": "tapp"}', "unknown command 'tapp'; did you mean tap?"),
        (
            b'{"command": "explode"}',
            "unknown command 'explode'; it is one of tap, press, release, turn, mute, status, events",
        ),
        (b'{"command": "turn"}', "detents must be a whole number, -1000..1000"),
        (b'{"command": "turn", "detents": true}', "detents must be a whole number, -1000..1000"),
        (b'{"command": "turn", "detents": 1.0}', "detents must be a whole number, -1000..1000"),
        (b'{"command": "turn", "detents": 1001}', "detents must be a whole number, -1000..1000"),
    ],
)
def test_what_is_no_request_is_refused_and_not_carried_out(line: bytes, error: str) -> None:
    device = FakeDevice()
    assert ask(line, device) == {"ok": False, "error": error}
    assert device.asked == []


def test_what_the_device_refuses_is_answered() -> None:
    answer = ask({"command": "turn", "detents": 99}, FakeDevice())
    assert answer == {"ok": False, "error": "there is no such sound card"}


@given(
    st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_no_line_is_an_error_of_ours(line: bytes) -> None:
    try:
        parse(line)
    except BadRequest as error:
        assert str(error)  # noqa: PT017  most lines are refused, and some are not


@given(st.text(st.characters(codec=None)))
def test_an_answer_is_one_line_of_printable_ascii(text: str) -> None:
    line = encode({"event": "message", "text": text})
    assert line.endswith(b"\n")
    assert line[:-1].decode("ascii").isprintable()
    assert json.loads(line)["text"] == text
