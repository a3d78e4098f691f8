"""Which microphone and which loudspeaker the configuration means: a file, an ALSA card, or silence."""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from talkbox.audio.ports import CaptureDevice, PlaybackDevice
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.audio.wav import WavInput, WavOutput
from talkbox.config import Config
from talkbox.errors import ConfigError, MissingFeature

log = logging.getLogger(__name__)

WAV = "wav:"
DEFAULT_CARD = "default"
CARDS = Path("/proc/asound/cards")
MODEL = Path("/proc/device-tree/model")
SLOW_MODELS = ("Raspberry Pi Zero", "Raspberry Pi 2", "Raspberry Pi 3")
"""Below a Pi 4, resampling everything from 48 kHz costs more than it gives."""

OpenCapture = Callable[[], CaptureDevice]
OpenPlayback = Callable[[], PlaybackDevice]


class Alsa(Protocol):
    """What is needed of ``talkbox_hardware.alsa``."""

    def open_capture(self, device: str, *, rate_hz: int, period_frames: int) -> CaptureDevice:
        """Open a microphone by its ALSA name."""
        ...

    def open_playback(self, device: str, *, rate_hz: int, period_frames: int) -> PlaybackDevice:
        """Open a loudspeaker by its ALSA name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """The microphone and the loudspeaker, to be opened once a session; and both in words."""

    open_capture: OpenCapture
    open_playback: OpenPlayback
    described: str


def choose(config: Config, alsa: Alsa) -> Devices:
    """
    Return the devices that the configuration means.

    Raises:
        ConfigError: If a file that stands in for a card cannot be used; one line for each.
        MissingFeature: If a card is named, and pyalsaaudio is not installed.
    """
    problems: list[str] = []
    audio = config.audio
    rate_hz = card_rate_hz(audio.rate_hz, model=pi_model())
    period_frames = rate_hz * audio.period_ms // 1000
    names = {"capture": audio.capture, "playback": audio.playback}
    if "" in names.values():
        board = _board_card(alsa, rate_hz=rate_hz, period_frames=period_frames)
        names = {key: name or board for key, name in names.items()}
    open_capture: OpenCapture
    open_playback: OpenPlayback
    match names["capture"]:
        case "":
            open_capture = partial(SilentSource, rate_hz=rate_hz, period_frames=period_frames)
        case name if name.startswith(WAV):
            source = WavInput(_path(name), period_ms=audio.period_ms)
            open_capture = source.open
            problems += _problem(source.check, config.origins["audio.capture"], "capture")
        case name:
            _need_alsa(name)
            open_capture = partial(alsa.open_capture, name, rate_hz=rate_hz, period_frames=period_frames)
    match names["playback"]:
        case "":
            open_playback = partial(SilentSink, rate_hz=rate_hz, period_frames=period_frames)
        case name if name.startswith(WAV):
            sink = WavOutput(_path(name), rate_hz=rate_hz, period_ms=audio.period_ms)
            open_playback = sink.open
            problems += _problem(sink.check, config.origins["audio.playback"], "playback")
        case name:
            _need_alsa(name)
            open_playback = partial(alsa.open_playback, name, rate_hz=rate_hz, period_frames=period_frames)
    if problems:
        raise ConfigError("\n".join(problems), hint="wav:PATH stands for a PCM16 WAV file; a playback file is mono")
    described = ", ".join(f"{key} {name or 'silence'}" for key, name in names.items())
    return Devices(open_capture=open_capture, open_playback=open_playback, described=f"{described}, {rate_hz} Hz")


def card_rate_hz(wanted: str | int, *, model: str) -> int:
    """Return the card's rate in Hz: what is configured, or what suits the computer."""
    if isinstance(wanted, int):
        return wanted
    return 16_000 if model.startswith(SLOW_MODELS) else 48_000


def pi_model() -> str:
    """Return what the device tree calls this computer; ``""`` where there is none."""
    try:
        return MODEL.read_text("utf-8").rstrip("\0\n")
    except (OSError, ValueError):
        return ""


def _path(name: str) -> Path:
    return Path(os.path.expanduser(name.removeprefix(WAV)))  # noqa: PTH111  an unknown user is left as written, not raised


def _problem(check: Callable[[], None], origin: str, key: str) -> list[str]:
    try:
        check()
    except OSError as error:
        name = f": {error.filename}" if error.filename is not None else ""
        return [f"{origin}: audio.{key}: {(error.strerror or str(error)).lower()}{name}"]
    return []


def _board_card(alsa: Alsa, *, rate_hz: int, period_frames: int) -> str:
    """Return the simulated board's card: the machine's default, or ``""`` where it has none that works."""
    if not CARDS.exists() and "ALSA_CONFIG_PATH" not in os.environ:
        log.info("this machine has no sound card: hearing and playing silence")
        return ""
    try:
        alsa.open_capture(DEFAULT_CARD, rate_hz=rate_hz, period_frames=period_frames).close()
        alsa.open_playback(DEFAULT_CARD, rate_hz=rate_hz, period_frames=period_frames).close()
    except ImportError:
        log.info("pyalsaaudio is not installed: hearing and playing silence", extra={"hint": PI_EXTRA})
        return ""
    except OSError as error:
        log.warning("the default sound card does not work: %s; hearing and playing silence", error)
        return ""
    return DEFAULT_CARD


PI_EXTRA = "pip install 'talkbox[pi]'"


def _need_alsa(name: str) -> None:
    if importlib.util.find_spec("alsaaudio") is None:
        raise MissingFeature(f"the sound card {name} needs pyalsaaudio, which is not installed", hint=PI_EXTRA)
