"""The back ends, made of what is installed."""

from __future__ import annotations

from . import speex, webrtc
from .cascade import TAIL_S, Cascade, Linear
from .choice import Backend, Installed
from .delay import DelayTracker
from .guard import Guard
from .kalman import Kalman
from .nothing import Nothing
from .path import EchoPath
from .ports import Canceller

_LEARNS_S = 2.5  # of the agent's first words: AEC3 lets some of the first second and a half through


def installed() -> Installed:
    """Look for the libraries."""
    return Installed(aec3=webrtc.is_installed(), speexdsp=speex.library() is not None)


def make(backend: Backend, *, linear: Linear | None = None) -> EchoPath:
    """
    Return the back end with what stands guard over it.

    Args:
        backend: Which.
        linear: The cascade's first filter; `None`: libspeexdsp's, and numpy's where that is missing.

    Raises:
        OSError: If its library is not installed.
    """
    tracker = DelayTracker()
    canceller: Canceller
    match backend:
        case Backend.CASCADE:
            canceller = Cascade(linear or _linear(), webrtc.Aec3(), tracker=tracker)
        case Backend.AEC3:
            canceller = webrtc.Aec3()
        case Backend.SPEEX:
            canceller = speex.Speex()
        case Backend.HALF_DUPLEX:
            canceller = Nothing(described="half duplex")
        case Backend.NONE:
            canceller = Nothing()
    learns_s = 0.0 if isinstance(canceller, Nothing) else _LEARNS_S
    guard = Guard(always=backend is Backend.HALF_DUPLEX, learns_s=learns_s)
    return EchoPath(canceller, tracker=tracker, guard=guard)


def _linear() -> Linear:
    return Kalman() if speex.library() is None else speex.Mdf(tail_s=TAIL_S)
