"""The fitting of boards to a configuration, on gpiozero's mock pins; the cards and the detection are made up."""

from pathlib import Path

import pytest

from talkbox.appliance.compose import hardware
from talkbox.appliance.compose.hardware import Hardware, described
from talkbox.config import Config, load
from talkbox.errors import BoardUnusable, ConfigError, MissingFeature
from talkbox_hardware.board import BoardError, Control
from talkbox_hardware.cards import CardNames
from talkbox_hardware.detect import Verdict
from talkbox_hardware.fakes import SimulatedControls, SimulatedLeds
from talkbox_hardware.leds import NoLeds
from talkbox_hardware.mixer import Missing


def config(*settings: str) -> Config:
    return load(None, environ={}, overrides=settings)


def verdict(monkeypatch: pytest.MonkeyPatch, board: str | None, *candidates: str) -> None:
    found = Verdict(board=board, candidates=candidates or ((board,) if board else ()), reasons=("seen: something",))
    monkeypatch.setattr(hardware, "detect", lambda **_: found)


@pytest.fixture(autouse=True)
def _mock_pins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    monkeypatch.setattr(hardware, "pi_model", lambda: "Raspberry Pi 4 Model B Rev 1.5")
    verdict(monkeypatch, None)


def test_without_a_board_it_is_the_simulated_one() -> None:
    board = Hardware(config())
    assert board.simulated
    assert isinstance(board.leds(), SimulatedLeds)
    assert isinstance(board.controls(), SimulatedControls)
    assert board.card() is None
    board.close()


def test_a_board_that_cancels_its_echo_does_so_for_its_own_card_only() -> None:
    named = ("audio.capture=hw:A", "audio.playback=hw:B")
    assert Hardware(config("hardware.board=respeaker-xvf3800")).cancels_echo
    assert not Hardware(config("hardware.board=respeaker-xvf3800", *named)).cancels_echo
    assert not Hardware(config("hardware.board=respeaker-2mic-v1")).cancels_echo
    assert not Hardware(config("hardware.board=simulated")).cancels_echo


def test_what_is_found_is_taken_and_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    verdict(monkeypatch, "respeaker-2mic-v1")
    assert Hardware(config()).board.name == "respeaker-2mic-v1"
    assert "seen: something" in caplog.text


def test_on_another_computer_no_board_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict(monkeypatch, "usb")
    monkeypatch.setattr(hardware, "pi_model", lambda: "")
    assert Hardware(config()).simulated


def test_the_configuration_wins_over_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict(monkeypatch, "respeaker-2mic-v1")
    assert Hardware(config("hardware.board=codec-zero")).board.name == "codec-zero"


def test_what_could_be_several_boards_is_never_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict(monkeypatch, None, "adafruit-voice-bonnet", "respeaker-2mic-v1")
    with pytest.raises(ConfigError, match="adafruit-voice-bonnet, respeaker-2mic-v1") as caught:
        Hardware(config())
    assert "adafruit-voice-bonnet" in caught.value.hint


@pytest.mark.parametrize("name", ["toaster", "respeaker-6mic-circular"])
def test_a_board_that_is_not_or_that_is_documented_only_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        Hardware(config(f"hardware.board={name}"))


def test_the_pins_of_the_configuration_take_the_place_of_the_board_s() -> None:
    board = Hardware(
        config(
            "hardware.board=usb",
            "hardware.button_gpio=5",
            "hardware.encoder_a_gpio=6",
            "hardware.encoder_b_gpio=16",
            "hardware.encoder_switch_gpio=20",
            "hardware.encoder_edges_per_detent=2",
            "hardware.encoder_reverse=true",
        )
    ).board
    assert board.button is not None
    assert board.button.gpio == 5
    assert board.encoder is not None
    assert (board.encoder.a_gpio, board.encoder.b_gpio, board.encoder.switch_gpio) == (6, 16, 20)
    assert (board.encoder.edges_per_detent, board.encoder.reverse) == (2, True)


def test_half_an_encoder_is_no_encoder() -> None:
    with pytest.raises(ConfigError, match="together"):
        Hardware(config("hardware.board=usb", "hardware.encoder_a_gpio=6"))


def test_a_pin_that_is_not_for_us_is_refused_by_name() -> None:
    board = Hardware(config("hardware.board=respeaker-2mic-v1", "hardware.button_gpio=18"))
    with pytest.raises(ConfigError, match="18"):
        board.controls()
    board.close()


def test_a_real_board_s_controls_are_claimed_and_let_go_of() -> None:
    for _ in range(2):
        board = Hardware(config("hardware.board=respeaker-2mic-v1"))
        controls = board.controls()
        assert not isinstance(controls, SimulatedControls)
        controls.close()
        board.close()


@pytest.mark.parametrize(
    ("lgpio", "conflict", "warnings"),
    [(True, "both are installed", 1), (True, "", 0), (False, "both are installed", 0)],
)
def test_two_libraries_of_one_name_are_a_warning_once_where_lgpio_is_in_use(
    lgpio: bool, conflict: str, warnings: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hardware, "uses_lgpio", lambda _factory: lgpio)
    monkeypatch.setattr(hardware, "rpi_gpio_conflict", lambda: conflict)
    board = Hardware(config("hardware.board=codec-zero"))
    board.leds().close()
    board.controls().close()
    board.close()
    said = [record for record in caplog.records if record.getMessage() == "both are installed"]
    assert [(record.levelname, "RPi.GPIO" in vars(record)["hint"]) for record in said] == [("WARNING", True)] * warnings


def test_a_library_that_is_missing_is_named_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_kind: str) -> None:
        raise ImportError("no", name="gpiozero")

    monkeypatch.setattr(hardware, "choose_factory", missing)
    with pytest.raises(MissingFeature, match="gpiozero") as caught:
        Hardware(config("hardware.board=respeaker-2mic-v1")).controls()
    assert caught.value.exit_code == 69
    assert "talkbox[pi]" in caught.value.hint


def test_a_pin_that_another_program_has_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(_kind: str) -> None:
        raise OSError(16, "GPIO busy", "GPIO17")

    monkeypatch.setattr(hardware, "choose_factory", busy)
    with pytest.raises(BoardUnusable, match="gpio busy: GPIO17"):
        Hardware(config("hardware.board=respeaker-2mic-v1")).controls()


def test_without_the_library_for_the_lights_there_are_none(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ImportError("no", name="spidev")

    monkeypatch.setattr(hardware, "leds_of", missing)
    assert isinstance(Hardware(config("hardware.board=respeaker-2mic-v1")).leds(), NoLeds)
    assert "spidev" in caplog.text


def test_plain_leds_cannot_be_dimmed() -> None:
    assert not Hardware(config("hardware.board=codec-zero")).dims
    assert Hardware(config("hardware.board=respeaker-2mic-v1")).dims
    assert Hardware(config("hardware.board=usb")).dims


def test_the_card_is_known_by_its_id_and_what_the_mixer_lacks_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(hardware, "wait_for_card", lambda ids, **_: CardNames(capture_id=ids[1], playback_id=ids[1]))
    monkeypatch.setattr(
        "talkbox_hardware.mixer.apply", lambda *_: (Missing(control=Control(name="Speaker Playback Volume", value=1)),)
    )
    card = Hardware(config("hardware.board=respeaker-2mic-v1")).find_card(10.0)
    assert card is not None
    assert card.capture == card.playback == "hw:CARD=wm8960soundcard,DEV=0"
    assert "Speaker Playback Volume" in caplog.text


def test_the_mixer_can_be_set_again_and_says_what_it_lacks_only_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    profiles: list[str] = []

    def apply(name: str, _controls: object) -> tuple[Missing, ...]:
        profiles.append(name)
        return (Missing(control=Control(name="Speaker Playback Volume", value=1)),)

    monkeypatch.setattr(hardware, "wait_for_card", lambda ids, **_: CardNames(capture_id=ids[0], playback_id=ids[0]))
    monkeypatch.setattr("talkbox_hardware.mixer.apply", apply)
    card = Hardware(config("hardware.board=respeaker-2mic-v1")).find_card(10.0)
    assert card is not None
    card.set_mixer()
    card.set_mixer()
    assert profiles == ["hw:CARD=seeed2micvoicec"] * 3
    assert caplog.text.count("Speaker Playback Volume") == 1


class Boot:
    """Time that passes only while somebody sleeps; the card can be opened after a while, or never."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, opens_s: float) -> None:
        self.now_s, self._opens_s = 0.0, opens_s
        monkeypatch.setattr(
            hardware, "wait_for_card", lambda ids, **_: CardNames(capture_id=ids[0], playback_id=ids[0])
        )
        monkeypatch.setattr("talkbox_hardware.mixer.apply", self._apply)

    def __call__(self) -> float:
        return self.now_s

    def sleep(self, seconds: float) -> None:
        self.now_s += seconds

    def _apply(self, *_: object) -> tuple[()]:
        if self.now_s < self._opens_s:
            raise OSError(19, "No such device")
        return ()


def test_a_card_that_is_listed_and_cannot_be_opened_yet_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    boot = Boot(monkeypatch, opens_s=3)
    assert Hardware(config("hardware.board=respeaker-2mic-v1")).find_card(10.0, clock=boot, sleep=boot.sleep)
    assert 3 <= boot.now_s < 3.5
    assert caplog.records == []


def test_a_mixer_that_cannot_be_opened_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    boot = Boot(monkeypatch, opens_s=99)
    board = Hardware(config("hardware.board=respeaker-2mic-v1"))
    assert board.find_card(0.0, clock=boot, sleep=boot.sleep) is None
    assert (boot.now_s, caplog.records) == (0.0, [])
    assert board.find_card(10.0, clock=boot, sleep=boot.sleep) is not None
    assert caplog.text.count("the mixer was not set") == 1


@pytest.mark.parametrize(
    ("board", "name"), [("respeaker-2mic-v1", "hw:CARD=seeed2micvoicec,DEV=0"), ("usb", "hw:CARD=none,DEV=0")]
)
def test_the_card_has_a_name_before_anybody_looks_for_it(
    board: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hardware, "wait_for_card", lambda _ids, **_: pytest.fail("it was looked for"))
    card = Hardware(config(f"hardware.board={board}")).card()
    assert card is not None
    assert card.capture == name


@pytest.mark.parametrize(("patience_s", "lines"), [(10.0, 1), (0.0, 0)])
def test_a_card_that_does_not_come_is_said_if_it_was_waited_for(
    patience_s: float, lines: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def never(_ids: object, *, timeout_s: float) -> None:
        raise OSError(19, f"no sound card within {timeout_s:g} s")

    monkeypatch.setattr(hardware, "wait_for_card", never)
    assert Hardware(config("hardware.board=respeaker-2mic-v1")).find_card(patience_s) is None
    assert caplog.text.count("no sound card within 10 s") == lines


def test_where_any_card_would_do_and_one_is_named_none_is_waited_for() -> None:
    named = ("hardware.board=usb", "audio.capture=hw:mic", "audio.playback=hw:speaker")
    assert Hardware(config(*named)).card() is None


def test_a_board_is_waited_for_on_a_pi_where_none_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def wait(timeout_s: float, **_: object) -> Verdict:
        waited.append(timeout_s)
        return Verdict(board="usb", candidates=("usb",), reasons=())

    monkeypatch.setattr(hardware, "wait_for_board", wait)
    assert Hardware(config(), patience_s=10.0).board.name == "usb"
    Hardware(config("hardware.board=usb"), patience_s=10.0)
    monkeypatch.setattr(hardware, "pi_model", lambda: "")
    assert Hardware(config(), patience_s=10.0).simulated
    assert waited == [10.0]


def test_the_board_is_described_and_an_ambiguous_one_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "simulated board" in described(config())
    assert "24 MHz" in described(config("hardware.board=respeaker-2mic-v1"))
    verdict(monkeypatch, None, "adafruit-voice-bonnet", "respeaker-2mic-v1")
    assert described(config()).startswith("ambiguous: ")


def test_a_damaged_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def damaged() -> None:
        raise BoardError(f"{tmp_path}: not TOML")

    monkeypatch.setattr(hardware, "load_boards", damaged)
    with pytest.raises(ConfigError, match="not TOML"):
        Hardware(config())
