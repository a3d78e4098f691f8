"""Files in the place of a card: a microphone that hears a WAV file, a loudspeaker that plays into one, in real time."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from .ahead import LEAST_PERIODS
from .pace import CapturePace, Clock, PlaybackPace
from .riff import HEADER_BYTES, MOST_DATA_BYTES, WavLayout, mono_header, read_layout


class WavInput:
    """
    A recording, heard on from one opening to the next; after its end it is quiet.

    A file whose header does not know its size is heard as far as it goes, and as it grows.

    Args:
        path: PCM16, any rate and number of channels.
        period_ms: What one reading delivers.
        clock: Where the time comes from.
    """

    def __init__(self, path: Path, *, period_ms: int = 10, clock: Clock | None = None) -> None:
        self._path, self._period_ms = path, period_ms
        self._clock = Clock() if clock is None else clock
        self.position = 0  # bytes of samples heard so far

    def check(self) -> None:
        """
        Look whether the file can be heard.

        Raises:
            OSError: If it is missing, may not be read, or is not a WAV file with 16-bit PCM.
        """
        with _open(self._path, os.O_RDONLY) as file:
            read_layout(file, self._path)

    def open(self) -> WavSource:
        """
        Return the microphone that goes on where the last one stopped.

        Raises:
            OSError: As for `check`.
        """
        with ExitStack() as on_error:
            file = on_error.enter_context(_open(self._path, os.O_RDONLY))
            layout = read_layout(file, self._path)
            on_error.pop_all()
        return WavSource(self, file, layout, period_ms=self._period_ms, clock=self._clock)


class WavSource:
    """
    A `CaptureDevice` that hears a `WavInput`.

    An overrun is a reader that is late by more than half a second. Nothing of the file is lost by one: it is a file.
    """

    def __init__(self, recording: WavInput, file: BinaryIO, layout: WavLayout, *, period_ms: int, clock: Clock) -> None:
        self.rate_hz, self.channels, self.sample_bytes = layout.rate_hz, layout.channels, 2
        self.period_frames = layout.rate_hz * period_ms // 1000
        self._recording, self._file, self._layout = recording, file, layout
        self._pace = CapturePace(rate_hz=layout.rate_hz, clock=clock)
        self.xruns = 0

    def read(self) -> bytes:
        """Wait for the next period; what the file does not have yet is silence."""
        self._pace.wait(self.period_frames)
        self.xruns = self._pace.xruns
        wanted, position = self.period_frames * self._layout.frame_bytes, self._recording.position
        left = wanted if self._layout.data_bytes is None else self._layout.data_bytes - position
        heard = os.pread(self._file.fileno(), max(0, min(wanted, left)), self._layout.data_start + position)
        heard = heard[: len(heard) // self._layout.frame_bytes * self._layout.frame_bytes]
        self._recording.position += len(heard)
        return heard.ljust(wanted, b"\0")

    def close(self) -> None:
        """Close the file. Idempotent."""
        self._file.close()


class WavOutput:
    """
    A mono PCM16 file that everything played is appended to.

    Args:
        path: A file of ours, which is continued; or one that does not exist yet, or is empty.
        rate_hz: Frames a second; of a file that exists, its own.
        period_ms: What one writing should be.
        clock: Where the time comes from.
    """

    def __init__(self, path: Path, *, rate_hz: int, period_ms: int = 10, clock: Clock | None = None) -> None:
        self._path, self._rate_hz, self._period_ms = path, rate_hz, period_ms
        self._clock = Clock() if clock is None else clock

    def check(self) -> None:
        """
        Look whether the file can be written, without making it.

        Raises:
            OSError: If its folder is missing or may not be written to, or if it exists and cannot be continued.
        """
        if self._path.exists():
            with _open(self._path, os.O_RDWR) as file:
                self._data_bytes(file)
        elif not os.access(self._path.parent, os.W_OK | os.X_OK):
            code = errno.EACCES if self._path.parent.is_dir() else errno.ENOENT
            raise OSError(code, os.strerror(code), str(self._path.parent))

    def open(self) -> WavSink:
        """
        Return a loudspeaker that plays into the file, from its end on.

        Raises:
            OSError: As for `check`; ``EBUSY``, if another loudspeaker has it.
        """
        with ExitStack() as on_error:
            file = on_error.enter_context(_open(self._path, os.O_RDWR | os.O_CREAT))
            self._lock(file)
            data_bytes = self._data_bytes(file)
            on_error.pop_all()
        return WavSink(file, data_bytes, rate_hz=self._rate_hz, period_ms=self._period_ms, clock=self._clock)

    def _lock(self, file: BinaryIO) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OSError(errno.EBUSY, "another program writes this file", str(self._path)) from None

    def _data_bytes(self, file: BinaryIO) -> int:
        """Return how many bytes of samples the file has; refuse one that is not ours to append to."""
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            return 0
        layout = read_layout(file, self._path)
        # Another header has chunks that a stranger put there, and that appending would destroy.
        if layout.channels != 1 or layout.rate_hz != self._rate_hz or not layout.canonical:
            what = f"{layout.channels} channels at {layout.rate_hz} Hz" + (
                "" if layout.canonical else " and other chunks"
            )
            text = f"exists with {what}; only mono at {self._rate_hz} Hz and nothing else can be continued"
            raise OSError(errno.EINVAL, text, str(self._path))
        # Where the machine lost its power the header may count more than there is.
        return (size - HEADER_BYTES) // 2 * 2 if layout.data_bytes is None else layout.data_bytes


class WavSink:
    """
    A `PlaybackDevice` that plays into a file.

    The header counts the frames written so far after each writing, so that a program that is killed leaves a file that
    any player takes. What is dropped is taken out again: it was never heard. An underrun is a writer that is late by
    more than half a second.
    """

    def __init__(self, file: BinaryIO, data_bytes: int, *, rate_hz: int, period_ms: int, clock: Clock) -> None:
        self.rate_hz, self.channels, self.sample_bytes = rate_hz, 1, 2
        self.period_frames = rate_hz * period_ms // 1000
        self._file, self._data_bytes = file, data_bytes
        self._pace = PlaybackPace(rate_hz=rate_hz, ahead_frames=LEAST_PERIODS * self.period_frames, clock=clock)
        self.xruns = 0
        self._count(data_bytes)

    @property
    def ahead_frames(self) -> int:
        """Frames that wait to be heard before `write` waits; may be set."""
        return self._pace.ahead_frames

    @ahead_frames.setter
    def ahead_frames(self, frames: int) -> None:
        self._pace.ahead_frames = frames

    def write(self, payload: bytes) -> None:
        """
        Append whole frames; wait while `ahead_frames` wait to be heard.

        Raises:
            OSError: If the disk is full, or the file would pass 4 GiB.
        """
        if self._data_bytes + len(payload) > MOST_DATA_BYTES:
            raise OSError(errno.EFBIG, "a WAV file ends at 4 GiB")
        at, left = HEADER_BYTES + self._data_bytes, memoryview(payload)
        while left:
            done = os.pwrite(self._file.fileno(), left, at)
            at, left = at + done, left[done:]
        self._count(self._data_bytes + len(payload))
        self._pace.wrote(len(payload) // self.sample_bytes)
        self.xruns = self._pace.xruns

    def queued_frames(self) -> int:
        """Return how many frames, of those in the file, have not been heard yet."""
        return self._pace.queued_frames()

    def drop(self) -> None:
        """Take what has not been heard out of the file."""
        self._count(self._data_bytes - self._pace.drop() * self.sample_bytes)
        os.ftruncate(self._file.fileno(), HEADER_BYTES + self._data_bytes)

    def close(self) -> None:
        """Close the file, after `drop`. Idempotent."""
        self._file.close()

    def _count(self, data_bytes: int) -> None:
        """Let the header say ``data_bytes``: one write, so it is never half true."""
        os.pwrite(self._file.fileno(), mono_header(rate_hz=self.rate_hz, data_bytes=data_bytes), 0)
        self._data_bytes = data_bytes


def _open(path: Path, flags: int) -> BinaryIO:
    """Open a regular file, without waiting: a FIFO would keep us until somebody writes it, and a device has no end."""
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK, 0o644)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.fdopen(descriptor, "rb" if flags == os.O_RDONLY else "r+b", buffering=0)
    os.close(descriptor)
    raise OSError(errno.EINVAL, "not a regular file", str(path))
