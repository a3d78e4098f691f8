"""
The volume, remembered over a restart: one small file, written once the knob has come to rest.

A device must run from a read-only file system, so nothing here is an error: what cannot be kept is said once, and
forgotten.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from threading import Lock

log = logging.getLogger(__name__)

OffLoop = Callable[[Callable[[float], None], float], Awaitable[None]]

REST_S = 3.0
"""A knob that was not turned for so long has come to rest. An SD card wears out by being written."""
NAME = "volume.json"
EVENT = {"event": "volume_memory"}
_MOST_BYTES = 1000


def state_folder(environ: Mapping[str, str]) -> Path | None:
    """Return where this program may keep what it knows: systemd's folder, else the user's. `None`: nowhere."""
    given = environ.get("STATE_DIRECTORY", "").split(":")[0]
    if given:
        return Path(given)
    base = environ.get("XDG_STATE_HOME", "")
    if base and Path(base).is_absolute():  # as its specification wants it: a relative one is ignored
        return Path(base) / "talkbox"
    home = environ.get("HOME", "")
    return Path(home) / ".local" / "state" / "talkbox" if home else None


class VolumeFile:
    """
    The file. Reads and writes at once, from any thread.

    A volume is remembered together with what was configured then: an operator who changes ``audio.volume`` is heard
    at the next start, whatever the knob was at.

    Args:
        folder: Where it lies; made when it is first needed. `None`: nowhere, and nothing is remembered.
        configured: The volume that the configuration sets, 0 to 1.
    """

    def __init__(self, folder: Path | None, *, configured: float) -> None:
        self._folder, self._configured = folder, configured
        self._lock = Lock()
        self._complained = False

    def read(self) -> float | None:
        """Return the volume, 0 to 1; `None` if there is none, or none that can be believed."""
        if self._folder is None:
            return None
        try:
            with (self._folder / NAME).open("rb") as file:
                kept = _parsed(file.read(_MOST_BYTES))
        except FileNotFoundError:
            return None
        except OSError as error:
            self._complain(error)
            return None
        if kept is None:
            path = self._folder / NAME
            log.info("%s is not what was written there: the volume is the configured one", path, extra=EVENT)
            return None
        volume, configured = kept
        return volume if configured == self._configured else None

    def write(self, volume: float) -> None:
        """Keep ``volume``: after a power cut there is the old file or the new one, and nothing between."""
        if self._folder is None:
            return
        content = json.dumps({"volume": volume, "configured": self._configured})
        try:
            with self._lock:
                _replace(self._folder / NAME, f"{content}\n")
        except OSError as error:
            self._complain(error)

    def _complain(self, error: OSError) -> None:
        if not self._complained:
            self._complained = True
            log.info("the volume is not remembered over a restart: %s", error, extra=EVENT)


class VolumeMemory:
    """
    Keeps the volume, on the event loop: `remember` as often as you like, and it is written once.

    Args:
        file: Where to.
        rest_s: How long the volume must have stayed as it is.
        off_loop: Calls a function where it holds nobody up; an SD card takes its time.
    """

    def __init__(self, file: VolumeFile, *, rest_s: float = REST_S, off_loop: OffLoop = asyncio.to_thread) -> None:
        self._file, self._rest_s, self._off_loop = file, rest_s, off_loop
        self._unwritten: float | None = None
        self._changed = asyncio.Event()

    def recall(self) -> float | None:
        """Return the volume of the last time, 0 to 1, or `None`."""
        return self._file.read()

    def remember(self, volume: float) -> None:
        """Keep ``volume``, soon."""
        self._unwritten = volume
        self._changed.set()

    def flush(self) -> None:
        """Write at once what has not been written yet. Blocks for as long as the disk takes."""
        if self._unwritten is not None:
            self._file.write(self._unwritten)
            self._unwritten = None

    async def keep(self) -> None:
        """Write what is to be remembered, each time that it has come to rest. Canceling it loses nothing: `flush`."""
        while True:
            await self._changed.wait()
            while self._changed.is_set():
                self._changed.clear()
                await asyncio.sleep(self._rest_s)
            written = self._unwritten
            if written is not None:
                await self._off_loop(self._file.write, written)
            if self._unwritten == written:
                self._unwritten = None


@asynccontextmanager
async def kept(memory: VolumeMemory) -> AsyncIterator[VolumeMemory]:
    """Keep the volume while the body runs, and what has not come to rest then as well."""
    async with asyncio.TaskGroup() as group:
        keeping = group.create_task(memory.keep())
        try:
            yield memory
        finally:
            keeping.cancel()
            memory.flush()


def _parsed(content: bytes) -> tuple[float, float] | None:
    """Return the volume and what was configured then, or `None` for anything that we never wrote."""
    try:
        kept = json.loads(content)
        volume, configured = kept["volume"], kept["configured"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    numbers = all(type(number) in (int, float) and 0 <= number <= 1 for number in (volume, configured))
    return (float(volume), float(configured)) if numbers else None


def _replace(path: Path, content: str) -> None:
    """
    Put a file in the place of another in one step.

    Raises:
        OSError: If that cannot be done; then ``path`` is as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    number, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
