"""
What every board promises, as functions: the simulated one, gpiozero's mock pins, and real pins and buses.

A broken promise is an `AssertionError`. Nothing here needs pytest, so the same functions run inside the virtual Pi, and
on a real one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from talkbox.controls.ports import Controls
from talkbox.lights.ports import Leds

Rgb = tuple[int, int, int]
Seen = Callable[[], tuple[Rgb, ...]]
"""Gives what a person sees now, one color per LED."""

Wait = Callable[[Callable[[], bool]], None]
"""Returns when something is true; `AssertionError` if it does not become true."""

RED, GREEN, BLUE, WHITE, DARK = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0)


class Hand(Protocol):
    """Fingers on a board. What it does is done when it returns; the board may report it later."""

    def press(self) -> None:
        """Push the button down."""
        ...

    def release(self) -> None:
        """Let it go."""
        ...

    def push(self) -> None:
        """Push the encoder's switch and let it go."""
        ...

    def turn(self, detents: int, *, ms_per_detent: float = 40.0, bounce_ms: float = 0.0) -> None:
        """Turn the encoder, clockwise if positive; each edge bounces for ``bounce_ms``, where contacts can."""
        ...


class Log:
    """Listens to controls and remembers what they report."""

    def __init__(self, controls: Controls) -> None:
        self.button: list[bool] = []
        self.turns: list[int] = []
        self.switch: list[bool] = []
        self.stamps_s: list[float] = []
        controls.listen(button=self._button, turned=self._turned, pushed=self._pushed)

    @property
    def empty(self) -> bool:
        """Whether nothing was reported."""
        return not self.stamps_s

    def _button(self, pressed: bool, at_s: float) -> None:
        self.button.append(pressed)
        self.stamps_s.append(at_s)

    def _turned(self, detents: int, at_s: float) -> None:
        self.turns.append(detents)
        self.stamps_s.append(at_s)

    def _pushed(self, pressed: bool, at_s: float) -> None:
        self.switch.append(pressed)
        self.stamps_s.append(at_s)


def at_once(done: Callable[[], bool]) -> None:
    """Wait for nobody: for boards without threads."""
    assert done()


def fingers_are_reported(
    controls: Controls, hand: Hand, *, wait: Wait = at_once, now_s: Callable[[], float] = time.monotonic
) -> None:
    """Press, turn, push and release arrive, each as itself, in order, and with the time at which they happened."""
    began_s, log = now_s(), Log(controls)
    assert not controls.button_closed()
    hand.press()
    wait(lambda: log.button == [True])
    assert controls.button_closed()
    hand.turn(3)
    wait(lambda: sum(log.turns) == 3)
    hand.turn(-2)
    wait(lambda: sum(log.turns) == 1)
    hand.push()
    wait(lambda: log.switch == [True, False])
    hand.release()
    wait(lambda: log.button == [True, False])
    assert not controls.button_closed()
    assert not controls.switch_closed()
    assert log.stamps_s == sorted(log.stamps_s)
    assert began_s <= log.stamps_s[0] <= log.stamps_s[-1] <= now_s()


def a_fast_turn_loses_no_detent(
    controls: Controls, hand: Hand, *, wait: Wait = at_once, bounce_ms: float = 1.0
) -> None:
    """4 detents in 100 ms, ten times in a row, with bounce, there and back."""
    log = Log(controls)
    hand.turn(40, ms_per_detent=25.0, bounce_ms=bounce_ms)
    wait(lambda: sum(log.turns) == 40)
    hand.turn(-40, ms_per_detent=25.0, bounce_ms=bounce_ms)
    wait(lambda: sum(log.turns) == 0)
    assert sum(abs(detents) for detents in log.turns) == 80


def closed_controls_are_silent(controls: Controls, hand: Hand) -> None:
    """After `close`, once or twice, nothing is reported. Closes the controls."""
    log = Log(controls)
    controls.close()
    controls.close()
    hand.press()
    hand.turn(1)
    hand.push()
    hand.release()
    assert log.empty


def a_new_listener_takes_over(controls: Controls, hand: Hand, *, wait: Wait = at_once) -> None:
    """Only the last listener hears anything."""
    before = Log(controls)
    after = Log(controls)
    hand.press()
    hand.release()
    wait(lambda: after.button == [True, False])
    assert before.empty


def frames_are_seen(leds: Leds, seen: Seen) -> None:
    """Each frame is seen when `show` returns, LED by LED and color by color."""
    for shift in range(leds.count + 1):
        for color in (RED, GREEN, BLUE, WHITE):
            frame = [color if led == shift else DARK for led in range(leds.count)]
            leds.show(frame)
            assert seen() == tuple(frame)


def levels_are_seen(leds: Leds, seen: Seen) -> None:
    """For LEDs that can be dimmed: every level of every channel is its own, and the lowest is not dark."""
    for level in (1, 2, 127, 128, 254, 255):
        frame = [(level, 0, 255 - level)] * leds.count
        leds.show(frame)
        assert seen() == tuple(frame)


def closed_leds_are_dark(leds: Leds, seen: Seen) -> None:
    """They go out at the first `close`, the second does nothing, and a frame after it is an `OSError`."""
    leds.show([WHITE] * leds.count)
    leds.close()
    assert seen() == (DARK,) * leds.count
    leds.close()
    _raises(OSError, leds, [WHITE] * leds.count)
    assert seen() == (DARK,) * leds.count


def left_over_light_goes_out(leds: Leds, lit_by_another: Callable[[], None], seen: Seen) -> None:
    """What another program left lit goes out at `close`, though this one never lit it."""
    lit_by_another()
    leds.close()
    assert seen() == (DARK,) * leds.count


def impossible_frames_are_bugs(leds: Leds, seen: Seen) -> None:
    """A `ValueError`, and what is seen stays."""
    leds.show([GREEN] * leds.count)
    for frame in ([GREEN] * (leds.count + 1), [(256, 0, 0)] * leds.count, [(0, -1, 0)] * leds.count):
        _raises(ValueError, leds, frame)
        assert seen() == (GREEN,) * leds.count


def a_dead_bus_is_an_os_error(leds: Leds, seen: Seen, *, kill: Callable[[], None], mend: Callable[[], None]) -> None:
    """As long as it is dead; once mended, the next frame is seen."""
    leds.show([RED] * leds.count)
    kill()
    _raises(OSError, leds, [BLUE] * leds.count)
    _raises(OSError, leds, [BLUE] * leds.count)
    mend()
    leds.show([BLUE] * leds.count)
    assert seen() == (BLUE,) * leds.count


def _raises(kind: type[Exception], leds: Leds, frame: Sequence[Rgb]) -> None:
    try:
        leds.show(frame)
    except kind:
        return
    raise AssertionError(f"{frame} was shown")
