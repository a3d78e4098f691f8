"""Which board it is, and what is there without anybody having driven a pin."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from talkbox_hardware.board import load_boards
from talkbox_hardware.detect import detect
from tests.virtual_pi.checks import pi

pytestmark = pytest.mark.virtual_pi

FOUND = {"respeaker": "respeaker-2mic-v1", "respeaker2": "respeaker-2mic-v2"}
"""Boards that say who they are; wm8960 is one of several, none is none."""


def test_the_board_is_detected_or_named_as_ambiguous(record_property: Callable[[str, object], None]) -> None:
    verdict = detect(boards=load_boards())
    assert verdict.board == FOUND.get(pi.BOARD)
    assert verdict.reasons
    if pi.BOARD == "wm8960":
        assert len(verdict.candidates) > 1
        assert {"respeaker-2mic-v1", "waveshare-wm8960"} <= set(verdict.candidates)
    elif pi.BOARD == "none":
        assert verdict.candidates == ()
    record_property("figure", verdict.board or " or ".join(verdict.candidates) or "no board")


def test_detection_claims_no_pin() -> None:
    before = pi.claimed_gpios()
    detect(boards=load_boards())
    assert pi.claimed_gpios() == before
