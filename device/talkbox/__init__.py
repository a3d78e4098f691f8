"""
Talkbox: a press-to-talk voice appliance, and the ElevenLabs `Conversation` API in Python.

This is the library's front door. It is where the conversation client meets the sound card: a session that is given no
audio gets the default ALSA devices here. Importing it costs nothing; websockets, numpy and ALSA are loaded when a
session first needs them.
"""

from __future__ import annotations

import importlib
import importlib.util
from typing import TYPE_CHECKING, Any

from .conversation.defaults import DEFAULTS

if TYPE_CHECKING:
    from .conversation.callbacks import Callbacks
    from .conversation.conversation import Conversation
    from .conversation.ports import Audio
    from .conversation.values import Counters, Disconnected, Message, Mode, Reason, Source, Status

__all__ = [
    "Audio",
    "Callbacks",
    "Conversation",
    "Counters",
    "Disconnected",
    "Message",
    "Mode",
    "Reason",
    "Source",
    "Status",
]

_HOMES = {"Audio": "ports", "Callbacks": "callbacks", "Conversation": "conversation"}

_RATE_HZ = 48_000  # what `default` can do on every desktop, and every supported board
_PERIOD_FRAMES = 480


def __getattr__(name: str) -> object:
    """Load a public name when it is first asked for."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f".conversation.{_HOMES.get(name, 'values')}", __name__), name)


def _default_audio() -> Audio:
    """
    Return ears and mouth on the default ALSA devices. They are opened by the session, not here.

    Raises:
        MissingFeature: If pyalsaaudio is not installed.
    """
    from .errors import MissingFeature  # noqa: PLC0415

    if importlib.util.find_spec("alsaaudio") is None:
        raise MissingFeature(
            "the default audio needs pyalsaaudio, which is not installed",
            hint="pip install 'talkbox[pi]', or pass audio=..., or text_only=True",
        )
    # Only a session without audio of its own needs a sound card.
    from talkbox_hardware import alsa  # noqa: PLC0415

    from .audio.engine import AudioEngine  # noqa: PLC0415

    return AudioEngine(
        open_capture=lambda: alsa.open_capture("default", rate_hz=_RATE_HZ, period_frames=2 * _PERIOD_FRAMES),
        open_playback=lambda: alsa.open_playback("default", rate_hz=_RATE_HZ, period_frames=_PERIOD_FRAMES),
    )


def _silent_spectrum() -> Any:
    """Return the frequency data of silence: zeros, uint8, shape ``(1024,)``."""
    import numpy as np  # noqa: PLC0415  only who looks at a spectrum needs it

    return np.zeros(1024, np.uint8)


DEFAULTS.audio, DEFAULTS.spectrum = _default_audio, _silent_spectrum
