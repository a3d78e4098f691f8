"""The appliance as it runs on the device: a finger on the button, a hand on the encoder, a voice at the sound card."""

from __future__ import annotations

import time
import wave
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import numpy as np
import pytest

from tests.support.programs import agent, eventually
from tests.virtual_pi.checks import pi
from tests.virtual_pi.checks.appliance import appliance

pytestmark = pytest.mark.virtual_pi

Figure = Callable[[str, object], None]
GREETING_HZ, ANSWER_HZ = 440, 660
"""What the agent says where it has no voice."""


def test_a_pressed_button_starts_a_conversation_through_the_sound_card(tmp_path: Path, record_property: Figure) -> None:
    with agent(tmp_path) as url, appliance(tmp_path, url) as talkbox:
        assert "pcm0c" not in pi.open_streams()
        with pi.recorded(talkbox.speaker):
            pi.press(bounce_ms=pi.CHATTER_MS)
            talkbox.until(state="speaking")
            talkbox.until(state="listening")
        greeting = pitch_hz(talkbox.speaker)
        assert "pcm0c" in pi.open_streams()
        with pi.recorded(talkbox.speaker):
            pi.say(question())
            talkbox.until(state="speaking")
            talkbox.until(state="listening")
        answer = pitch_hz(talkbox.speaker)
        counters = talkbox.status()["counters"]
        pi.press(bounce_ms=pi.CHATTER_MS)
        talkbox.until(state="idle")
        eventually(lambda: "pcm0c" not in pi.open_streams(), "the microphone to be closed")
    assert abs(greeting - GREETING_HZ) < 5
    assert abs(answer - ANSWER_HZ) < 5
    underruns, overruns = counters["underruns"], counters["overruns"]
    record_property("figure", f"greeted with {greeting:.0f} Hz, answered with {answer:.0f} Hz")
    record_property("figure", f"{counters['chunks_sent']} chunks sent, {underruns} underruns, {overruns} overruns")


def test_a_turn_of_the_encoder_is_heard_in_the_volume(tmp_path: Path, record_property: Figure) -> None:
    with appliance(tmp_path, "ws://127.0.0.1:9", "audio.volume=0.5", "audio.volume_step=0.05") as talkbox:
        pi.turn(+4, ms_per_detent=25, bounce_ms=1)
        talkbox.until(volume=0.7)
        pi.turn(-2, ms_per_detent=25, bounce_ms=1)
        talkbox.until(volume=0.6)
    record_property("figure", "0.50, four detents up in 100 ms, two down: 0.60")


def test_the_volume_is_remembered_over_a_restart(tmp_path: Path) -> None:
    state = pi.fresh_folder("remembered")
    with appliance(tmp_path, "ws://127.0.0.1:9", "audio.volume=0.5", state=state) as talkbox:
        pi.turn(+3)
        talkbox.until(volume=0.65)
        talkbox.process.terminate()
        assert talkbox.process.wait(30) == 0
    with appliance(tmp_path, "ws://127.0.0.1:9", "audio.volume=0.5", state=state) as talkbox:
        assert talkbox.status()["volume"] == 0.65


@pytest.mark.skipif(pi.BOARD not in pi.CARD, reason="no LEDs on this board")
def test_the_lights_show_the_session_and_go_out_at_the_end(tmp_path: Path, record_property: Figure) -> None:
    pi.forget_spi()
    with agent(tmp_path) as url, appliance(tmp_path, url) as talkbox:
        idle = len(pi.spi_transfers())
        pi.press()
        talkbox.until(state="speaking")
        lit = eventually(lambda: any(map(any, pi.lights())) and pi.lights(), "a light")
        talkbox.until(state="listening")
        pi.press()
        talkbox.until(state="idle")
        session = len(pi.spi_transfers()) - idle
        talkbox.process.terminate()
        assert talkbox.process.wait(30) == 0
    assert session > 10
    assert not any(map(any, pi.lights()))
    record_property("figure", f"speaking shows {lit}; {session} frames; dark at the end")


def test_nobody_wakes_while_nothing_moves(tmp_path: Path, record_property: Figure) -> None:
    with appliance(tmp_path, "ws://127.0.0.1:9"):
        time.sleep(8)  # whatever a start brings with it
        pi.forget_spi()
        time.sleep(5)
        frames = len(pi.spi_transfers())
    assert frames == 0
    record_property("figure", "no frame in 5 s")


def test_only_the_boards_own_pins_are_claimed(tmp_path: Path) -> None:
    before = pi.claimed_gpios()
    with appliance(tmp_path, "ws://127.0.0.1:9"):
        claimed = pi.claimed_gpios().keys() - before.keys()
    assert claimed == {pi.BUTTON_GPIO, pi.A_GPIO, pi.B_GPIO, pi.SWITCH_GPIO}
    assert pi.claimed_gpios() == before


def test_a_push_on_the_encoder_mutes_and_the_next_one_opens_the_microphone_again(tmp_path: Path) -> None:
    with agent(tmp_path) as url, appliance(tmp_path, url) as talkbox:
        pi.press()
        talkbox.until(state="speaking")
        pi.press(pi.SWITCH_GPIO, for_ms=80, bounce_ms=pi.CHATTER_MS)
        talkbox.until(muted=True)
        pi.press(pi.SWITCH_GPIO, for_ms=80, bounce_ms=pi.CHATTER_MS)
        talkbox.until(muted=False)


def test_a_held_button_opens_the_microphone_and_the_release_mutes_it(tmp_path: Path) -> None:
    with agent(tmp_path) as url, appliance(tmp_path, url, "controls.linger_s=2") as talkbox:
        pi.hold(pi.BUTTON_GPIO, 0)
        time.sleep(1.0)  # more than controls.hold_s
        talkbox.until(state="listening", muted=False)  # who holds the button interrupts the greeting
        pi.hold(pi.BUTTON_GPIO, 1)
        talkbox.until(muted=True)
        talkbox.until(state="idle")


def test_a_button_that_is_down_at_the_start_starts_nothing(tmp_path: Path) -> None:
    pi.hold(pi.BUTTON_GPIO, 0)
    try:
        with appliance(tmp_path, "ws://127.0.0.1:9") as talkbox:
            assert talkbox.status()["counters"]["sessions"] == 0
            assert talkbox.status()["state"] == "idle"
    finally:
        pi.hold(pi.BUTTON_GPIO, 1)


def question() -> Path:
    """Return the recording of somebody who asks for the time."""
    return Path(str(resources.files("talkbox.terminal"))) / "speech" / "what-time-is-it.wav"


def pitch_hz(path: Path) -> float:
    """Return how high the tone is that a WAV file is made of; 0 if there is none."""
    with wave.open(str(path), "rb") as file:
        kind = {2: "<i2", 4: "<i4"}[file.getsampwidth()]
        samples = np.frombuffer(file.readframes(file.getnframes()), kind).reshape(-1, file.getnchannels())[:, -1]
        rate_hz = file.getframerate()
    spectrum = np.abs(np.fft.rfft(samples / np.iinfo(kind).max))
    return float(np.argmax(spectrum) * rate_hz / len(samples)) if spectrum.max() > 100 else 0.0
