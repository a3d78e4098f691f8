import errno
import os

import pytest

from talkbox.audio.faults import is_loss, translated
from talkbox.errors import AudioDeviceBusy, AudioDeviceLost, AudioDeviceMissing, AudioError


@pytest.mark.parametrize(
    ("code", "opening", "kind"),
    [
        (errno.ENOENT, True, AudioDeviceMissing),
        (errno.ENODEV, True, AudioDeviceMissing),
        (errno.EBUSY, True, AudioDeviceBusy),
        (errno.EINVAL, True, AudioError),
        (errno.ENODEV, False, AudioDeviceLost),
        (errno.EIO, False, AudioDeviceLost),
        (errno.EPIPE, False, AudioDeviceLost),
        (errno.ENOSPC, False, AudioError),
    ],
)
def test_an_errno_says_what_happened(code: int, opening: bool, kind: type[AudioError]) -> None:
    error = translated(OSError(code, os.strerror(code)), device="microphone", opening=opening)
    assert type(error) is kind
    assert str(error) == f"microphone: {os.strerror(code)}"


def test_the_file_or_card_is_named() -> None:
    error = OSError(errno.EINVAL, "not a WAV file", "a.wav")
    assert str(translated(error, device="microphone", opening=True)) == "microphone: not a WAV file: a.wav"


def test_an_error_without_a_text_still_has_one() -> None:
    assert str(translated(OSError(), device="loudspeaker", opening=True)) == "loudspeaker: OSError"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EINVAL, errno.EPERM])
def test_every_refusal_comes_with_a_remedy(number: int) -> None:
    assert translated(OSError(number, "no"), device="loudspeaker", opening=True).hint


@pytest.mark.parametrize(
    ("code", "loss"),
    [(errno.ENODEV, True), (errno.EBADFD, True), (errno.EIO, True), (errno.ENOSPC, False), (errno.EBUSY, False)],
)
def test_a_card_that_is_gone_is_told_from_one_that_refuses(code: int, loss: bool) -> None:
    assert is_loss(OSError(code, "no")) is loss
