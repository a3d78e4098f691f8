import struct
from array import array
from pathlib import Path

from talkbox.terminal.microphone import UNKNOWN_SIZE, Microphone


def test_the_header_says_mono_pcm16_of_unknown_length(tmp_path: Path) -> None:
    Microphone(tmp_path / "mic.wav", rate_hz=16_000)
    header = (tmp_path / "mic.wav").read_bytes()
    assert len(header) == 44
    assert struct.unpack("<HHIIHH", header[20:36]) == (1, 1, 16_000, 32_000, 2, 16)
    assert struct.unpack("<I", header[40:44]) == (UNKNOWN_SIZE,)


def test_what_is_said_is_appended(tmp_path: Path) -> None:
    microphone = Microphone(tmp_path / "mic.wav", rate_hz=16_000)
    microphone.say(array("h", [1, 2]))
    microphone.say(array("h", [3]))
    assert (tmp_path / "mic.wav").read_bytes()[44:] == array("h", [1, 2, 3]).tobytes()


def test_an_old_file_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "mic.wav").write_bytes(b"x" * 1000)
    Microphone(tmp_path / "mic.wav", rate_hz=8_000)
    assert (tmp_path / "mic.wav").stat().st_size == 44
