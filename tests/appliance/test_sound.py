import wave
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from talkbox.appliance import sound
from talkbox.appliance.sound import BoardCard, card_rate_hz, choose
from talkbox.audio.ports import CaptureDevice, PlaybackDevice
from talkbox.audio.silent import SilentSink, SilentSource
from talkbox.config import Config, load
from talkbox.errors import ConfigError, MissingFeature


class Cards:
    """ALSA's place: opens what it was told to have, and remembers."""

    def __init__(self, *names: str, error: Exception | None = None) -> None:
        self.names = names
        self.error = error or OSError(2, "No such card")
        self.opened: list[tuple[str, str, int, int]] = []
        self.asked: list[tuple[tuple[str, ...], tuple[int, ...]]] = []

    def open_capture(
        self,
        device: str,
        *,
        rate_hz: int,
        period_frames: int,
        formats: Sequence[str] = (),
        channels: Sequence[int] = (),
    ) -> CaptureDevice:
        self.asked.append((tuple(formats), tuple(channels)))
        self._open("capture", device, rate_hz, period_frames)
        return SilentSource(rate_hz=rate_hz, period_frames=period_frames)

    def open_playback(
        self,
        device: str,
        *,
        rate_hz: int,
        period_frames: int,
        formats: Sequence[str] = (),
        channels: Sequence[int] = (),
    ) -> PlaybackDevice:
        self.asked.append((tuple(formats), tuple(channels)))
        self._open("playback", device, rate_hz, period_frames)
        return SilentSink(rate_hz=rate_hz, period_frames=period_frames)

    def _open(self, direction: str, device: str, rate_hz: int, period_frames: int) -> None:
        if device not in self.names:
            raise self.error
        self.opened.append((direction, device, rate_hz, period_frames))


def config(**audio: str | int) -> Config:
    return load(None, environ={}, overrides=[f"audio.{key}={value}" for key, value in audio.items()])


def recording(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(bytes(400))
    return path


@pytest.fixture(autouse=True)
def _machine_with_cards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cards").touch()
    monkeypatch.setattr(sound, "CARDS", tmp_path / "cards")


def test_named_cards_are_opened_by_name_at_one_rate() -> None:
    cards = Cards("hw:mic", "hw:speaker")
    devices = choose(config(capture="hw:mic", playback="hw:speaker", rate_hz=16_000, period_ms=20), cards)
    assert cards.opened == []
    devices.open_capture()
    devices.open_playback()
    assert cards.opened == [("capture", "hw:mic", 16_000, 320), ("playback", "hw:speaker", 16_000, 320)]
    assert devices.described == "capture hw:mic, playback hw:speaker, 16000 Hz"
    assert devices.cards


def test_the_simulated_board_uses_the_default_card_where_it_works() -> None:
    cards = Cards("default")
    devices = choose(config(rate_hz=48_000), cards)
    assert devices.described == "capture default, playback default, 48000 Hz"
    devices.open_playback()
    assert cards.opened[-1] == ("playback", "default", 48_000, 480)


@pytest.mark.parametrize("error", [ImportError("alsaaudio"), OSError(16, "busy")])
def test_without_a_card_that_works_it_hears_and_plays_silence(error: Exception) -> None:
    devices = choose(config(), Cards(error=error))
    assert isinstance(devices.open_capture(), SilentSource)
    assert isinstance(devices.open_playback(), SilentSink)
    assert "silence" in devices.described
    assert not devices.cards


def test_a_machine_without_any_card_is_not_even_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "CARDS", tmp_path / "nothing")
    monkeypatch.delenv("ALSA_CONFIG_PATH", raising=False)
    cards = Cards("default")
    choose(config(), cards)
    assert cards.opened == []


def test_files_stand_in_for_cards(tmp_path: Path) -> None:
    source = recording(tmp_path / "in.wav")
    devices = choose(config(capture=f"wav:{source}", playback=f"wav:{tmp_path / 'out.wav'}", rate_hz=16_000), Cards())
    microphone = devices.open_capture()
    assert (microphone.rate_hz, microphone.channels) == (44_100, 2)
    microphone.close()
    loudspeaker = devices.open_playback()
    assert loudspeaker.rate_hz == 16_000
    loudspeaker.close()


def test_files_that_cannot_stand_in_are_all_named(tmp_path: Path) -> None:
    junk = tmp_path / "notes.txt"
    junk.write_text("buy milk " * 20)
    with pytest.raises(ConfigError) as caught:
        choose(config(capture=f"wav:{tmp_path / 'missing.wav'}", playback=f"wav:{junk}"), Cards())
    first, second = str(caught.value).splitlines()
    assert first.startswith("--set: audio.capture: no such file or directory: ")
    assert second.startswith("--set: audio.playback: ")
    assert "notes.txt" in second
    assert junk.read_text() == "buy milk " * 20


def test_a_file_of_a_user_who_is_not_there_is_one_clear_problem() -> None:
    with pytest.raises(ConfigError, match=r"audio\.capture"):
        choose(config(capture="wav:~nosuchuser/x.wav"), Cards())


@pytest.mark.parametrize("key", ["capture", "playback"])
def test_a_card_asked_for_by_name_without_pyalsaaudio_says_which_extra(
    key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(MissingFeature) as caught:
        choose(config(capture="hw:0", playback="hw:0") if key == "capture" else config(playback="hw:0"), Cards())
    assert caught.value.exit_code == 69
    assert "talkbox[pi]" in caught.value.hint


@pytest.mark.parametrize(("chunk_ms", "heard_ms"), [(10, 10), (20, 20), (30, 15), (40, 20), (250, 19)])
def test_the_microphone_brings_a_chunk_at_a_time_or_an_even_part_of_a_long_one(chunk_ms: int, heard_ms: int) -> None:
    cards = Cards("hw:mic", "hw:speaker")
    choose(config(capture="hw:mic", playback="hw:speaker", rate_hz=16_000, chunk_ms=chunk_ms), cards).open_capture()
    assert cards.opened == [("capture", "hw:mic", 16_000, 16 * heard_ms)]


BOARD = BoardCard(
    capture="hw:CARD=board,DEV=0",
    playback="hw:CARD=board,DEV=0",
    formats=("S32_LE",),
    channels=(2,),
    rates_hz=(16_000,),
)


def test_a_board_has_its_own_card_in_the_format_that_it_has() -> None:
    cards = Cards("hw:CARD=board,DEV=0")
    devices = choose(config(), cards, BOARD)
    devices.open_capture()
    devices.open_playback()
    assert cards.opened == [
        ("capture", "hw:CARD=board,DEV=0", 16_000, 320),
        ("playback", "hw:CARD=board,DEV=0", 16_000, 160),
    ]
    assert cards.asked == [(("S32_LE",), (2,))] * 2


def test_a_card_that_is_named_wins_and_is_asked_for_nothing_of_the_board_s() -> None:
    cards = Cards("hw:other", "hw:CARD=board,DEV=0")
    devices = choose(config(capture="hw:other"), cards, BOARD)
    devices.open_capture()
    devices.open_playback()
    assert cards.asked == [((), ()), (("S32_LE",), (2,))]


def test_a_rate_that_the_board_does_not_have_is_refused() -> None:
    with pytest.raises(ConfigError, match="rate_hz must be 16000 on this board, not 48000"):
        choose(config(rate_hz=48_000), Cards(), BOARD)


@pytest.mark.parametrize(
    ("wanted", "model", "rates_hz", "rate_hz"),
    [
        (48_000, "Raspberry Pi Zero 2 W Rev 1.0", (48_000, 16_000), 48_000),
        ("auto", "Raspberry Pi Zero 2 W Rev 1.0", (48_000, 16_000), 16_000),
        ("auto", "Raspberry Pi Zero 2 W Rev 1.0", (48_000,), 48_000),
        ("auto", "Raspberry Pi 3 Model B Plus Rev 1.3", (48_000, 16_000), 16_000),
        ("auto", "Raspberry Pi 4 Model B Rev 1.5", (48_000, 16_000), 48_000),
        ("auto", "Raspberry Pi 5 Model B Rev 1.0", (16_000,), 16_000),
        ("auto", "", (48_000, 16_000), 48_000),
    ],
)
def test_a_slow_pi_works_at_the_rate_of_speech(
    wanted: str | int, model: str, rates_hz: tuple[int, ...], rate_hz: int
) -> None:
    assert card_rate_hz(wanted, model=model, rates_hz=rates_hz) == rate_hz


def test_the_model_is_what_the_device_tree_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sound, "MODEL", tmp_path / "model")
    assert sound.pi_model() == ""
    (tmp_path / "model").write_bytes(b"Raspberry Pi 4 Model B Rev 1.5\0")
    assert sound.pi_model() == "Raspberry Pi 4 Model B Rev 1.5"


def test_the_mixer_is_set_before_each_opening_because_a_card_that_was_away_has_forgotten_it() -> None:
    cards, order = Cards("hw:CARD=board,DEV=0"), list[int]()
    devices = choose(config(), cards, replace(BOARD, set_mixer=lambda: order.append(len(cards.asked))))
    assert order == []
    for _ in range(2):
        devices.open_playback()
    assert order == [0, 1]
    devices.open_capture()
    assert order == [0, 1]  # it is one card


@pytest.mark.parametrize(
    ("settings", "settings_of_the_mixer"),
    [({"playback": "hw:other"}, 1), ({"capture": "hw:other"}, 1), ({"capture": "hw:other", "playback": "hw:other"}, 0)],
)
def test_the_mixer_belongs_to_the_board_s_own_card(settings: dict[str, str], settings_of_the_mixer: int) -> None:
    cards, count = Cards("hw:CARD=board,DEV=0", "hw:other"), list[int]()
    devices = choose(config(**settings), cards, replace(BOARD, set_mixer=lambda: count.append(1)))
    devices.open_capture()
    devices.open_playback()
    assert len(count) == settings_of_the_mixer


def test_a_card_that_is_not_there_is_said_by_its_opening_and_not_by_its_mixer() -> None:
    def gone() -> None:
        raise OSError(19, "no mixer")

    devices = choose(config(), Cards(), replace(BOARD, set_mixer=gone))
    with pytest.raises(OSError, match="No such card"):
        devices.open_playback()
