"""
Drive the simulated sound card of ``simcard.c``: say something to its microphone, read what it played, break it.

    card = SimCard(tmp_path)
    subprocess.run(["talkbox", "run", ...], env=os.environ | card.env)  # ALSA names "mic", "speaker", "default"
    card.say(samples, at_s=card.now_s() + 1)
    heard = card.played(from_s=3.0, to_s=5.0)

All times are seconds on the card's timeline: 0 is the moment of its creation here.
"""

from __future__ import annotations

import atexit
import importlib.util
import shutil
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from talkbox.terminal.room import memory

SOURCE = Path(__file__).with_name("simcard.c")


@cache
def why_not() -> str:
    """Say what is missing for a simulated card, or ``""``."""
    if importlib.util.find_spec("alsaaudio") is None:
        return "no simulated card: pyalsaaudio is not installed"
    if shutil.which("cc") is None:
        return "no simulated card: there is no C compiler"
    probe = ["cc", "-E", "-x", "c", "-include", "alsa/pcm_external.h", "-include", "alsa/asoundlib.h", "/dev/null"]
    if subprocess.run(probe, check=False, capture_output=True).returncode:
        return "no simulated card: libasound2-dev is not installed"
    return ""


class SimCard:
    """
    A sound card in a folder.

    Args:
        folder: Made where it is missing, in memory if that is possible; what was there before is forgotten.
        rate_hz, channels: Of both directions; the card refuses everything else.
        room: Impulse response from the loudspeaker to the microphone, one tap a frame, delay included.
    """

    def __init__(
        self, folder: Path, *, rate_hz: int = 48_000, channels: int = 2, room: NDArray[np.float32] | None = None
    ) -> None:
        self._make(folder)
        self.folder, self.rate_hz, self.channels = folder.resolve(), rate_hz, channels
        for name in ("speaker.raw", "mic.raw"):
            (self.folder / name).write_bytes(b"")
        self._epoch_ns = time.monotonic_ns()
        (self.folder / "epoch").write_text(f"{self._epoch_ns}\n")
        if room is not None:
            room.astype(np.float32).tofile(self.folder / "room.f32")
        pcm = f'type simcard dir "{self.folder}" rate {rate_hz} channels {channels}'
        (self.folder / "asound.conf").write_text(
            f'pcm_type.simcard {{ lib "{_plugin()}" }}\n'
            f"pcm.mic {{ {pcm} }}\npcm.speaker {{ {pcm} }}\npcm.!default {{ {pcm} }}\n"
        )

    def _make(self, folder: Path) -> None:
        """Make the folder: a disk that writes back holds a writer up for a quarter of a second, and so a card."""
        there = memory()
        if folder.exists() or there is None:
            folder.mkdir(parents=True, exist_ok=True)
            return
        place = tempfile.mkdtemp(prefix="simcard-", dir=there)
        atexit.register(shutil.rmtree, place, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        folder.symlink_to(place)

    @property
    def env(self) -> dict[str, str]:
        """What a program needs in its environment to see this card, and no other."""
        return {"ALSA_CONFIG_PATH": str(self.folder / "asound.conf")}

    @property
    def epoch_s(self) -> float:
        """When the card's time began, on `time.monotonic`'s clock."""
        return self._epoch_ns / 1e9

    def now_s(self) -> float:
        """Return the time on the card's line."""
        return (time.monotonic_ns() - self._epoch_ns) / 1e9

    def say(self, samples: NDArray[np.int16], *, at_s: float) -> None:
        """Add mono ``samples``, at the card's rate, to what reaches the microphone from ``at_s`` on."""
        with (self.folder / "mic.raw").open("r+b") as mic:
            mic.seek(round(at_s * self.rate_hz) * 2)
            old = np.frombuffer(mic.read(samples.nbytes), dtype=np.int16)
            mixed = samples.astype(np.int32)
            mixed[: old.size] += old
            mic.seek(round(at_s * self.rate_hz) * 2)
            mic.write(np.clip(mixed, -32768, 32767).astype(np.int16).tobytes())

    def silence(self) -> None:
        """Forget what is said to the microphone, the past included."""
        (self.folder / "mic.raw").write_bytes(b"")

    def played(self, *, from_s: float = 0.0, to_s: float | None = None) -> NDArray[np.int16]:
        """
        Return what the loudspeaker played, shape ``(frames, channels)``; silence where nothing was written.

        After `now_s` it is what the card holds, and may yet be dropped.
        """
        first = round(from_s * self.rate_hz)
        last = round((self.now_s() if to_s is None else to_s) * self.rate_hz)
        frames = np.zeros((last - first, self.channels), dtype=np.int16)
        with (self.folder / "speaker.raw").open("rb") as speaker:
            speaker.seek(first * self.channels * 2)
            got = np.frombuffer(speaker.read(frames.nbytes), dtype=np.int16)
        got = got[: got.size // self.channels * self.channels].reshape(-1, self.channels)
        frames[: len(got)] = got
        return frames

    def fault(self, what: str = "") -> None:
        """Break the card: ``"gone"``, ``"stall"``, ``"speed=1.0001"``; or mend it."""
        new = self.folder / "fault.new"
        new.write_text(what)
        new.replace(self.folder / "fault")


@cache
def _plugin() -> Path:
    """Compile the card, once a process."""
    folder = tempfile.mkdtemp(prefix="simcard-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    plugin = Path(folder) / "libasound_module_pcm_simcard.so"
    options = ["-O2", "-fPIC", "-shared", "-DPIC"]
    subprocess.run(["cc", *options, "-o", plugin, SOURCE, "-lasound", "-lm"], check=True)
    return plugin
