"""Stands for the module `spidev`: a bus that records what is written, and may be dead or not there."""

from __future__ import annotations

import errno
from types import ModuleType


class Spidev(ModuleType):
    """
    Put it into `sys.modules` as ``spidev``.

    Attributes:
        written: What was written, oldest first.
        settings: Bus, device, mode and speed of each opening.
        open_count: How many are open now.
        absent: Whether SPI is switched off: no device file.
        dead: Whether the bus answers no more.
    """

    def __init__(self) -> None:
        super().__init__("spidev")
        self.written: list[bytes] = []
        self.settings: list[dict[str, object]] = []
        self.open_count = 0
        self.absent = self.dead = False

    def SpiDev(self) -> SpiDev:  # noqa: N802  the name is spidev's
        return SpiDev(self)


class SpiDev:
    """One opening of the bus."""

    def __init__(self, module: Spidev) -> None:
        self._module, self._open = module, False
        self._settings: dict[str, object] = {}

    def open(self, bus: int, device: int) -> None:
        if self._module.absent:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        self._settings = {"bus": bus, "device": device}
        self._module.settings.append(self._settings)
        self._module.open_count += 1
        self._open = True

    @property
    def mode(self) -> object:
        return self._settings["mode"]

    @mode.setter
    def mode(self, mode: int) -> None:
        self._check()
        self._settings["mode"] = mode

    @property
    def max_speed_hz(self) -> object:
        return self._settings["max_speed_hz"]

    @max_speed_hz.setter
    def max_speed_hz(self, hz: int) -> None:
        self._check()
        self._settings["max_speed_hz"] = hz

    def writebytes2(self, payload: bytes) -> None:
        self._check()
        self._module.written.append(bytes(payload))

    def close(self) -> None:
        self._module.open_count -= self._open
        self._open = False

    def _check(self) -> None:
        if self._module.dead or not self._open:
            raise OSError(errno.EIO, "Input/output error")
