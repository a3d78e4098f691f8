from array import array
from pathlib import Path

from talkbox.terminal.place import Files
from talkbox.terminal.record import read_wav


def test_the_device_is_given_two_files_and_hears_what_is_said_into_the_one(tmp_path: Path) -> None:
    place = Files(tmp_path, rate_hz=8_000)
    place.say(array("h", [1, 2, 3]))
    assert place.settings == {
        "audio.capture": f"wav:{tmp_path / 'microphone.wav'}",
        "audio.playback": f"wav:{tmp_path / 'speaker.wav'}",
    }
    assert (tmp_path / "microphone.wav").read_bytes().endswith(bytes([1, 0, 2, 0, 3, 0]))
    place.keep()
    assert not (tmp_path / "speaker.wav").exists()


def test_the_loudspeaker_is_where_its_file_ends(tmp_path: Path) -> None:
    place = Files(tmp_path, rate_hz=8_000)
    assert place.frames() == 0
    (tmp_path / "speaker.wav").write_bytes(bytes(44 + 2 * 500))
    assert place.frames() == 500


def test_what_the_device_counted_is_believed(tmp_path: Path) -> None:
    assert Files(tmp_path, rate_hz=8_000).seen({"speaker_frame": 7}) == {"speaker_frame": 7}


def test_a_file_that_nothing_was_said_into_is_a_file(tmp_path: Path) -> None:
    Files(tmp_path, rate_hz=8_000)
    assert read_wav(tmp_path / "microphone.wav").rate_hz == 8_000
