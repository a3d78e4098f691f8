"""
All boards in one table, and what is known of each: the part of `hardware/README.md` that is made from the board files.

``python -m talkbox_hardware.overview`` prints it, as Markdown. Pure.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping

from .board import Board, Card, LedStrip, Sureness, load_boards

COLUMNS = ("`hardware.board`", "board", "tier", "sound card", "echo", "LEDs", "button", "encoder A, B, switch", "facts")
SURENESS: tuple[Sureness, ...] = ("verified", "reported", "one report", "unknown")
MARKS = {"verified": "✓", "reported": "·", "one report": "?", "unknown": "✗"}


def markdown(boards: Mapping[str, Board]) -> str:
    """Return the table, the best supported boards first, and then what is known of each."""
    ordered = sorted(boards.values(), key=lambda board: (board.tier, board.name))
    lines = [_row(COLUMNS), _row("---" for _ in COLUMNS), *(_row(_cells(board)) for board in ordered)]
    return "\n".join([*lines, "", *(line for board in ordered for line in _facts(board))])


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _cells(board: Board) -> Iterator[str]:
    yield f"`{board.name}`"
    yield board.title
    yield str(board.tier)
    yield _card(board.card)
    yield "" if board.card is None else "the board's" if board.card.hardware_aec else "Talkbox's"
    yield _leds(board.leds)
    yield f"GPIO{board.button.gpio}" if board.button is not None else ""
    encoder = board.encoder
    yield (
        ""
        if encoder is None
        else ", ".join(
            "–" if gpio is None else str(gpio) for gpio in (encoder.a_gpio, encoder.b_gpio, encoder.switch_gpio)
        )
    )
    counts = {sureness: sum(fact.sureness == sureness for fact in board.facts) for sureness in SURENESS}
    yield " ".join(f"{counts[sureness]}{MARKS[sureness]}" for sureness in SURENESS if counts[sureness])


def _card(card: Card | None) -> str:
    if card is None:
        return ""
    ids = " or ".join(f"`{card_id}`" for card_id in card.ids) or "any on USB"
    return ids if card.speaker_channel != "none" else f"{ids}, no loudspeaker"


def _leds(leds: LedStrip | None) -> str:
    if leds is None:
        return ""
    pins = leds.gpios if leds.driver == "plain" else (leds.data_gpio, leds.clock_gpio)
    power = f", power {leds.power_gpio}" if leds.power_gpio is not None else ""
    return f"{leds.count} {leds.driver}, GPIO{' and '.join(str(pin) for pin in pins)}{power}"


def _facts(board: Board) -> Iterator[str]:
    yield f"<details><summary>{board.title}: what is known, and from whom</summary>"
    yield ""
    ordered = sorted(board.facts, key=lambda fact: SURENESS.index(fact.sureness))
    yield from (f"* {MARKS[fact.sureness]} {fact.statement} ({fact.source})" for fact in ordered)
    yield ""
    yield "</details>"


if __name__ == "__main__":
    sys.stdout.write(markdown(load_boards()) + "\n")
