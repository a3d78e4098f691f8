import errno
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pytest

from talkbox.audio.chirp import FLOOR_DB, Loudness, chirp
from talkbox.audio.clipping import REMEDY, at_full_scale
from talkbox.audio.ports import CaptureDevice, PlaybackDevice
from talkbox.audio.take import Played, Take
from talkbox.doctor import sound
from talkbox.doctor.check import Result, Status
from talkbox.doctor.sound import judge_loop, judge_microphone, loop, microphone, not_at_boot
from talkbox_hardware.board import load_board
from tests.support.examined import MadeUpBoard, MadeUpDevice

T = TypeVar("T")

RATE_HZ = 16_000
STOPPED = MadeUpDevice(None)
RESPEAKER = MadeUpBoard(load_board("respeaker-2mic-v1"))


@pytest.fixture(autouse=True)
def _here_and_now(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait on no thread."""

    def at_once(_limit_s: float, work: Callable[[], T], *, what: str) -> T:
        assert what
        return work()

    monkeypatch.setattr(sound, "within", at_once)


def heard(rms_db: float, *, peak_db: float | None = None, clipped: float = 0.0, constant: bool = False) -> Result:
    return judge_microphone(
        Loudness(rms_db=rms_db, peak_db=rms_db + 12 if peak_db is None else peak_db, clipped=clipped, constant=constant)
    )


@pytest.mark.parametrize(
    ("result", "status", "word"),
    [
        (heard(-55), Status.OK, "-55 dBFS in this room, peaks -43"),
        (heard(FLOOR_DB, constant=True), Status.FAILED, "dead"),
        (heard(-95), Status.FAILED, "dead"),
        (heard(-80), Status.WARNING, "hardly anything"),
        (heard(-10), Status.WARNING, "very loud"),
        (heard(-20, peak_db=0, clipped=0.02), Status.WARNING, "overdriven: 2.0 %"),
    ],
)
def test_what_the_level_of_a_microphone_means(result: Result, status: Status, word: str) -> None:
    assert result.status is status
    assert word in result.said
    assert bool(result.remedy) is (status is not Status.OK)


def test_of_a_microphone_that_is_too_loud_or_too_soft_the_doctor_names_what_the_device_has_for_it() -> None:
    assert "mixer" in heard(-20, peak_db=0, clipped=0.02).remedy
    assert REMEDY in judge_loop(*take(5.0)).remedy
    assert "audio.mic_gain_db" in heard(-80).remedy


def take(gain: float, *, delay_s: float = 0.02, xruns: int = 0) -> tuple[Take, Played]:
    """A recording that began at 5 s, of a chirp played at 5.3 s."""
    sound = chirp(RATE_HZ)
    samples = np.zeros(int(1.6 * RATE_HZ), np.int16)
    first = round((0.3 + delay_s) * RATE_HZ)
    samples[first : first + len(sound)] = (gain * sound).clip(-32768, 32767).astype(samples.dtype)
    played = Played(at_s=5.3, xruns=0)
    full = at_full_scale(samples, channels=1)
    return Take(samples=samples, full=full, rate_hz=RATE_HZ, began_s=5.0, xruns=xruns), played


@pytest.mark.parametrize(
    ("recording", "status", "said"),
    [
        (take(0.1), Status.OK, "heard at -35 dBFS (-20 dB), 20 ms later"),
        (take(0.0), Status.FAILED, "did not hear it"),
        (take(0.005), Status.WARNING, "faint"),
        (take(5.0), Status.WARNING, "clipped"),
        (take(0.1, delay_s=0.4), Status.WARNING, "400 ms later: too late for a room"),
        (take(0.1, xruns=2), Status.WARNING, "with 2 gaps"),
    ],
)
def test_what_a_recorded_chirp_means(recording: tuple[Take, Played], status: Status, said: str) -> None:
    result = judge_loop(*recording)
    assert result.status is status
    assert said in result.said


def test_the_figures_of_the_loop_are_for_programs() -> None:
    figures = judge_loop(*take(0.1)).figures
    assert figures["delay_ms"] == pytest.approx(20, abs=0.1)
    assert figures["loss_db"] == pytest.approx(20, abs=0.1)


@dataclass
class Devices:
    """A sound card that refuses."""

    error: OSError
    cards: bool = True
    described: str = "capture x, playback y, 48000 Hz"

    def open_capture(self) -> CaptureDevice:
        raise self.error

    def open_playback(self) -> PlaybackDevice:
        raise self.error


def both(devices: Devices, device: MadeUpDevice = STOPPED) -> list[Result]:
    return [microphone(lambda: devices, device), loop(lambda: devices, device, RESPEAKER)]


@pytest.mark.parametrize(
    ("code", "status"), [(errno.EBUSY, Status.UNSEEN), (errno.EACCES, Status.UNSEEN), (errno.ENODEV, Status.FAILED)]
)
def test_a_card_that_cannot_be_had_says_why(code: int, status: Status) -> None:
    for result in both(Devices(OSError(code, "It Says No"))):
        assert result.status is status
        assert result.said.endswith(": it says no")


def test_files_and_silence_are_no_card_to_test() -> None:
    assert {one.status for one in both(Devices(OSError(), cards=False))} == {Status.SKIPPED}


def test_the_card_of_a_conversation_is_left_to_it() -> None:
    assert {one.status for one in both(Devices(OSError()), MadeUpDevice({"state": "speaking"}))} == {Status.UNSEEN}


def test_a_board_without_a_loudspeaker_is_not_heard() -> None:
    silent = MadeUpBoard(load_board("respeaker-4mic-array"))
    assert silent.board.card is not None
    assert silent.board.card.speaker_channel == "none"
    assert loop(lambda: Devices(OSError()), STOPPED, silent).status is Status.SKIPPED


def test_at_boot_the_card_is_left_alone() -> None:
    assert not_at_boot().status is Status.SKIPPED
