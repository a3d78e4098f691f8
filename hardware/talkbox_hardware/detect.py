"""
Which board is there, and how one knows. Only reads files: nothing is written, no pin is driven, no bus is probed.

In the order of trust: the EEPROM of a HAT, the sound cards, USB, what an overlay wrote into the device tree, the chips
that drivers are bound to. Each narrows down what the others leave open. What cannot be told apart is not guessed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from .board import Board, load_boards
from .cards import SoundCard, read_cards

HAT = "proc/device-tree/hat"
OVERLAY = "proc/device-tree/hardware"
USB_DEVICES = "sys/bus/usb/devices"
I2C_DEVICES = "sys/bus/i2c/devices"

HEADER = "header"
"""Everything that is not on USB is one board, on the header."""

Boards = Mapping[str, Board]

_POLL_S = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """
    What was found.

    Attributes:
        board: The name of the board; `None` if there is none, or none for certain.
        candidates: The names of all that it could be; several: ambiguous, and the configuration has to say.
        reasons: What was seen and what it means, a line each, in the order of trust.
    """

    board: str | None
    candidates: tuple[str, ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Something seen, and the boards with which it is seen; `device`: on the header, or which device on USB."""

    device: str
    seen: str
    boards: frozenset[str]
    is_overlay: bool = False

    def __str__(self) -> str:
        return f"{self.seen}: {', '.join(sorted(self.boards)) or 'no board of ours'}"


def detect(root: Path = Path("/"), boards: Boards | None = None) -> Verdict:
    """
    Look for a board.

    Args:
        root: Where ``proc`` and ``sys`` are.
        boards: Those that there are, by name; `None`: all that Talkbox knows.

    Raises:
        BoardError: If the files of the boards cannot be used.
    """
    known = load_boards() if boards is None else boards
    cards = read_cards(root)
    evidence = (
        *_eeprom(root, known),
        *_cards(cards, known),
        *_usb(root, known),
        *_overlay(root, known),
        *_chips(root, known),
    )
    seen_on: dict[str, list[frozenset[str]]] = {}
    for one in evidence:
        if one.boards:
            seen_on.setdefault(one.device, []).append(one.boards)
    # What contradicts itself leaves everything open: better no board than the wrong pins.
    suspects = [frozenset.intersection(*seen) or frozenset.union(*seen) for seen in seen_on.values()]
    candidates = sorted(frozenset().union(*suspects))
    reasons = [str(one) for one in evidence]
    reasons += _relatives(evidence, candidates)
    if not candidates and (usb := [card for card in cards if card.usb_id is not None]):
        candidates = sorted(name for name, board in known.items() if board.detection.any_usb_card)
        reasons.append(f"no other board, and a sound card on USB, {usb[0].title}: {', '.join(candidates)}")
    if not candidates:
        reasons.append("nothing that was seen belongs to a board")
    certain = candidates[0] if len(candidates) == 1 else None
    return Verdict(board=certain, candidates=tuple(candidates), reasons=tuple(reasons))


def wait_for_board(
    timeout_s: float,
    *,
    root: Path = Path("/"),
    boards: Boards | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Verdict:
    """
    Look as `detect` does until it is certain which board is there, for up to `timeout_s`: drivers bind during the boot.

    Raises:
        BoardError: As `detect` does.
    """
    deadline = clock() + timeout_s
    while (verdict := detect(root, boards)).board is None and clock() < deadline:
        sleep(_POLL_S)
    return verdict


def _relatives(evidence: tuple[Evidence, ...], candidates: list[str]) -> Iterator[str]:
    """Say it where nothing but an overlay tells the board from others, whose owners may have used the same overlay."""
    others = [one.boards for one in evidence if one.boards and one.device == HEADER and not one.is_overlay]
    if others:
        relatives = sorted(frozenset.intersection(*others) - frozenset(candidates))
        if relatives:
            yield f"only the overlay says that it is not {', '.join(relatives)}: if it is, set hardware.board"


def _eeprom(root: Path, boards: Boards) -> Iterator[Evidence]:
    product = _text(root / HAT / "product")
    if product:
        number = _hexadecimal(_text(root / HAT / "product_id"))
        found = (
            name
            for name, board in boards.items()
            if any(part.lower() in product.lower() for part in board.detection.hat_products)
            and (not board.detection.hat_product_ids or number in board.detection.hat_product_ids)
        )
        yield Evidence(device=HEADER, seen=f"EEPROM of the HAT says {product!r}", boards=frozenset(found))


def _cards(cards: tuple[SoundCard, ...], boards: Boards) -> Iterator[Evidence]:
    for card in cards:
        found = frozenset(name for name, board in boards.items() if _is_card_of(card, board))
        yield Evidence(device=card.usb_id or HEADER, seen=f"sound card {card.id} ({card.title})", boards=found)


def _is_card_of(card: SoundCard, board: Board) -> bool:
    usb_ids, on_usb = board.detection.usb_ids, bool(board.detection.usb_ids or board.detection.usb_products)
    if on_usb != (card.usb_id is not None) or card.id not in board.detection.card_ids:
        return False
    return not usb_ids or card.usb_id in usb_ids


def _usb(root: Path, boards: Boards) -> Iterator[Evidence]:
    for device in _entries(root / USB_DEVICES):
        usb_id = f"{_text(device / 'idVendor')}:{_text(device / 'idProduct')}"
        product = _text(device / "product")
        found = frozenset(
            name
            for name, board in boards.items()
            if usb_id in board.detection.usb_ids or product in board.detection.usb_products
        )
        if found:  # a mouse is no news
            yield Evidence(device=usb_id, seen=f"USB device {usb_id} ({product})", boards=found)


def _overlay(root: Path, boards: Boards) -> Iterator[Evidence]:
    text = _text(root / OVERLAY)
    if text:
        found = (name for name, board in boards.items() if text in board.detection.device_tree)
        yield Evidence(device=HEADER, seen=f"device tree says {text!r}", boards=frozenset(found), is_overlay=True)


def _chips(root: Path, boards: Boards) -> Iterator[Evidence]:
    chips = {
        int(device.name.removeprefix("1-"), 16): _text(device / "name")
        for device in _entries(root / I2C_DEVICES)
        if device.name.startswith("1-") and _hexadecimal(device.name.removeprefix("1-")) is not None
    }
    matches = {
        name: board.detection.i2c_chips
        for name, board in boards.items()
        if board.detection.i2c_chips
        and all(chips.get(one.address, "").startswith(one.chip) for one in board.detection.i2c_chips)
    }
    if matches:
        # A board with a codec and two converters is not the board that has the codec alone.
        most = max(len(chips) for chips in matches.values())
        found = {name: chips for name, chips in matches.items() if len(chips) == most}
        seen = ", ".join(sorted({f"{one.chip} at {one.address:#04x}" for chips in found.values() for one in chips}))
        yield Evidence(device=HEADER, seen=f"I2C chip {seen}", boards=frozenset(found))


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    """Return a file's text, which in a device tree ends with NUL; ``""`` if there is none."""
    try:
        return path.read_bytes().decode("utf-8", "replace").strip("\0\n ")
    except OSError:
        return ""


def _hexadecimal(text: str) -> int | None:
    try:
        return int(text, 16)
    except ValueError:
        return None
