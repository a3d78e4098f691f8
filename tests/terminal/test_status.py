import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox.terminal.status import Status, read
from tests.support.fake_device import STATUS

JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=4)
)


def test_a_status_is_read_whole() -> None:
    assert read(STATUS) == Status(
        state="listening",
        mode="listening",
        volume=0.8,
        leds=((0, 0, 64), (0, 64, 0), (0, 0, 0)),
        input_level=0.25,
        conversation_id="conv_0123",
        uptime_s=61.5,
        echo={"canceller": "speexdsp, then AEC3", "half_duplex": False, "loss_db": 31.4},
        counters={"chunks_sent": 120, "sessions": 1},
    )


def test_what_is_missing_gets_a_default() -> None:
    assert read({}) == Status()


@given(st.fixed_dictionaries(dict.fromkeys(STATUS, JSON)))
def test_nothing_a_device_says_is_too_strange(raw: dict[str, object]) -> None:
    status = read(raw)
    assert 0 <= status.volume <= 1
    assert 0 <= status.input_level <= 1
    assert status.uptime_s >= 0
    assert all(0 <= part <= 255 for led in status.leds for part in led)
    json.dumps(status.state)


@pytest.mark.parametrize(("state", "at_rest"), [("idle", True), ("offline", True), ("speaking", False)])
def test_a_device_at_rest_is_in_no_session(state: str, at_rest: bool) -> None:
    assert Status(state=state).at_rest is at_rest


@pytest.mark.parametrize(
    ("state", "muted", "said"),
    [
        ("idle", False, "closed"),
        ("idle", True, "closed, and muted"),
        ("connecting", False, "open"),
        ("listening", True, "muted"),
    ],
)
def test_the_microphone_is_said_to_be_closed_when_it_is(state: str, muted: bool, said: str) -> None:
    assert read({"state": state, "muted": muted}).microphone == said
