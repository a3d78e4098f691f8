"""Which canceller a device has: what is configured, what the board does itself, and what is installed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from talkbox.errors import MissingFeature

ECHO_EXTRA = "pip install 'talkbox[echo]'"


class Backend(StrEnum):
    """What ``audio.echo_canceller`` may name, but for ``"auto"``."""

    CASCADE = "cascade"
    """A linear filter, then AEC3: no echo passes for speech, and a user over the agent is heard."""

    AEC3 = "aec3"
    """AEC3 alone: cheaper, and nearly half duplex where the echo is louder than the user."""

    SPEEX = "speex"
    """libspeexdsp with its preprocessor: needs no Python package, and leaks where the loudspeaker distorts."""

    HALF_DUPLEX = "half-duplex"
    """None: the microphone is muted while the agent speaks."""

    NONE = "none"
    """None, and the microphone stays open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What there is to choose from: `aec3` by the package pywebrtc-audio, `speexdsp` by the library."""

    aec3: bool
    speexdsp: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """
    A back end, and why it.

    Attributes:
        backend: Which.
        guarded: Whether the microphone's sound is to be looked at at all; only without a back end it need not be.
        why: The reason, for the log and for a person.
        hint: How to have a better one, or ``""``.
    """

    backend: Backend
    guarded: bool
    why: str
    hint: str = ""


def choose(*, wanted: str, canceller: str, hardware_aec: bool, acoustic: bool, installed: Installed) -> Choice:
    """
    Return the canceller that the configuration means.

    Args:
        wanted: ``audio.echo``: ``"auto"``, ``"on"`` or ``"off"``.
        canceller: ``audio.echo_canceller``: ``"auto"`` or a `Backend`. One that is named is had in any case.
        hardware_aec: Whether the board cancels by itself.
        acoustic: Whether there are a microphone and a loudspeaker, and not a file or silence in the place of one.
        installed: What there is to choose from.

    Raises:
        MissingFeature: If it was asked for by name, or one was with ``"on"``, and is not installed.
    """
    if wanted == "off":
        return _nothing("audio.echo is off")
    if canceller != "auto":
        return _named(Backend(canceller), installed)
    if wanted == "auto" and (hardware_aec or not acoustic):
        return _nothing("the board cancels its own echo" if hardware_aec else "no microphone hears a loudspeaker")
    return _best(installed, needed=wanted == "on")


def _best(installed: Installed, *, needed: bool) -> Choice:
    if installed.aec3:
        return Choice(backend=Backend.CASCADE, guarded=True, why="the best that is installed")
    if installed.speexdsp:
        why = "pywebrtc-audio, which is better, is not installed"
        return Choice(backend=Backend.SPEEX, guarded=True, why=why, hint=ECHO_EXTRA)
    if needed:
        raise MissingFeature("audio.echo is on, and no echo canceller is installed", hint=ECHO_EXTRA)
    # Guarded all the same: where the microphone hears the loudspeaker, this becomes half duplex by itself.
    return Choice(backend=Backend.NONE, guarded=True, why="no echo canceller is installed", hint=ECHO_EXTRA)


def _named(backend: Backend, installed: Installed) -> Choice:
    if backend in {Backend.CASCADE, Backend.AEC3} and not installed.aec3:
        raise MissingFeature(f"the echo canceller {backend} needs pywebrtc-audio", hint=ECHO_EXTRA)
    if backend is Backend.SPEEX and not installed.speexdsp:
        raise MissingFeature("the echo canceller speex needs libspeexdsp", hint="apt install libspeexdsp1")
    if backend is Backend.NONE:
        return _nothing("as configured")
    return Choice(backend=backend, guarded=True, why="as configured")


def _nothing(why: str) -> Choice:
    return Choice(backend=Backend.NONE, guarded=False, why=why)
