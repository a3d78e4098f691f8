"""libspeexdsp's echo canceller, by ctypes: a linear filter (MDF), and its preprocessor for what that leaves."""

from __future__ import annotations

import ctypes
from functools import cache

import numpy as np

from talkbox.audio.formats import Samples

from .ports import BLOCK, RATE_HZ

_LIBRARY = "libspeexdsp.so.1"  # its name since 2008; find_library would start a compiler to tell us that
_TAIL_S = 0.256  # where nobody knows how late the echo is: the delay has to fit, too
_ECHO_SET_RATE = 24  # SPEEX_ECHO_SET_SAMPLING_RATE of speex_echo.h
_PREPROCESS_SET_ECHO_STATE = 24  # of speex_preprocess.h, which counts its own


@cache
def library() -> ctypes.CDLL | None:
    """Return the library, or `None` where it is not installed."""
    try:
        found = ctypes.CDLL(_LIBRARY)
    except OSError:
        return None
    pointer, number = ctypes.c_void_p, ctypes.c_int
    for name, result, arguments in (
        ("speex_echo_state_init", pointer, [number, number]),
        ("speex_echo_state_reset", None, [pointer]),
        ("speex_echo_state_destroy", None, [pointer]),
        ("speex_echo_ctl", number, [pointer, number, pointer]),
        ("speex_echo_cancellation", None, [pointer, pointer, pointer, pointer]),
        ("speex_preprocess_state_init", pointer, [number, number]),
        ("speex_preprocess_state_destroy", None, [pointer]),
        ("speex_preprocess_ctl", number, [pointer, number, pointer]),
        ("speex_preprocess_run", number, [pointer, pointer]),
    ):
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found


class Mdf:
    """
    The linear part: what the loudspeaker and the room make of the reference, if they make it linearly. No delay.

    Args:
        tail_s: How long the echo of one sample may last, from the reference on.

    Attributes:
        library, handle: For the preprocessor, which looks into the filter.

    Raises:
        OSError: If the library is not installed.
    """

    described = "speexdsp"

    def __init__(self, *, tail_s: float = _TAIL_S) -> None:
        found = library()
        if found is None:
            raise OSError(f"{_LIBRARY} is not installed")
        self.library = found
        self.handle = found.speex_echo_state_init(BLOCK, int(tail_s * RATE_HZ))
        found.speex_echo_ctl(self.handle, _ECHO_SET_RATE, ctypes.byref(ctypes.c_int(RATE_HZ)))
        # Places of our own for a block: to ask numpy where an array lies costs more than to copy it.
        self._near, self._far, self._clean = places = np.zeros((3, BLOCK), np.int16)
        self._addresses = [place.ctypes.data for place in places]

    def __del__(self) -> None:
        if hasattr(self, "handle"):
            self.library.speex_echo_state_destroy(self.handle)

    def process(self, near: Samples, far: Samples) -> Samples:
        """Return ``near`` without the linear part of the echo of ``far``. Blocks as in `Canceller`."""
        self._near[:], self._far[:] = near, far
        self.library.speex_echo_cancellation(self.handle, *self._addresses)
        return self._clean.copy()

    def reset(self) -> None:
        """Forget the echo path."""
        self.library.speex_echo_state_reset(self.handle)


class Speex:
    """The linear part and the library's preprocessor: cheap, wholly full-duplex, leaky where a loudspeaker distorts."""

    described = "speexdsp with its preprocessor"
    delay_s = BLOCK / RATE_HZ
    moved = False

    def __init__(self) -> None:
        self._linear = Mdf()
        self._library = self._linear.library
        self._state = self._library.speex_preprocess_state_init(BLOCK, RATE_HZ)
        self._library.speex_preprocess_ctl(self._state, _PREPROCESS_SET_ECHO_STATE, self._linear.handle)

    def __del__(self) -> None:
        if hasattr(self, "_state"):
            self._library.speex_preprocess_state_destroy(self._state)

    def process(self, near: Samples, far: Samples) -> Samples:
        """See `Canceller`."""
        clean = self._linear.process(near, far)
        self._library.speex_preprocess_run(self._state, clean.ctypes.data)
        return clean

    def slipped(self) -> None:
        """See `Canceller`."""
        self._linear.reset()
