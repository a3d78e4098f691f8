"""
The board: which one it is, and its LEDs, its controls and its sound card, fitted to what is configured.

Half of the composition root: with `program.py`, it alone knows `talkbox_hardware`. No pin is driven before the board is
known.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property, partial

from talkbox.appliance.sound import PI_EXTRA, BoardCard, pi_model
from talkbox.config import Config
from talkbox.controls.ports import Controls
from talkbox.errors import BoardUnusable, ConfigError, MissingFeature
from talkbox.lights.ports import Leds
from talkbox_hardware import mixer
from talkbox_hardware.board import Board, BoardError, Button, Encoder, load_boards
from talkbox_hardware.cards import CardNames, mixer_name, pcm_name, wait_for_card
from talkbox_hardware.describe import describe
from talkbox_hardware.detect import Verdict, detect, wait_for_board
from talkbox_hardware.fakes import SimulatedControls, SimulatedLeds
from talkbox_hardware.gpio import (
    CONFLICT_HINT,
    GpioError,
    PinFactory,
    choose_factory,
    rpi_gpio_conflict,
    uses_lgpio,
)
from talkbox_hardware.leds import NoLeds, leds_of
from talkbox_hardware.panel import BoardControls

log = logging.getLogger(__name__)

_POLL_S = 0.2
AUTO, SIMULATED = "auto", "simulated"
DOCUMENTED_ONLY = 3


class Hardware:
    """
    The board of a configuration.

    Args:
        config: Wins over what is detected.
        patience_s: How long to look for a board: at boot its devices appear while we start.

    Raises:
        ConfigError: If there is no such board, it could be one of several, or its pins cannot be these.
    """

    def __init__(self, config: Config, *, patience_s: float = 0.0) -> None:
        self._settings = config.hardware
        self._card_is_named = bool(config.audio.capture and config.audio.playback)
        self._where = config.origins["hardware.board"]
        boards, verdict = _look(patience_s if self._settings.board == AUTO and _on_a_pi() else 0.0)
        self.board = self._configured(self._chosen(boards, verdict))
        self._factory: PinFactory | None = None
        self._mixer_lacks: tuple[str, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether the board is in memory only."""
        return self.board.name == SIMULATED

    @cached_property
    def dims(self) -> bool:
        """Whether its LEDs can be dimmed; plain ones are on or off."""
        return self.board.leds is None or self.board.leds.driver != "plain"

    @property
    def cancels_echo(self) -> bool:
        """Whether the card in use is the board's own, and does not hear what it plays itself."""
        card = self.board.card
        return card is not None and card.hardware_aec and not self._card_is_named

    def leds(self) -> Leds:
        """
        Return the LEDs; nothing is lit yet. A device without the library for them is one without LEDs.

        Raises:
            ConfigError, MissingFeature, BoardUnusable: If they hang on pins that cannot be had.
        """
        if self.simulated:
            return SimulatedLeds()
        try:
            with self._translated():
                return leds_of(self.board, factory=self._pins)
        except MissingFeature as error:
            log.warning("no lights: %s", error, extra={"event": "lights_missing", "hint": error.hint})
            return NoLeds()

    def controls(self) -> Controls:
        """
        Return the button and the encoder, claimed.

        Raises:
            ConfigError, MissingFeature, BoardUnusable: If the pins cannot be had.
        """
        if self.simulated or (self.board.button is None and self.board.encoder is None):
            return SimulatedControls()
        with self._translated():
            return BoardControls(self.board, factory=self._pins())

    def card(self) -> BoardCard | None:
        """
        Return the board's sound card under the name that it most likely has, whether it is there or not.

        `None`: the board has none of its own, or any would do and the configuration names one.
        """
        card = self.board.card
        if card is None or (not card.ids and self._card_is_named):
            return None
        first = card.ids[0] if card.ids else "none"
        return self._board_card(CardNames(capture_id=first, playback_id=first))

    def find_card(
        self,
        patience_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> BoardCard | None:
        """
        Return the board's sound card as it is called, its mixer set; blocks for up to `patience_s` seconds.

        `None`: it is not there, or not with everything yet: the kernel lists a card before it can be opened. Whoever
        waited for it is told what is missing; others will be by what they open.
        """
        assert self.board.card is not None  # noqa: S101  `card` was asked first
        deadline = clock() + patience_s
        try:
            names = wait_for_card(self.board.card.ids, timeout_s=patience_s)
        except OSError as error:
            if patience_s > 0.0:
                extra = {"event": "card_missing", "hint": "check that the board is seated and its overlay loaded"}
                log.warning("%s", error.strerror, extra=extra)
            return None
        problem = self._mixer_problem(names)
        while problem and clock() < deadline:
            sleep(_POLL_S)
            problem = self._mixer_problem(names)
        if problem and patience_s == 0.0:
            return None
        if problem:
            extra = {"event": "mixer_failed", "hint": "see the card's own controls with `amixer contents`"}
            log.warning("the mixer was not set: %s", problem, extra=extra)
        return self._board_card(names)

    def _board_card(self, names: CardNames) -> BoardCard:
        card = self.board.card
        assert card is not None  # noqa: S101  only a card has names
        return BoardCard(
            capture=pcm_name(names.capture_id),
            playback=pcm_name(names.playback_id),
            formats=card.formats,
            channels=card.channels,
            rates_hz=card.rates_hz,
            set_mixer=partial(self._set_mixer, names),
        )

    def close(self) -> None:
        """Let go of the pins; after the LEDs and the controls. Idempotent."""
        if self._factory is not None:
            self._factory.close()
            self._factory = None

    def _mixer_problem(self, names: CardNames) -> str:
        """Set the mixer; return why it could not be set at all."""
        try:
            self._set_mixer(names)
        except OSError as error:
            return error.strerror or str(error)
        return ""

    def _set_mixer(self, names: CardNames) -> None:
        """
        Set it, and say what it lacks, unless that was said the last time.

        Raises:
            OSError: If there is no such card.
        """
        assert self.board.card is not None  # noqa: S101  only a card has names
        lacks = tuple(map(str, mixer.apply(mixer_name(names.playback_id), self.board.card.profile)))
        for problem in lacks:
            if problem not in self._mixer_lacks:
                log.warning("mixer: %s", problem, extra={"event": "mixer"})
        self._mixer_lacks = lacks

    def _chosen(self, boards: dict[str, Board], verdict: Verdict) -> Board:
        name = self._settings.board
        if name == AUTO and not _on_a_pi():
            name = SIMULATED  # a PC's USB headset has no pins beside it
        if name == AUTO:
            for reason in verdict.reasons:
                log.info("board: %s", reason, extra={"event": "board"})
            if verdict.board is None and verdict.candidates:
                raise ConfigError(
                    f"{self._where}: hardware.board must say which: it could be {', '.join(verdict.candidates)}",
                    hint=f'set hardware.board = "{verdict.candidates[0]}", or what it really is',
                )
            name = verdict.board or SIMULATED
        if name not in boards:
            raise ConfigError(
                f"{self._where}: hardware.board must be one of {', '.join((AUTO, *sorted(boards)))}, not {name!r}",
                hint="`talkbox board` says what is found, and why",
            )
        if boards[name].tier >= DOCUMENTED_ONLY:
            raise ConfigError(
                f"{self._where}: hardware.board {name} is documented only: this version does not drive it",
                hint="hardware/README.md says what is known of it",
            )
        return boards[name]

    def _configured(self, board: Board) -> Board:
        """Put the configuration's pins in the place of the board's own."""
        settings, button, encoder = self._settings, board.button, board.encoder
        if settings.button_gpio >= 0:
            button = Button(gpio=settings.button_gpio)
        a_gpio, b_gpio = settings.encoder_a_gpio, settings.encoder_b_gpio
        if (a_gpio >= 0) != (b_gpio >= 0):
            raise ConfigError("hardware.encoder_a_gpio and hardware.encoder_b_gpio must be set together")
        if a_gpio >= 0:
            encoder = Encoder(a_gpio=a_gpio, b_gpio=b_gpio)
        if encoder is not None:
            if settings.encoder_switch_gpio >= 0:
                encoder = replace(encoder, switch_gpio=settings.encoder_switch_gpio)
            if settings.encoder_edges_per_detent != "auto":
                encoder = replace(encoder, edges_per_detent=settings.encoder_edges_per_detent)
            if settings.encoder_reverse:
                encoder = replace(encoder, reverse=not encoder.reverse)
        return replace(board, button=button, encoder=encoder)

    def _pins(self) -> PinFactory:
        if self._factory is None:
            self._factory = choose_factory(self._settings.gpio)
            if uses_lgpio(self._factory) and (conflict := rpi_gpio_conflict()):
                log.warning("%s", conflict, extra={"hint": CONFLICT_HINT})
        return self._factory

    @contextmanager
    def _translated(self) -> Iterator[None]:
        """Turn what the hardware raises into errors of ours."""
        try:
            yield
        except ImportError as error:
            raise MissingFeature(
                f"the board {self.board.name} needs {error.name}, which is not installed",
                hint=f"{PI_EXTRA}; lgpio: sudo apt install python3-lgpio",
            ) from error
        except GpioError as error:
            raise MissingFeature(str(error), hint=error.hint) from error
        except ValueError as error:
            raise ConfigError(str(error), hint="see hardware/README.md for the pins that are free") from error
        except OSError as error:
            where = f": {error.filename}" if error.filename is not None else ""
            raise BoardUnusable(f"{(error.strerror or str(error)).lower()}{where}") from error


def described(config: Config) -> str:
    """
    Return what was found and why, and all that is known of the board in use, for `talkbox board`.

    Raises:
        ConfigError: If the configuration names a board that there is not.
    """
    _, verdict = _look()
    ambiguous = config.hardware.board == AUTO and verdict.board is None and bool(verdict.candidates)
    return describe(verdict, None if ambiguous else Hardware(config).board)


def _on_a_pi() -> bool:
    return pi_model().startswith("Raspberry Pi")


def _look(patience_s: float = 0.0) -> tuple[dict[str, Board], Verdict]:
    try:
        boards = load_boards()
    except BoardError as error:
        raise ConfigError(str(error), hint="a board file of this installation is damaged: install it again") from error
    return boards, wait_for_board(patience_s, boards=boards) if patience_s else detect(boards=boards)
