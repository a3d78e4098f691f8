import wave
from array import array
from pathlib import Path

import pytest

from talkbox.terminal.record import Record, peaks, read_wav, rms
from tests.support.scene import conversation, event, message, said, tone


def test_the_end_is_the_last_thing_seen() -> None:
    record, _ = conversation()
    assert record.end_s == 18.4
    assert Record(begun_s=5.0).end_s == 5.0


def test_frames_are_interpolated_between_two_glances() -> None:
    record, _ = conversation()
    assert record.frame_at(-1.0) == 0
    assert record.frame_at(2.05) == 2050
    assert record.frame_at(100.0) == 18_400
    assert Record(begun_s=0.0).frame_at(1.0) == 0


def test_speech_ends_with_its_last_sample() -> None:
    assert said("hello", 2.0).end_s == 2.5


def test_a_mono_wav_file_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(tone(0.1).tobytes())
    assert read_wav(path).samples == tone(0.1)
    assert read_wav(path).rate_hz == 8000


def test_a_stereo_file_and_no_wav_file_are_refused(tmp_path: Path) -> None:
    stereo, junk, cut = tmp_path / "stereo.wav", tmp_path / "junk.wav", tmp_path / "cut.wav"
    with wave.open(str(stereo), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
    junk.write_bytes(b"not a wav file at all, but long enough to be read as one")
    cut.write_bytes(b"RI")
    for path in (stereo, junk, cut):
        with pytest.raises(ValueError, match=path.name):
            read_wav(path)


def test_rms_is_a_share_of_full_scale() -> None:
    assert rms(array("h", [-32768, -32768])) == 1.0
    assert rms(array("h", [0] * 10)) == 0.0
    assert rms(array("h")) == 0.0


def test_peaks_are_the_extremes_of_each_part() -> None:
    assert peaks(array("h", [0, 16384, -16384, 0]), 2) == [(0.0, 0.5), (-0.5, 0.0)]
    assert peaks(array("h", [32767]), 3) == [(0.0, 0.0), (0.0, 0.0), (32767 / 32768, 32767 / 32768)]


def test_the_transcript_cuts_an_interrupted_answer_to_what_was_heard() -> None:
    record = Record(begun_s=0.0)
    record.events.append(event("corrected", 0.5, text="nothing yet"))
    record.events.append(message("agent", "once upon a time", 1.0))
    record.events.append(event("message", 1.5, source="user", text="st", final=False))
    record.events.append(message("user", "stop", 2.0))
    record.events.append(event("corrected", 2.1, text="once upon"))
    assert [line["text"] for line in record.transcript()] == ["once upon —", "stop"]
