"""
A simulated room for a demonstration: what the loudspeaker plays comes back into the microphone.

The card is an alsa-lib plug-in, compiled from the checkout; the device opens it as it opens any other. Who is in the
room has one clock with it, CLOCK_MONOTONIC, so that everything is known to the sample.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import time
import wave
from array import array
from collections.abc import Mapping
from pathlib import Path

from talkbox.errors import MissingFeature, TalkboxError

from .acoustics import amplified, echo_path, level_db, mixed, noise
from .record import Event

CARD = Path(__file__).parents[3] / "tests" / "support" / "simcard" / "simcard.c"
RATE_HZ = 16_000
ECHO_DB = 10.0
"""By how much the loudspeaker is louder than the user, at the microphone."""
_PATH_DB = -3.0
_LONGEST_S = 300
_NOISE_S = 5
_CHANNELS = 2
_SOON_S = 0.05
_MEMORY = Path("/dev/shm")  # noqa: S108  what is made there is made by tempfile
_LEAST_FREE_BYTES = 256 * 2**20


def memory() -> Path | None:
    """
    Return where a card's files are kept in memory; `None` where there is no room for them.

    A disk that writes back holds a writer up for a quarter of a second now and then, and the card would run dry.
    """
    return _MEMORY if os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _LEAST_FREE_BYTES else None


def check() -> None:
    """
    Refuse, where there is something missing that the room is made of.

    Raises:
        MissingFeature: If there is, with all of it.
    """
    missing, remedies = [], []
    if not CARD.exists():
        missing.append("its source is in the repository and not in the package")
        remedies.append("run it from a checkout")
    for module, extra in (("alsaaudio", "pi"), ("pywebrtc_audio", "echo")):
        if importlib.util.find_spec(module) is None:
            missing.append(f"{module} is not installed")
            remedies.append(f"pip install 'talkbox[{extra}]'")
    if shutil.which("cc") is None:
        missing.append("there is no C compiler")
        remedies.append("apt install gcc libc6-dev")
    elif not _has_headers():
        missing.append("the headers of alsa-lib are not installed")
        remedies.append("apt install libasound2-dev")
    if missing:
        raise MissingFeature(f"no simulated room: {', '.join(missing)}", hint="; ".join(remedies))


class Room:
    """
    A box with a loudspeaker and a microphone in it, in a room with a user. A `Place`.

    The user hears the box once, and then says each of his lines `ECHO_DB` softer than that.

    Args:
        out: Where the sound is kept at the end.
        folder: Where the card is compiled.
        card: Where it keeps its sound, in `memory` at best; of this room alone.

    Raises:
        TalkboxError: If the card does not compile.
    """

    def __init__(self, out: Path, folder: Path, *, card: Path) -> None:
        self._out, self._folder = out, card
        self._echo_db: float | None = None
        plugin = folder / "libcard.so"
        _compile(plugin)
        for name in ("speaker.raw", "heard.raw"):
            (self._folder / name).touch()
        (self._folder / "room.f32").write_bytes(echo_path(RATE_HZ, level_db=_PATH_DB).tobytes())
        quiet = noise(_NOISE_S * RATE_HZ)
        (self._folder / "mic.raw").write_bytes(quiet.tobytes() * (_LONGEST_S // _NOISE_S))
        pcm = f'type simcard dir "{self._folder}" rate {RATE_HZ} channels {_CHANNELS}'
        (self._folder / "asound.conf").write_text(
            f'pcm_type.simcard {{ lib "{plugin}" }}\npcm.mic {{ {pcm} }}\npcm.speaker {{ {pcm} }}\n',
            "utf-8",
        )
        self.settings: Mapping[str, object] = {
            "audio.capture": "mic",
            "audio.playback": "speaker",
            "audio.rate_hz": RATE_HZ,
            "audio.volume": 1.0,
            "audio.echo": "on",
        }
        self.env: Mapping[str, str] = {"ALSA_CONFIG_PATH": str(self._folder / "asound.conf")}
        self._epoch_ns = time.monotonic_ns()
        (self._folder / "epoch").write_text(f"{self._epoch_ns}\n", "ascii")

    def say(self, samples: array[int]) -> None:
        """See `Place`."""
        if self._echo_db is None:
            self._echo_db = level_db(self._sound("heard.raw", channels=1), rate_hz=RATE_HZ)
        said = amplified(samples, by_db=self._echo_db - ECHO_DB - level_db(samples, rate_hz=RATE_HZ))
        with (self._folder / "mic.raw").open("r+b") as air:
            at = 2 * (self.frames() + round(_SOON_S * RATE_HZ))
            air.seek(at)
            there = array("h", air.read(2 * len(said)))
            air.seek(at)
            air.write(mixed(there, said).tobytes())

    def frames(self) -> int:
        """See `Place`."""
        return self._frame(time.monotonic_ns())

    def seen(self, event: Event) -> Event:
        """See `Place`: the loudspeaker is where the clock is."""
        at_ns = round(event["at_s"] * 1e9) if "at_s" in event else time.monotonic_ns()
        return event | {"speaker_frame": self._frame(at_ns)}

    def keep(self) -> None:
        """See `Place`: the one is what the loudspeaker really played, the other what the microphone heard of it all."""
        for name, raw, channels in (("speaker.wav", "speaker.raw", _CHANNELS), ("microphone.wav", "heard.raw", 1)):
            with wave.open(str(self._out / name), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(RATE_HZ)
                file.writeframes(self._sound(raw, channels=channels).tobytes())

    def _frame(self, at_ns: int) -> int:
        return max(0, round((at_ns - self._epoch_ns) * RATE_HZ / 1e9))

    def _sound(self, name: str, *, channels: int) -> array[int]:
        return array("h", (self._folder / name).read_bytes())[::channels]


def _has_headers() -> bool:
    probe = ["cc", "-E", "-x", "c", "-include", "alsa/asoundlib.h", "/dev/null"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def _compile(plugin: Path) -> None:
    # Fast: a room is a filter of 5,000 taps, computed within the device.
    options = ["-O3", "-ffast-math", "-fPIC", "-shared", "-DPIC"]
    done = subprocess.run(["cc", *options, "-o", plugin, CARD, "-lasound", "-lm"], check=False, capture_output=True)
    if done.returncode:
        raise TalkboxError(f"the simulated card does not compile: {done.stderr.decode(errors='replace').strip()}")
