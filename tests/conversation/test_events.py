"""Events are values, and there is one for each message."""

from dataclasses import FrozenInstanceError, fields, is_dataclass
from typing import get_args

import pytest

from talkbox.conversation import events
from tests.support.messages import SAMPLES


@pytest.mark.parametrize("kind", get_args(events.Event), ids=lambda kind: str(kind.__name__))
def test_an_event_is_a_frozen_value_with_slots(kind: type) -> None:
    assert is_dataclass(kind)
    assert not hasattr(kind, "__dict__") or "__slots__" in vars(kind)
    event = object.__new__(kind)
    with pytest.raises((FrozenInstanceError, TypeError)):
        event.anything = 1  # type: ignore[attr-defined]


def test_there_is_one_for_each_message_and_two_for_what_is_not_understood() -> None:
    assert len(get_args(events.Event)) == len(SAMPLES) + 2


def test_what_an_event_shows_of_itself_holds_no_audio() -> None:
    assert "payload" not in repr(events.AgentAudio(payload=b"\0" * 10_000, event_id=1))
    assert {field.name for field in fields(events.AgentAudio)} == {"payload", "event_id", "alignment"}
