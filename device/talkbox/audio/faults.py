"""What a card's `OSError` means to the rest of the firmware. Pure."""

from __future__ import annotations

import errno

from talkbox.errors import AudioDeviceBusy, AudioDeviceLost, AudioDeviceMissing, AudioError

_MISSING = {errno.ENOENT, errno.ENODEV, errno.ENXIO}
_LOST = {errno.ENODEV, errno.ENXIO, errno.EIO, errno.EPIPE, errno.ENOTCONN, errno.EBADFD}


def is_loss(error: OSError) -> bool:
    """Return whether ``error`` says of a card that worked that it is gone."""
    return error.errno in _LOST


def translated(error: OSError, *, device: str, opening: bool) -> AudioError:
    """
    Return the error of ours that says ``error``.

    Args:
        error: What the device raised.
        device: What a person calls it: ``"microphone"``.
        opening: Whether it happened before the device had ever worked.
    """
    text = f"{device}: {reason(error)}"
    if opening and error.errno in _MISSING:
        return AudioDeviceMissing(text)
    if opening and error.errno == errno.EBUSY:
        return AudioDeviceBusy(text)
    if not opening and is_loss(error):
        return AudioDeviceLost(text)
    return AudioError(text, hint=_HINTS.get(error.errno or 0, _HINT))


_HINT = "press the button again; `arecord -L` and `aplay -L` list the sound cards there are"
_HINTS = {
    errno.ENOSPC: "make room on the disk that the file is on, then press the button again",
    errno.EFBIG: "move the file away: it cannot grow any more",
    errno.EROFS: "choose a file on a disk that can be written to",
    errno.EACCES: "this user may not use it: check the file's owner, or for a card the group audio",
    errno.EINVAL: "the card cannot do what was asked: try the other audio.rate_hz, or a plughw: name",
}


def reason(error: OSError) -> str:
    """Return the sentence of ``error``, without its number, with the file it is about."""
    sentence = error.strerror or str(error) or type(error).__name__
    return f"{sentence}: {error.filename}" if error.filename is not None else sentence
