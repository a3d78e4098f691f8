"""The echo cancellers with their real libraries, in a small room."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from talkbox.audio.echo import speex, webrtc
from talkbox.audio.echo.backends import installed, make
from talkbox.audio.echo.choice import Backend
from talkbox.audio.echo.kalman import Kalman
from talkbox.audio.echo.path import EchoPath
from talkbox.audio.echo.ports import BLOCK, RATE_HZ
from talkbox.audio.formats import Samples

pytestmark = pytest.mark.integration
needs_aec3 = pytest.mark.skipif(not webrtc.is_installed(), reason="pywebrtc-audio is not installed")
needs_speexdsp = pytest.mark.skipif(speex.library() is None, reason="libspeexdsp is not installed")

SECONDS = 8
LATE = 960


def speechlike(*, seed: int) -> Samples:
    """Noise that comes in syllables, with pauses."""
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(SECONDS * RATE_HZ) * 3000
    loud = np.repeat(rng.choice([0.0, 0.3, 1.0], SECONDS * 10), RATE_HZ // 10)
    loud[: RATE_HZ // 10] = 1.0
    samples: Samples = (noise * loud).astype(np.int16)
    return samples


def echo_of(far: Samples) -> Samples:
    path = np.random.default_rng(7).standard_normal(600) * np.exp(-np.arange(600) / 100)
    heard = np.convolve(far, path / np.sqrt((path**2).sum()))
    return np.concatenate([np.zeros(LATE), heard])[: len(far)].astype(np.int16)


def cleaned(path: EchoPath, near: Samples, far: Samples) -> Samples:
    parts = [path.process(near[at : at + BLOCK], far[at : at + BLOCK]) for at in range(0, len(near), BLOCK)]
    return np.concatenate(parts)


def loss_db(before: Samples, after: Samples) -> float:
    """Of the second half."""
    powers = [float((part[len(part) // 2 :].astype(float) ** 2).sum()) for part in (before, after)]
    return float(10 * np.log10(powers[0] / max(powers[1], 1.0)))


BACKENDS = [
    pytest.param(lambda: make(Backend.CASCADE), marks=[needs_aec3, needs_speexdsp], id="cascade"),
    pytest.param(lambda: make(Backend.CASCADE, linear=Kalman()), marks=needs_aec3, id="cascade in numpy"),
    pytest.param(lambda: make(Backend.AEC3), marks=needs_aec3, id="aec3"),
    pytest.param(lambda: make(Backend.SPEEX), marks=needs_speexdsp, id="speex"),
]


@pytest.mark.parametrize("made", BACKENDS)
def test_an_echo_goes_and_the_meter_says_so(made: Callable[[], EchoPath]) -> None:
    path = made()
    far = speechlike(seed=1)
    near = echo_of(far)
    assert loss_db(near, cleaned(path, near, far)) > 15
    assert path.loss_db is not None
    assert path.loss_db > 12
    assert not path.half_duplex


@pytest.mark.parametrize("made", BACKENDS)
def test_a_user_alone_comes_through_as_late_as_was_said(made: Callable[[], EchoPath]) -> None:
    path = made()
    assert path.described
    near = speechlike(seed=2)
    after = cleaned(path, near, np.zeros_like(near))
    size = 2 * len(near)
    spectrum = np.fft.rfft(after, size) * np.conj(np.fft.rfft(near, size))
    late_s = int(np.argmax(np.fft.irfft(spectrum)[:RATE_HZ])) / RATE_HZ
    assert late_s == pytest.approx(path.delay_s, abs=0.002)
    assert abs(loss_db(near, after)) < 6


@needs_aec3
@needs_speexdsp
def test_a_user_over_the_agent_is_heard() -> None:
    far, user = speechlike(seed=1), speechlike(seed=2) // 3
    user[: 4 * RATE_HZ] = 0
    near = echo_of(far) + user
    after = cleaned(make(Backend.CASCADE), near, far)
    half = slice(4 * RATE_HZ, None)
    envelopes = [(part[half].astype(float).reshape(-1, 1600) ** 2).mean(axis=1) for part in (user, after)]
    assert np.corrcoef(*envelopes)[0, 1] > 0.8


@needs_aec3
@needs_speexdsp
def test_a_slip_is_survived() -> None:
    far = speechlike(seed=1)
    near = echo_of(far)
    slipped = np.concatenate([near[: 3 * RATE_HZ], np.zeros(320, np.int16), near[3 * RATE_HZ : -320]])
    path = make(Backend.CASCADE)
    first = cleaned(path, slipped[: 3 * RATE_HZ], far[: 3 * RATE_HZ])
    path.slipped()
    after = np.concatenate([first, cleaned(path, slipped[3 * RATE_HZ :], far[3 * RATE_HZ :])])
    assert loss_db(slipped[RATE_HZ * 2 :], after[RATE_HZ * 2 :]) > 20


@needs_aec3
@needs_speexdsp
def test_a_slip_that_nobody_told_of_is_found_in_what_was_heard() -> None:
    far = np.concatenate([speechlike(seed=1), speechlike(seed=3)])
    near = echo_of(far)
    at = SECONDS * RATE_HZ  # by then the filter has proved itself
    slipped = np.concatenate([near[:at], near[at + 320 :], np.zeros(320, np.int16)])
    path = make(Backend.CASCADE)
    after = cleaned(path, slipped, far)
    assert path.summary["moved"] == 1
    assert loss_db(slipped[at + RATE_HZ // 2 :], after[at + RATE_HZ // 2 :]) > 20


def test_without_any_library_nothing_is_canceled_and_half_duplex_mutes() -> None:
    far = speechlike(seed=1)
    near = echo_of(far)
    assert cleaned(make(Backend.NONE), near, far).tolist() == near.tolist()
    path = make(Backend.HALF_DUPLEX)
    assert path.described == "half duplex"
    assert not cleaned(path, near, far).any()


def test_what_is_missing_is_said() -> None:
    there_is = installed()
    if not there_is.aec3:
        with pytest.raises(OSError, match="pywebrtc-audio"):
            make(Backend.AEC3)
    if not there_is.speexdsp:
        with pytest.raises(OSError, match="libspeexdsp"):
            make(Backend.SPEEX)
