"""
What a conversation uses where it was given nothing. Filled in by the front door, `talkbox/__init__.py`.

The front door knows the sound card and numpy; this package must not. It runs before any module of this package can be
imported, so what stands here is only ever seen by a reader.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .ports import Audio


def _no_audio() -> Audio:
    raise NotImplementedError("talkbox/__init__.py fills this in")


def _no_spectrum() -> Any:
    return bytes(1024)


@dataclass(slots=True, kw_only=True)
class Defaults:
    """
    See the module.

    Attributes:
        audio: Makes the audio of a session that was given none; may raise `MissingFeature`.
        spectrum: Makes the frequency data of silence, shape ``(1024,)``.
    """

    audio: Callable[[], Audio] = _no_audio
    spectrum: Callable[[], Any] = _no_spectrum


DEFAULTS = Defaults()
