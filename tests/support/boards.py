"""Boards for tests: made up, so that no test depends on a board file."""

from __future__ import annotations

from talkbox_hardware.board import Board, Button, Detection, Encoder, Fact, LedStrip


def board(
    *,
    leds: LedStrip | None = None,
    button: Button | None = None,
    encoder: Encoder | None = None,
    forbidden_gpios: tuple[int, ...] = (2, 3, 18, 19, 20, 21),
) -> Board:
    """Return a board that is called "made-up"."""
    return Board(
        name="made-up",
        title="Made up",
        tier=1,
        leds=leds,
        button=button,
        encoder=encoder,
        forbidden_gpios=forbidden_gpios,
        detection=Detection(),
        facts=(Fact(statement="it does not exist", source="this file", sureness="verified"),),
    )


def talking_board() -> Board:
    """Return a board with a button on 17 and an encoder on 12, 13 and 26."""
    return board(button=Button(gpio=17), encoder=Encoder(a_gpio=12, b_gpio=13, switch_gpio=26))
