"""Which microphone and which loudspeaker the configuration means: a file, an ALSA card, or silence."""

from __future__ import annotations

import importlib.util
import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from math import ceil
from pathlib import Path
from typing import Any, Protocol, TypeVar

from talkbox.audio.ports import CaptureDevice, PlaybackDevice
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.audio.wav import WavInput, WavOutput
from talkbox.config import Config
from talkbox.errors import ConfigError, MissingFeature
from talkbox.settings import AudioSettings

log = logging.getLogger(__name__)

WAV = "wav:"
DEFAULT_CARD = "default"
CARDS = Path("/proc/asound/cards")
MODEL = Path("/proc/device-tree/model")
SLOW_MODELS = ("Raspberry Pi Zero", "Raspberry Pi 2", "Raspberry Pi 3")
"""Below a Pi 4, resampling everything from 48 kHz costs more than it gives."""

_MOST_HEARD_MS = 20

RATES_HZ = (48_000, 16_000)
"""What a card that nothing else is known of can do, best first."""

OpenCapture = Callable[[], CaptureDevice]
OpenPlayback = Callable[[], PlaybackDevice]
Opened = TypeVar("Opened")


def _no_mixer() -> None:
    """Set nothing."""


class Alsa(Protocol):
    """What is needed of ``talkbox_hardware.alsa``."""

    def open_capture(
        self,
        device: str,
        *,
        rate_hz: int,
        period_frames: int,
        formats: Sequence[str] = ...,
        channels: Sequence[int] = ...,
    ) -> CaptureDevice:
        """Open a microphone by its ALSA name."""
        ...

    def open_playback(
        self,
        device: str,
        *,
        rate_hz: int,
        period_frames: int,
        formats: Sequence[str] = ...,
        channels: Sequence[int] = ...,
    ) -> PlaybackDevice:
        """Open a loudspeaker by its ALSA name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCard:
    """
    A board's own sound card.

    Attributes:
        capture, playback: ALSA names.
        formats: What it really has, best first: ``"S16_LE"``, ``"S32_LE"``.
        channels: How many to ask for, best first.
        rates_hz: Best first; both directions always run at the same.
        set_mixer: Sets its mixer; called on an audio thread before each opening, because a card that was away has
            forgotten it. Raises `OSError` if there is no card.
    """

    capture: str
    playback: str
    formats: tuple[str, ...]
    channels: tuple[int, ...]
    rates_hz: tuple[int, ...]
    set_mixer: Callable[[], None] = _no_mixer


@dataclass(frozen=True, slots=True, kw_only=True)
class Devices:
    """
    The microphone and the loudspeaker, to be opened once a session.

    Attributes:
        described: Both in words.
        cards: Whether both are cards, so that the one may hear the other.
    """

    open_capture: OpenCapture
    open_playback: OpenPlayback
    described: str
    cards: bool = True


def choose(config: Config, alsa: Alsa, card: BoardCard | None = None) -> Devices:
    """
    Return the devices that the configuration means.

    Args:
        config: A file or a card by its ALSA name, or neither: the board's.
        alsa: Opens cards.
        card: The board's; `None`: the machine's default card, or silence where it has none that works.

    Raises:
        ConfigError: If a file that stands in for a card cannot be used, or the board's card cannot run at the rate;
            one line for each.
        MissingFeature: If a card is needed, and pyalsaaudio is not installed.
    """
    audio, model = config.audio, pi_model()
    rate_hz = card_rate_hz(audio.rate_hz, model=model, rates_hz=card.rates_hz if card else RATES_HZ)
    heard_ms = _capture_period_ms(audio)
    heard: dict[str, Any] = {"rate_hz": rate_hz, "period_frames": rate_hz * heard_ms // 1000}
    said: dict[str, Any] = {"rate_hz": rate_hz, "period_frames": rate_hz * audio.period_ms // 1000}
    own: dict[str, Any] = {"formats": card.formats, "channels": card.channels} if card else {}
    problems: list[str] = []
    if card is not None and rate_hz not in card.rates_hz and "" in (audio.capture, audio.playback):
        allowed = " or ".join(str(rate) for rate in card.rates_hz)
        problems.append(
            f"{config.origins['audio.rate_hz']}: audio.rate_hz must be {allowed} on this board, not {rate_hz}"
        )
    open_capture: OpenCapture
    open_playback: OpenPlayback
    capture = audio.capture or (card.capture if card else _default(alsa.open_capture, "microphone", heard))
    if not capture:
        open_capture = partial(SilentSource, **heard)
    elif capture.startswith(WAV):
        source = WavInput(_path(capture), period_ms=heard_ms)
        open_capture = source.open
        problems += _problem(source.check, config.origins["audio.capture"], "capture")
    else:
        _need_alsa(capture)
        open_capture = partial(alsa.open_capture, capture, **heard, **({} if audio.capture else own))
        if card is not None and audio.playback and not audio.capture:
            open_capture = partial(_set_and_open, card.set_mixer, open_capture)
    playback = audio.playback or (card.playback if card else _default(alsa.open_playback, "loudspeaker", said))
    if not playback:
        open_playback = partial(SilentSink, **said)
    elif playback.startswith(WAV):
        sink = WavOutput(_path(playback), rate_hz=rate_hz, period_ms=audio.period_ms)
        open_playback = sink.open
        problems += _problem(sink.check, config.origins["audio.playback"], "playback")
    else:
        _need_alsa(playback)
        open_playback = partial(alsa.open_playback, playback, **said, **({} if audio.playback else own))
        if card is not None and not audio.playback:
            open_playback = partial(_set_and_open, card.set_mixer, open_playback)
    if problems:
        raise ConfigError("\n".join(problems), hint="wav:PATH stands for a PCM16 WAV file; a playback file is mono")
    described = f"capture {capture or 'silence'}, playback {playback or 'silence'}, {rate_hz} Hz"
    cards = all(name and not name.startswith(WAV) for name in (capture, playback))
    return Devices(open_capture=open_capture, open_playback=open_playback, described=described, cards=cards)


def _capture_period_ms(audio: AudioSettings) -> int:
    """
    Return how much the microphone brings at a time: a chunk, or of a long one some even part, `_MOST_HEARD_MS` at most.

    No chunk is late for that, since it is sent when it is whole; and each waking costs the same, whatever it brings.
    """
    return audio.chunk_ms // ceil(audio.chunk_ms / _MOST_HEARD_MS)


def card_rate_hz(wanted: str | int, *, model: str, rates_hz: Sequence[int]) -> int:
    """Return the card's rate in Hz: what is configured, or of ``rates_hz`` the one that suits the computer."""
    if isinstance(wanted, int):
        return wanted
    return 16_000 if model.startswith(SLOW_MODELS) and 16_000 in rates_hz else rates_hz[0]


def pi_model() -> str:
    """Return what the device tree calls this computer; ``""`` where there is none."""
    try:
        return MODEL.read_text("utf-8").rstrip("\0\n")
    except (OSError, ValueError):
        return ""


def _set_and_open(set_mixer: Callable[[], None], open_device: Callable[[], Opened]) -> Opened:
    with suppress(OSError):  # there is no card: the opening says that, and better
        set_mixer()
    return open_device()


def _path(name: str) -> Path:
    return Path(os.path.expanduser(name.removeprefix(WAV)))  # noqa: PTH111  an unknown user is left as written, not raised


def _problem(check: Callable[[], None], origin: str, key: str) -> list[str]:
    try:
        check()
    except OSError as error:
        name = f": {error.filename}" if error.filename is not None else ""
        return [f"{origin}: audio.{key}: {(error.strerror or str(error)).lower()}{name}"]
    return []


def _default(open_device: Callable[..., CaptureDevice | PlaybackDevice], what: str, shape: dict[str, Any]) -> str:
    """Return the machine's default card for one direction, or ``""`` where there is none that works."""
    if not CARDS.exists() and "ALSA_CONFIG_PATH" not in os.environ:
        log.info("this machine has no sound card: the %s is silence", what, extra={"event": "sound"})
        return ""
    try:
        open_device(DEFAULT_CARD, **shape).close()
    except ImportError:
        extra = {"event": "sound", "hint": PI_EXTRA}
        log.info("pyalsaaudio is not installed: the %s is silence", what, extra=extra)
        return ""
    except OSError as error:
        extra = {"event": "sound", "hint": "name one that does: audio.capture, audio.playback"}
        log.warning("the default sound card does not work: %s; the %s is silence", error, what, extra=extra)
        return ""
    return DEFAULT_CARD


PI_EXTRA = "pip install 'talkbox[pi]'"


def _need_alsa(name: str) -> None:
    if importlib.util.find_spec("alsaaudio") is None:
        raise MissingFeature(f"the sound card {name} needs pyalsaaudio, which is not installed", hint=PI_EXTRA)
