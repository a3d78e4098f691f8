import errno
import os
import wave
from pathlib import Path

import numpy as np
import pytest

from talkbox.audio.formats import Samples
from talkbox.audio.riff import mono_header
from talkbox.audio.wav import WavInput, WavOutput, WavSink
from tests.support.hand_clock import HandClock
from tests.support.wav_files import chunk, fmt, wav


def counted(count: int) -> Samples:
    return np.arange(1, count + 1, dtype=np.int16)


def recording(path: Path, samples: Samples, *, rate_hz: int = 16_000) -> Path:
    path.write_bytes(wav(fmt(rate_hz=rate_hz), chunk(b"data", samples.tobytes())))
    return path


def heard(payload: bytes) -> list[int]:
    return [int(sample) for sample in np.frombuffer(payload, "<i2")]


def in_file(path: Path) -> list[int]:
    with wave.open(str(path)) as file:
        return heard(file.readframes(file.getnframes()))


def output(path: Path, *, rate_hz: int = 16_000, time: HandClock | None = None) -> WavOutput:
    return WavOutput(path, rate_hz=rate_hz, clock=(time or HandClock()).clock)


def test_a_recording_is_heard_in_real_time_and_is_followed_by_silence(tmp_path: Path) -> None:
    time = HandClock()
    source = WavInput(recording(tmp_path / "a.wav", counted(200)), clock=time.clock).open()
    assert (source.rate_hz, source.channels, source.period_frames) == (16_000, 1, 160)
    assert heard(source.read()) == list(range(1, 161))
    assert heard(source.read()) == [*range(161, 201), *[0] * 120]
    assert heard(source.read()) == [0] * 160
    assert round(time.now_s, 6) == 0.03
    source.close()
    source.close()


def test_the_next_opening_goes_on_where_the_last_one_stopped(tmp_path: Path) -> None:
    recorded = WavInput(recording(tmp_path / "a.wav", counted(400)), clock=HandClock().clock)
    for first in (1, 161):
        source = recorded.open()
        assert heard(source.read())[0] == first
        source.close()


def test_what_follows_the_samples_is_not_heard(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(fmt(), chunk(b"data", counted(10).tobytes()), chunk(b"LIST", b"INFOINFO")))
    source = WavInput(path, clock=HandClock().clock).open()
    assert heard(source.read()) == [*range(1, 11), *[0] * 150]
    source.close()


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 100_000])
def test_a_file_of_unknown_size_is_heard_as_it_grows(size: int, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(fmt(channels=2), chunk(b"data", counted(4).tobytes(), size=size)))
    source = WavInput(path, clock=HandClock().clock).open()
    assert heard(source.read())[:6] == [1, 2, 3, 4, 0, 0]
    with path.open("ab") as file:
        file.write(counted(6).tobytes()[:-2])  # two frames and a half
    assert heard(source.read())[:6] == [1, 2, 3, 4, 0, 0]
    with path.open("ab") as file:
        file.write(counted(6).tobytes()[-2:])
    assert heard(source.read())[:4] == [5, 6, 0, 0]
    source.close()


def test_a_late_reader_is_counted_and_loses_nothing(tmp_path: Path) -> None:
    time = HandClock()
    source = WavInput(recording(tmp_path / "a.wav", counted(400)), clock=time.clock).open()
    source.read()
    time.now_s += 3
    assert heard(source.read())[0] == 161
    assert source.xruns == 1
    source.close()


def test_a_file_that_cannot_be_heard_is_refused_at_check_and_at_open(tmp_path: Path) -> None:
    (tmp_path / "a.mp3").write_bytes(b"ID3" + bytes(100))
    for path, code in ((tmp_path / "a.mp3", errno.EINVAL), (tmp_path / "none.wav", errno.ENOENT)):
        recorded = WavInput(path)
        for look in (recorded.check, recorded.open):
            with pytest.raises(OSError, match=path.name) as raised:
                look()
            assert raised.value.errno == code


def test_what_is_no_regular_file_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.wav"
    os.mkfifo(pipe)  # opening it to read would wait for a writer
    for path in (pipe, tmp_path, Path("/dev/null")):
        for look in (WavInput(path).check, WavInput(path).open, output(path).check, output(path).open):
            with pytest.raises(OSError, match=r"not a regular file|Is a directory") as raised:
                look()
            assert raised.value.errno in (errno.EINVAL, errno.EISDIR)
            assert raised.value.filename == str(path)


def test_a_file_that_is_cut_short_and_deleted_while_it_is_heard_becomes_quiet(tmp_path: Path) -> None:
    path = recording(tmp_path / "a.wav", counted(640))
    source = WavInput(path, clock=HandClock().clock).open()
    assert heard(source.read()) == list(range(1, 161))
    os.truncate(path, 44 + 2 * 200)
    path.unlink()
    assert heard(source.read()) == [*range(161, 201), *[0] * 120]
    assert heard(source.read()) == [0] * 160
    source.close()


def test_a_good_recording_passes_the_check(tmp_path: Path) -> None:
    WavInput(recording(tmp_path / "a.wav", counted(1))).check()


def test_what_is_played_is_in_the_file_with_a_true_header_at_all_times(tmp_path: Path) -> None:
    time, path = HandClock(), tmp_path / "out.wav"
    sink = output(path, time=time).open()
    assert in_file(path) == []
    for first in range(0, 960, 160):
        sink.write(counted(960)[first : first + 160].tobytes())
        assert in_file(path) == list(range(1, first + 161))
    assert round(time.now_s, 6) == 0.02  # four periods are ahead
    assert sink.queued_frames() == sink.ahead_frames == 640
    sink.ahead_frames = 800
    assert sink.ahead_frames == 800
    sink.close()
    sink.close()


def test_what_is_dropped_was_never_heard(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    sink = output(path).open()
    sink.write(counted(800).tobytes())
    sink.drop()
    sink.close()
    assert in_file(path) == list(range(1, 161))
    assert path.stat().st_size == 44 + 320


def test_sessions_follow_each_other(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    for _ in range(3):
        sink = output(path).open()
        sink.write(counted(5).tobytes())
        sink.close()
    assert in_file(path) == [1, 2, 3, 4, 5] * 3


def test_an_empty_file_is_as_good_as_none(tmp_path: Path) -> None:
    (tmp_path / "out.wav").touch()
    output(tmp_path / "out.wav").check()
    output(tmp_path / "out.wav").open().close()
    assert in_file(tmp_path / "out.wav") == []


def test_after_a_kill_between_samples_and_header_the_rest_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(mono_header(rate_hz=16_000, data_bytes=4) + counted(9).tobytes())
    sink = output(path).open()
    sink.write(counted(2).tobytes())
    sink.close()
    assert in_file(path) == [1, 2, 1, 2]


def test_after_a_power_cut_the_file_is_continued_from_what_there_is(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(mono_header(rate_hz=16_000, data_bytes=400) + counted(2).tobytes() + b"x")
    sink = output(path).open()
    sink.write(counted(2).tobytes())
    sink.close()
    assert in_file(path) == [1, 2, 1, 2]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"my diary, a very long text, longer than the header of a WAV file", "not a WAV file"),
        (wav(fmt(channels=2), chunk(b"data", bytes(8))), "2 channels at 16000 Hz; only mono at 16000 Hz"),
        (wav(fmt(rate_hz=8000), chunk(b"data", bytes(8))), "1 channels at 8000 Hz; only mono at 16000 Hz"),
        (wav(fmt(), chunk(b"data", bytes(8)), chunk(b"LIST", b"name")), "1 channels at 16000 Hz and other chunks"),
    ],
)
def test_a_strangers_file_is_refused_and_not_touched(content: bytes, what: str, tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    path.write_bytes(content)
    for look in (output(path).check, output(path).open):
        with pytest.raises(OSError, match=what) as raised:
            look()
        assert raised.value.errno == errno.EINVAL
        assert raised.value.filename == str(path)
    assert path.read_bytes() == content


def test_a_folder_that_is_missing_or_closed_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    output(tmp_path / "out.wav").check()
    assert not (tmp_path / "out.wav").exists()
    with pytest.raises(FileNotFoundError, match="none"):
        output(tmp_path / "none" / "out.wav").check()
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"):
        output(tmp_path / "file" / "out.wav").check()


def test_two_loudspeakers_cannot_have_one_file(tmp_path: Path) -> None:
    path = tmp_path / "out.wav"
    first = output(path).open()
    with pytest.raises(OSError, match="another program writes this file") as raised:
        output(path).open()
    assert raised.value.errno == errno.EBUSY
    first.close()
    output(path).open().close()


def test_a_late_writer_is_counted(tmp_path: Path) -> None:
    time = HandClock()
    sink = output(tmp_path / "out.wav", time=time).open()
    sink.write(bytes(320))
    time.now_s += 1
    sink.write(bytes(320))
    assert sink.xruns == 1
    sink.close()


def test_a_file_ends_at_4_gib(tmp_path: Path) -> None:
    with (tmp_path / "out.wav").open("w+b", buffering=0) as file:
        sink = WavSink(file, 0xFFFF_FFF0 - 44, rate_hz=16_000, period_ms=10, clock=HandClock().clock)
        with pytest.raises(OSError, match="4 GiB"):
            sink.write(bytes(320))
