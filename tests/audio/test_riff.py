import errno
import io
import wave
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from talkbox.audio.riff import HEADER_BYTES, WavLayout, mono_header, read_layout
from tests.support.wav_files import chunk, extensible, fmt, wav


def layout_of(content: bytes, folder: Path) -> WavLayout:
    path = folder / "a.wav"
    path.write_bytes(content)
    with path.open("rb") as file:
        return read_layout(file, path)


def test_our_header_is_one_that_others_read(tmp_path: Path) -> None:
    content = mono_header(rate_hz=48_000, data_bytes=6) + bytes(6)
    with wave.open(io.BytesIO(content)) as file:
        assert file.getparams()[:4] == (1, 2, 48_000, 3)
    assert layout_of(content, tmp_path) == WavLayout(
        rate_hz=48_000, channels=1, data_start=HEADER_BYTES, data_bytes=6, canonical=True
    )


def test_other_chunks_are_skipped_with_their_padding(tmp_path: Path) -> None:
    info = chunk(b"LIST", b"odd")
    layout = layout_of(wav(fmt(channels=2, rate_hz=44_100), info, chunk(b"data", bytes(8))), tmp_path)
    assert (layout.rate_hz, layout.channels, layout.frame_bytes) == (44_100, 2, 4)
    assert (layout.data_start, layout.data_bytes) == (HEADER_BYTES + len(info), 8)
    assert not layout.canonical


def test_a_chunk_after_the_samples_makes_a_file_not_ours(tmp_path: Path) -> None:
    layout = layout_of(wav(fmt(), chunk(b"data", bytes(8)), chunk(b"LIST", b"info")), tmp_path)
    assert layout.data_bytes == 8
    assert not layout.canonical


def test_the_extensible_way_to_say_pcm_is_understood(tmp_path: Path) -> None:
    assert layout_of(wav(extensible(channels=6), chunk(b"data", bytes(12))), tmp_path).channels == 6


@pytest.mark.parametrize("size", [0, 0xFFFF_FFFF, 1000])
def test_a_size_that_cannot_be_is_unknown(size: int, tmp_path: Path) -> None:
    assert layout_of(wav(fmt(), chunk(b"data", bytes(8), size=size)), tmp_path).data_bytes is None


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "not a WAV file, or cut off"),
        (b"ID3\x04", "not a WAV file, or cut off"),
        (b"OggS" + bytes(100), "not a WAV file"),
        (wav()[:8] + b"AVI " + bytes(20), "not a WAV file"),
        (wav(fmt()), "without samples"),
        (wav(), "without samples"),
        (wav(chunk(b"data", b"ab"), fmt()), "before their format"),
        (wav(fmt())[:20], "cut off within its header"),
        (wav(fmt()) + b"dat", "cut off within its header"),
        (wav(fmt(bits=24), chunk(b"data", bytes(6))), "24 bits of format 0x1"),
        (wav(fmt(tag=3, bits=32), chunk(b"data", bytes(8))), "32 bits of format 0x3"),
        (wav(fmt(tag=7, bits=8), chunk(b"data", bytes(8))), "8 bits of format 0x7"),
        (wav(extensible(bytes(16)), chunk(b"data", bytes(8))), "16 bits of format 0xfffe"),
        (wav(fmt(channels=0), chunk(b"data", bytes(8))), "0 channels at 16000 Hz"),
        (wav(fmt(channels=65), chunk(b"data", bytes(8))), "65 channels at 16000 Hz"),
        (wav(fmt(rate_hz=7), chunk(b"data", bytes(8))), "1 channels at 7 Hz"),
    ],
)
def test_what_is_not_pcm16_is_refused_by_name(content: bytes, what: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=what) as raised:
        layout_of(content, tmp_path)
    assert raised.value.errno == errno.EINVAL
    assert raised.value.filename == str(tmp_path / "a.wav")


@given(noise=st.binary(max_size=80))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_nothing_but_a_refusal_comes_of_noise(noise: bytes, tmp_path: Path) -> None:
    for content in (noise, wav(fmt()) + noise, wav(noise)):
        with suppress(OSError):
            assert layout_of(content, tmp_path).data_start <= len(content)
