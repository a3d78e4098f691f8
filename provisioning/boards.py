"""
The setup script's view of the boards: which there are, what one needs, and which is there. Prints `key=value` lines.

Runs with the system's own Python (3.11 or newer) before anything is installed: the standard library and
``talkbox_hardware``, whose detection needs no more. Nothing is written to any chip.
"""

from __future__ import annotations

import argparse
import difflib
import errno
import fcntl
import os
import struct
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "hardware"))

from talkbox_hardware.board import board_names, load_board, load_boards
from talkbox_hardware.detect import detect as look

FIRST_CHOICE = ("respeaker-2mic-v1", "respeaker-2mic-v2", "usb")
"""Where boards cannot be told apart: the likeliest, to be offered as the default. A person confirms it."""

WM8960, AIC3104, XMOS, AC108, AC108_TOO = 0x1A, 0x18, 0x42, 0x3B, 0x35
I2C_SLAVE, I2C_SMBUS = 0x0703, 0x0720
QUICK_WRITE = struct.pack("@BBIP", 0, 0, 0, 0)
"""The kernel's ``i2c_smbus_ioctl_data``: the address and nothing else."""


class BoardRefusedError(Exception):
    """There is no such board, or setup does nothing for it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the shell asks for. Return the exit code (sysexits.h)."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], Iterator[str]] = options.run
    try:
        sys.stdout.writelines([f"{line}\n" for line in run(options)])
    except BoardRefusedError as error:
        sys.stderr.write(f"{error}\n")
        return os.EX_USAGE
    return os.EX_OK


def names(_options: argparse.Namespace) -> Iterator[str]:
    """Print the boards that can be set up: name, title."""
    yield from (f"{name}={board.title}" for name, board in load_boards().items() if board.tier < 3)


def show(options: argparse.Namespace) -> Iterator[str]:
    """Print what has to be set up for one board."""
    known = board_names()
    if options.name not in known:
        near = difflib.get_close_matches(options.name, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise BoardRefusedError(f"there is no board {options.name!r}; {hint}")
    found = load_board(options.name)
    if found.tier == 3:
        raise BoardRefusedError(
            f"the {found.title} needs a driver that is built for each kernel: it is documented only"
        )
    card = found.card
    yield f"title={found.title}"
    yield f"overlay={card.overlay if card else ''}"
    yield f"cards={' '.join(card.ids) if card else ''}"
    yield f"spi={'yes' if found.leds and found.leds.driver == 'apa102-spi' else ''}"


def detect(options: argparse.Namespace) -> Iterator[str]:
    """Print which boards it could be, the likeliest first, and why."""
    verdict = look(options.root)
    known = load_boards()
    candidates = [name for name in verdict.candidates if known[name].tier < 3]
    reasons = list(verdict.reasons)
    if not candidates and options.probe:
        candidates, seen = by_address(probe(Path("/dev/i2c-1")))
        reasons += seen
    candidates.sort(key=lambda name: (FIRST_CHOICE.index(name) if name in FIRST_CHOICE else len(FIRST_CHOICE), name))
    yield f"candidates={' '.join(candidates)}"
    yield f"reasons={'; '.join(reasons)}"


def by_address(answered: frozenset[int]) -> tuple[list[str], list[str]]:
    """Return which boards have chips at those I2C addresses, and what was seen. An address alone rarely tells."""
    seen = [f"something answers on I2C at {address:#04x}" for address in sorted(answered)]
    if answered & {AC108, AC108_TOO, XMOS}:
        return [], seen  # boards that Talkbox does not set up, some of them with a codec at these addresses too
    found = []
    if WM8960 in answered:
        found += ["respeaker-2mic-v1", "adafruit-voice-bonnet", "codec-zero", "keyestudio-ks0314", "waveshare-wm8960"]
    if AIC3104 in answered:
        found += ["respeaker-2mic-v2"]
    return found, seen


def probe(bus: Path) -> frozenset[int]:
    """Return which of a few addresses answer on I2C, asked as `i2cdetect` does: no register is written or read."""
    try:
        with bus.open("rb+", buffering=0) as device:
            return frozenset(one for one in (WM8960, AIC3104, XMOS, AC108, AC108_TOO) if _answers(device.fileno(), one))
    except OSError:
        return frozenset()


def _answers(bus: int, address: int) -> bool:
    try:
        fcntl.ioctl(bus, I2C_SLAVE, address)
        fcntl.ioctl(bus, I2C_SMBUS, QUICK_WRITE)
    except OSError as error:
        return error.errno == errno.EBUSY  # a driver has it, so it is there
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="What provisioning/setup.sh asks about boards.")
    verbs = parser.add_subparsers(required=True)

    def verb(name: str, run: Callable[[argparse.Namespace], Iterator[str]]) -> argparse.ArgumentParser:
        added = verbs.add_parser(name, help=run.__doc__)
        added.set_defaults(run=run)
        return added

    verb("list", names)
    verb("show", show).add_argument("name")
    looking = verb("detect", detect)
    looking.add_argument("root", type=Path)
    looking.add_argument("--probe", action="store_true", help="ask I2C-1 too")
    return parser


if __name__ == "__main__":
    sys.exit(main())
