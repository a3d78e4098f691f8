"""Where a demonstration's device is: what stands for its microphone and its loudspeaker. Here: two files."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from .microphone import Microphone
from .record import Event


class Place(Protocol):
    """
    What a device is started with, what one says to it, and what is kept of it.

    Attributes:
        settings: For the device, by their keys.
        env: For its environment.
    """

    settings: Mapping[str, object]
    env: Mapping[str, str]

    def say(self, samples: array[int]) -> None:
        """Say int16 ``samples``, from now on."""
        ...

    def frames(self) -> int:
        """Return at which frame of `speaker.wav` the loudspeaker is."""
        ...

    def seen(self, event: Event) -> Event:
        """Return an event or a status with its ``speaker_frame`` as the place counts them: in `speaker.wav`."""
        ...

    def keep(self) -> None:
        """Write `speaker.wav` and `microphone.wav`, where they are not there already."""
        ...


class Files:
    """
    A quiet place: the microphone and the loudspeaker do not hear each other. A `Place`.

    Args:
        out: Where the files are made.
        rate_hz: The microphone's.
    """

    def __init__(self, out: Path, *, rate_hz: int) -> None:
        self._speaker = out / "speaker.wav"
        self._microphone = Microphone(out / "microphone.wav", rate_hz=rate_hz)
        self.settings: Mapping[str, object] = {
            "audio.capture": f"wav:{self._microphone.path}",
            "audio.playback": f"wav:{self._speaker}",
        }
        self.env: Mapping[str, str] = {}

    def say(self, samples: array[int]) -> None:
        """See `Place`."""
        self._microphone.say(samples)

    def frames(self) -> int:
        """See `Place`."""
        return max(0, self._speaker.stat().st_size - 44) // 2 if self._speaker.exists() else 0

    def seen(self, event: Event) -> Event:
        """See `Place`: the device writes the file, and counts what it has written."""
        return event

    def keep(self) -> None:
        """See `Place`: they are written already."""
