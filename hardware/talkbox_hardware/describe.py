"""A verdict and a board in words, for `talkbox board`."""

from __future__ import annotations

from collections.abc import Iterator

from .board import Board, Card, LedStrip
from .detect import Verdict

_TIERS = {1: "made for it", 2: "should work", 3: "documented only: Talkbox does not run on it"}


def describe(verdict: Verdict, board: Board | None = None) -> str:
    """
    Return what was found and why, and all that is known of a board, in lines.

    Args:
        verdict: What `detect.detect` says.
        board: The board in use, which the configuration may have named against the verdict; `None`: none.
    """
    return "\n".join([*_verdict(verdict), *(["", *_board(board)] if board else [])])


def _verdict(verdict: Verdict) -> Iterator[str]:
    if verdict.board is not None:
        yield f"found: {verdict.board}"
    elif verdict.candidates:
        yield f"ambiguous: {', '.join(verdict.candidates)}"
        yield f'  say which: hardware.board = "{verdict.candidates[0]}"'
    else:
        yield "found: no board"
    yield from (f"  {reason}" for reason in verdict.reasons)


def _board(board: Board) -> Iterator[str]:
    yield f"{board.name}: {board.title} (tier {board.tier}: {_TIERS[board.tier]})"
    for name, text in _parts(board):
        yield f"  {name:<9} {text}"
    yield "  known, from whom, and how surely:"
    for fact in board.facts:
        yield f"    {fact.statement}"
        yield f"      {fact.sureness}: {fact.source}"


def _parts(board: Board) -> Iterator[tuple[str, str]]:
    if board.card is not None:
        yield from _card(board.card)
    if board.leds is not None:
        yield "leds", _leds(board.leds)
    if board.button is not None:
        level = "low" if board.button.active_low else "high"
        yield "button", f"GPIO{board.button.gpio}, {level} when pressed"
    if board.encoder is not None:
        encoder = board.encoder
        switch = "" if encoder.switch_gpio is None else f", switch GPIO{encoder.switch_gpio}"
        yield "encoder", f"A GPIO{encoder.a_gpio}, B GPIO{encoder.b_gpio}{switch}"
    if board.forbidden_gpios:
        yield "never", ", ".join(f"GPIO{gpio}" for gpio in board.forbidden_gpios)


def _card(card: Card) -> Iterator[tuple[str, str]]:
    ids = " or ".join(card.ids) or "whichever is on USB"
    rates = ", ".join(f"{rate} Hz" for rate in card.rates_hz)
    channels = ", ".join(map(str, card.channels))
    yield "card", f"{ids}; {rates}; {', '.join(card.formats)}; channels {channels}"
    yield "speaker", f"{card.speaker_channel}; echo canceled by {'the board' if card.hardware_aec else 'Talkbox'}"
    if card.overlay:
        yield "overlay", card.overlay


def _leds(leds: LedStrip) -> str:
    if leds.driver == "plain":
        return f"{leds.count} plain on {', '.join(f'GPIO{gpio}' for gpio in leds.gpios)}"
    power = "" if leds.power_gpio is None else f", power GPIO{leds.power_gpio}"
    return f"{leds.count} {leds.driver}, data GPIO{leds.data_gpio}, clock GPIO{leds.clock_gpio}{power}"
