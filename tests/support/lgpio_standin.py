"""
Stands for the module `lgpio` 0.2.2, under the real gpiozero: chips, lines, levels, and its traps.

Written from its source. What it leaves out: groups, PWM, and the buses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType

Callback = Callable[[int, int, int, int], None]

_IS_OUT, _IS_ALERT = 1 << 1, 1 << 10
_PULLS = {1 << 5: True, 1 << 6: False}


@dataclass(slots=True)
class Line:
    """One line of a chip."""

    mode: int = 0
    level: bool = False
    outside: bool | None = None  # what a finger holds it at
    debounce_us: int = 0
    unsettled: tuple[int, bool] | None = None  # an edge that debouncing holds back: when, and to which level


@dataclass(slots=True)
class Chip:
    """One GPIO chip: the names of its lines, and whether this user may open it."""

    label: str
    names: tuple[str, ...] = tuple(f"GPIO{number}" for number in range(28))
    refused: bool = False
    lines: dict[int, Line] = field(default_factory=dict)

    def line(self, number: int) -> Line:
        return self.lines.setdefault(number, Line())


class error(Exception):  # noqa: N801  the name is lgpio's
    def __str__(self) -> str:
        return repr(self.args[0])


class _Registration:
    def __init__(self, registered: list[_Registration], chip: int, gpio: int, function: Callback) -> None:
        self._registered, self.chip, self.gpio, self.function = registered, chip, gpio, function
        registered.append(self)

    def cancel(self) -> None:
        self._registered.remove(self)


class Lgpio(ModuleType):
    """
    Put it into `sys.modules` as ``lgpio``.

    Attributes:
        chips: By number.
        now_ns: Its clock; a test moves it.
        loses_wake_ups: How many of the next wake-ups of its thread get lost.
        awake: Whether its thread looks at the lines.
        open_handles: Handles that nobody has closed yet.
        callbacks: What listens to edges now.
        opened: How many chips were opened so far.
        busy: Lines that another process has.
        dead: Whether writing fails.
    """

    BOTH_EDGES, RISING_EDGE, FALLING_EDGE = 3, 1, 2
    SET_PULL_UP, SET_PULL_DOWN, SET_PULL_NONE = 1 << 5, 1 << 6, 1 << 7
    error = error

    def __init__(self, chips: dict[int, Chip] | None = None) -> None:
        super().__init__("lgpio")
        self.chips = {0: Chip("pinctrl-bcm2711")} if chips is None else chips
        self.now_ns = 0
        self.loses_wake_ups = 0
        self.awake = False
        self.open_handles: set[int] = set()
        self.busy: set[int] = set()
        self.dead = False
        self.opened = 0
        self.callbacks: list[_Registration] = []

    # What a finger does, and an eye.

    def drive(self, gpio: int, level: bool, *, chip: int = 0) -> None:
        """Hold a line at a level from outside."""
        line = self.chips[chip].line(gpio)
        line.outside = level
        self._settle(chip, gpio, level)

    def rest(self, ms: float) -> None:
        """Let time pass."""
        self.now_ns += round(ms * 1e6)
        for number, chip in self.chips.items():
            for gpio, line in chip.lines.items():
                self._debounced(number, gpio, line)

    def level(self, gpio: int, *, chip: int = 0) -> bool:
        """Read a line, also an output."""
        return self.chips[chip].line(gpio).level

    # lgpio's own.

    def gpiochip_open(self, number: int) -> int:
        if number not in self.chips or self.chips[number].refused:
            raise error("can not open gpiochip")
        self.opened += 1
        handle = self.opened | number << 16
        self.open_handles.add(handle)
        return handle

    def gpiochip_close(self, handle: int) -> None:
        self.open_handles.remove(handle)
        self._wake()

    def gpio_get_chip_info(self, handle: int) -> tuple[int, int, str, str]:
        chip = self._chip(handle)
        return 0, len(chip.names), f"gpiochip{handle >> 16}", chip.label

    def gpio_get_line_info(self, handle: int, gpio: int) -> tuple[int, int, int, str, str]:
        return 0, gpio, 0, self._chip(handle).names[gpio], ""

    def gpio_claim_input(self, handle: int, gpio: int, flags: int = 0) -> None:
        self._claim(handle, gpio, flags)

    def gpio_claim_output(self, handle: int, gpio: int, level: int = 0, flags: int = 0) -> None:
        self._claim(handle, gpio, flags | _IS_OUT).level = bool(level)

    def gpio_claim_alert(self, handle: int, gpio: int, edges: int, flags: int = 0, _notify: int | None = None) -> None:
        assert edges == self.BOTH_EDGES
        self._claim(handle, gpio, flags | _IS_ALERT)
        self._wake()

    def gpio_free(self, handle: int, gpio: int) -> None:
        self._chip(handle).line(gpio).mode = 0

    def gpio_get_mode(self, handle: int, gpio: int) -> int:
        return self._chip(handle).line(gpio).mode

    def gpio_read(self, handle: int, gpio: int) -> int:
        return int(self._chip(handle).line(gpio).level)

    def gpio_write(self, handle: int, gpio: int, level: int) -> None:
        if self.dead:
            raise error("GPIO write failed")
        self._chip(handle).line(gpio).level = bool(level)

    def gpio_set_debounce_micros(self, handle: int, gpio: int, micros: int) -> None:
        self._chip(handle).line(gpio).debounce_us = micros

    def callback(self, handle: int, gpio: int, _edges: int, function: Callback) -> _Registration:
        return _Registration(self.callbacks, handle >> 16, gpio, function)

    def _chip(self, handle: int) -> Chip:
        assert handle in self.open_handles
        return self.chips[handle >> 16]

    def _claim(self, handle: int, gpio: int, mode: int) -> Line:
        if gpio in self.busy:
            raise error("GPIO busy")
        line = self._chip(handle).line(gpio)
        line.mode = mode
        pulled = [level for bit, level in _PULLS.items() if mode & bit]
        line.level = line.outside if line.outside is not None else (pulled or [line.level])[0]
        return line

    def _wake(self) -> None:
        watched = any(line.mode & _IS_ALERT for chip in self.chips.values() for line in chip.lines.values())
        if self.loses_wake_ups and watched:
            self.loses_wake_ups -= 1
        else:
            self.awake = self.awake or watched

    def _settle(self, chip: int, gpio: int, level: bool) -> None:
        line = self.chips[chip].line(gpio)
        if line.mode & _IS_OUT or line.level is level:
            return
        line.level = level
        if not line.debounce_us:
            self._report(chip, gpio, level, self.now_ns)
            return
        self._debounced(chip, gpio, line)
        line.unsettled = (self.now_ns, level)

    def _debounced(self, chip: int, gpio: int, line: Line) -> None:
        """Report an edge after which the line has rested."""
        if line.unsettled is not None and self.now_ns - line.unsettled[0] > line.debounce_us * 1000:
            at_ns, level = line.unsettled
            line.unsettled = None
            self._report(chip, gpio, level, at_ns + line.debounce_us * 1000)

    def _report(self, chip: int, gpio: int, level: bool, at_ns: int) -> None:
        if self.awake and self.chips[chip].line(gpio).mode & _IS_ALERT:
            for each in list(self.callbacks):
                if (each.chip, each.gpio) == (chip, gpio):
                    each.function(chip, gpio, int(level), at_ns)
