import inspect
import os

import pytest

from talkbox import errors
from talkbox.errors import ConfigError, ServiceError, SessionLost, SessionRefused, TalkboxError, ToolFailed

TREE = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, TalkboxError)]
SYSEXITS = {getattr(os, name) for name in dir(os) if name.startswith("EX_")}


@pytest.mark.parametrize("kind", TREE)
def test_every_error_is_in_the_tree_at_the_top_and_ends_with_a_status_of_sysexits(kind: type[TalkboxError]) -> None:
    assert f"`{kind.__name__}`" in (errors.__doc__ or "")
    assert kind.exit_code in SYSEXITS
    assert kind.exit_code != os.EX_OK


def test_the_remedy_is_the_class_s_unless_one_is_given() -> None:
    assert ConfigError("no").hint == ""
    assert ConfigError("no", hint="edit the file").hint == "edit the file"
    assert errors.NotRunning("no").hint
    assert errors.NotRunning("no", hint="").hint == ""


@pytest.mark.parametrize("status", [401, 403, 404, 429, 1008])
def test_a_refusal_says_its_status_and_what_to_do(status: int) -> None:
    error = SessionRefused(status=status, reason="go away")
    assert str(error) == f"session refused ({status}): go away"
    assert error.status == status
    assert error.hint
    assert SessionRefused(status=status, reason="", hint="mine").hint == "mine"


def test_a_refusal_without_a_reason_says_so() -> None:
    error = SessionRefused(status=503, reason="")
    assert str(error) == "session refused (503): no reason given"
    assert error.hint == ""


def test_data_travels_in_attributes() -> None:
    assert SessionLost("gone", code=1006).code == 1006
    assert SessionLost("gone").code is None
    service = ServiceError("slow", code=1002, error_type="llm_timeout")
    assert (service.code, service.error_type) == (1002, "llm_timeout")
    assert ToolFailed("no", tool="set_volume").tool == "set_volume"
