"""
For whoever has a Raspberry Pi with a board: `pytest -m on_device -s tests/on_device`.

Nothing here has been run on a real board by the authors. Each test says what to do, and what to look at.
"""

import time
from array import array
from collections.abc import Iterator
from typing import Any

import pytest

from talkbox.appliance.compose.hardware import Hardware
from talkbox.appliance.sound import BoardCard, pi_model
from talkbox.config import load
from talkbox_hardware import alsa

pytestmark = [
    pytest.mark.on_device,
    pytest.mark.skipif(not pi_model().startswith("Raspberry Pi"), reason="this is no Raspberry Pi"),
]
PATIENCE_S = 20.0


@pytest.fixture
def board() -> Iterator[Hardware]:
    found = Hardware(load(None, environ={}))
    if found.simulated:
        pytest.skip("no board was found: set it in the configuration, and see `talkbox board`")
    yield found
    found.close()


@pytest.fixture
def card(board: Hardware) -> BoardCard:
    card = board.card()
    assert card is not None, "the board has no sound card"
    return card


def test_the_lights_show_red_green_and_blue_and_go_out(board: Hardware) -> None:
    leds = board.leds()
    print(f"look: {leds.count} LEDs, red, green, blue, then dark")
    for color in ((255, 0, 0), (0, 255, 0), (0, 0, 255)):
        leds.show([color] * leds.count)
        time.sleep(1.0)
    leds.close()


def test_the_button_is_heard(board: Hardware) -> None:
    edges: list[bool] = []
    controls = board.controls()
    controls.listen(button=lambda pressed, _at_s: edges.append(pressed), turned=lambda *_: None, pushed=lambda *_: None)
    print(f"press the button within {PATIENCE_S:.0f} s")
    until_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < until_s and True not in edges:
        time.sleep(0.05)
    controls.close()
    assert True in edges


def test_the_card_runs_in_both_directions_and_hears_something(card: BoardCard) -> None:
    rate_hz = card.rates_hz[0]
    shape: dict[str, Any] = {"rate_hz": rate_hz, "period_frames": rate_hz // 100}
    shape |= {"formats": card.formats, "channels": card.channels}
    loudspeaker = alsa.open_playback(card.playback, **shape)
    microphone = alsa.open_capture(card.capture, **shape)
    silence = bytes(loudspeaker.period_frames * loudspeaker.channels * loudspeaker.sample_bytes)
    heard = b""
    for _ in range(200):
        loudspeaker.write(silence)
        heard += microphone.read()
    samples = array("h" if microphone.sample_bytes == 2 else "i", heard)
    print(f"{len(samples)} samples, {len(set(samples))} of them different, underruns {loudspeaker.xruns}")
    loudspeaker.drop()
    loudspeaker.close()
    microphone.close()
    assert len(set(samples)) > 10, "the microphone delivers a constant: is the mixer profile right?"
    assert loudspeaker.xruns == 0
