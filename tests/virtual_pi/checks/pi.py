"""The virtual Pi from outside: a finger on its pins, an eye on its buses, a mouth and an ear at its sound card."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.apa102_decoder import Rgb, Row

MODEL = os.environ.get("VPI_MODEL", "")
BOARD = os.environ.get("VPI_BOARD", "")
VIRTUAL_TIME = os.environ.get("VPI_TIME") == "virtual"

BUTTON_GPIO, A_GPIO, B_GPIO, SWITCH_GPIO = 17, 12, 13, 26
"""As on a ReSpeaker 2-Mics HAT with a KY-040 on its Grove plug; held up by resistors."""

LED_COUNT = 3

CHATTER_MS = 3
"""How long a contact chatters when a finger moves it."""

BOUNCE_S = 0.02 if VIRTUAL_TIME else 0.1
"""For so long the appliance expects it to. In real time a busy host may hold the finger up in mid-chatter for longer
than the 20 ms that are usual: then these are two presses to anybody."""

CARD = {"respeaker": "seeed2micvoicec", "respeaker2": "seeed2micvoicec", "wm8960": "wm8960soundcard"}
"""Card id of each board that has a sound card."""

RUN = Path("/run/talkbox")
"""What systemd would give the appliance: a folder that its user may write to."""


def run(*command: str) -> str:
    """Run one of the guest's tools; give what it says."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def press(gpio: int = BUTTON_GPIO, *, for_ms: float = 150, bounce_ms: float = 0) -> None:
    """Press a button and let it go; both contacts chatter for `bounce_ms`."""
    run("pin", "press", str(gpio), "--for", str(for_ms), "--bounce", str(bounce_ms))


def hold(gpio: int, level: int) -> None:
    """Put a pin to ground (0) or let it up (1)."""
    run("pin", "set", str(gpio), str(level))


def level(gpio: int) -> int:
    """Return what is on a pin, whoever drives it."""
    return int(run("pin", "get", str(gpio)))


def level_now(gpio: int) -> int:
    """Return the same, without a program in between, so often as one likes."""
    (chip,) = Path("/sys/devices/platform/gpio-sim").glob("gpiochip*")
    return int((chip / f"sim_gpio{gpio}" / "value").read_text("ascii"))


def turn(detents: int, *, ms_per_detent: float = 40, bounce_ms: float = 0) -> None:
    """Turn the encoder; positive closes A first."""
    pins = ["--a", str(A_GPIO), "--b", str(B_GPIO)]
    run("pin", "turn", *pins, "--ms-per-step", str(ms_per_detent), "--bounce", str(bounce_ms), "--", f"{detents:+d}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """What one transfer on a bus carried; `at_s` is `time.monotonic`."""

    at_s: float
    to: str
    payload: bytes


def spi_transfers() -> list[Transfer]:
    """Return what went over the SPI bus since it was cleared, oldest first."""
    return [
        Transfer(at_s=float(words[0]), to=words[1], payload=bytes.fromhex(words[-1]))
        for words in map(str.split, run("spi-log").splitlines())
    ]


def i2c_writes() -> list[Transfer]:
    """Return what was written over I2C-1 since the start, oldest first."""
    return [
        Transfer(at_s=float(words[0]), to=words[1], payload=bytes.fromhex(words[4]))
        for words in map(str.split, run("i2c-log").splitlines())
    ]


def forget_spi() -> None:
    """Clear the record of the SPI bus."""
    run("spi-log", "--clear")


def lights() -> tuple[Rgb, ...]:
    """Return what rows of both kinds of LEDs show after all that the bus carried; they agree."""
    apa102, sk9822 = Row(LED_COUNT, kind="apa102"), Row(LED_COUNT, kind="sk9822")
    for transfer in spi_transfers():
        apa102.receive(transfer.payload)
        sk9822.receive(transfer.payload)
    assert apa102.colors == sk9822.colors
    return apa102.colors


@contextmanager
def recorded(path: Path) -> Iterator[None]:
    """Listen to the loudspeaker while the body runs; then the WAV file is there."""
    command = ["sound-card", "record", str(path), "--seconds", "300", *_loopback()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as ear:
        assert ear.stdout is not None
        assert ear.stdout.readline() == "listening\n"
        try:
            yield
        finally:
            ear.terminate()


def say(path: Path) -> None:
    """Speak a WAV file into the microphone; return when the program has heard all of it."""
    run("sound-card", "play", str(path), *_loopback())


def _loopback() -> Sequence[str]:
    return () if BOARD in CARD else ("--loopback",)


def as_user(user: str, *command: str) -> tuple[str, ...]:
    """Return the command line that runs `command` as `user`, in that user's groups, in the same process."""
    return ("setpriv", "--reuid", user, "--regid", user, "--init-groups", "--", *command)


PYTHON = sys.executable


def fresh_folder(name: str) -> Path:
    """Make an empty folder that belongs to the appliance's user."""
    folder = RUN / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.chown(folder, "talkbox", "talkbox")
    return folder


def settings() -> Sequence[str]:
    """Return what the appliance has to be told about this Pi, as its owner would."""
    return (f"controls.bounce_s={BOUNCE_S}", *SETTINGS[BOARD])


# The card wm8960soundcard is that of four boards: it has to be named. Without a HAT, sound is the kernel's Loopback.
SETTINGS: dict[str, tuple[str, ...]] = {
    "respeaker": (),
    "respeaker2": (),
    "wm8960": ("hardware.board=respeaker-2mic-v1",),
    "none": (
        "hardware.board=usb",
        "audio.capture=hw:Loopback,0",
        "audio.playback=hw:Loopback,0",
        "audio.rate_hz=48000",
    ),
}


def open_streams() -> list[str]:
    """Return which streams of the board's sound card a program has open: pcm0c, pcm0p."""
    card = f"/proc/asound/{CARD.get(BOARD, 'Loopback')}"
    found = Path(card).glob("pcm0*/sub0/hw_params")
    return [path.parts[-3] for path in found if not path.read_text("utf-8").startswith("closed")]


def claimed_gpios() -> dict[int, str]:
    """Return who has claimed which pin of the header."""
    lines = run("gpioinfo", "--chip", "0").splitlines()
    claims = (re.search(r'line\s+(\d+):.*consumer="?([^"\s]+)', line) for line in lines)
    return {int(claim[1]): claim[2] for claim in claims if claim}
