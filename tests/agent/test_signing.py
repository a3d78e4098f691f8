from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from talkbox_agent.signing import LIFETIME_S, flaw, sign

SECRET = b"secret"


def test_a_signature_is_good_for_its_agent_and_its_time() -> None:
    signature = sign("home", secret=SECRET, now_s=1000.0)
    assert flaw(signature, "home", secret=SECRET, now_s=1000.0) == ""
    assert flaw(signature, "home", secret=SECRET, now_s=1000.0 + LIFETIME_S) == ""
    assert flaw(signature, "home", secret=SECRET, now_s=1001.0 + LIFETIME_S) == "expired signature"
    assert flaw(signature, "work", secret=SECRET, now_s=1000.0) == "invalid signature"
    assert flaw(signature, "home", secret=b"other", now_s=1000.0) == "invalid signature"


@pytest.mark.parametrize("signature", ["", ".", "1", "x.y", "²." + "0" * 64, "9" * 5000 + ".0"])
def test_what_is_no_signature_is_invalid(signature: str) -> None:
    assert flaw(signature, "home", secret=SECRET, now_s=0.0) == "invalid signature"


@given(st.text())
def test_nobody_guesses_a_signature(signature: str) -> None:
    assert flaw(signature, "home", secret=SECRET, now_s=0.0) == "invalid signature"


def test_the_end_of_a_signature_cannot_be_moved() -> None:
    expires, _, mac = sign("home", secret=SECRET, now_s=0.0).partition(".")
    assert flaw(f"{int(expires) + 1}.{mac}", "home", secret=SECRET, now_s=0.0) == "invalid signature"
