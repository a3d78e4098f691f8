"""
A card's controls by their exact names, through alsa-lib.

Not through pyalsaaudio, whose mixer sets an enum on the left channel only, does not look at what alsa-lib answers, and
reads back from its own memory what it has just written. It needs the same alsa-lib: where it works, this does.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import byref, c_char_p, c_int, c_long, c_uint, c_void_p
from dataclasses import dataclass
from typing import Any

LIBRARY = "libasound.so.2"

Value = int | bool | str
"""What a control holds: a raw volume, a switch, or the name of an enum's item."""

_MIXER = 2  # SND_CTL_ELEM_IFACE_MIXER


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlInfo:
    """What a control takes on each of `channels`: a `bool`, an `int` of `low` to `high`, or a `str` of `items`."""

    kind: type[Value]
    channels: int
    low: int = 0
    high: int = 0
    items: tuple[str, ...] = ()

    def takes(self, value: Value) -> bool:
        """Tell whether `value` is one that the control can have."""
        if type(value) is not self.kind:
            return False
        if isinstance(value, str):
            return value in self.items
        return isinstance(value, bool) or self.low <= value <= self.high


class Controls:
    """
    The controls of one card, open until `close`.

    Args:
        device: The card: ``hw:CARD=seeed2micvoicec``.
        library: Alsa-lib, or what stands for it.

    Raises:
        OSError: There is no such card, or no alsa-lib.
    """

    def __init__(self, device: str, *, library: Any = None) -> None:
        self._alsa = alsa_lib() if library is None else library
        self._card = c_void_p()
        self._check(self._alsa.snd_ctl_open(byref(self._card), device.encode(), 0), device)

    def info(self, name: str) -> ControlInfo | None:
        """
        Return what the control takes; `None`: the card has no such control, or of a kind that is none of these.

        Raises:
            OSError: The card is gone.
        """
        with self._new("id") as element, self._new("info") as info:
            self._name(element, name)
            self._alsa.snd_ctl_elem_info_set_id(info, element)
            code = self._alsa.snd_ctl_elem_info(self._card, info)
            if code == -errno.ENOENT:
                return None
            self._check(code, name)
            channels = self._alsa.snd_ctl_elem_info_get_count(info)
            match self._alsa.snd_ctl_elem_info_get_type(info):
                case 1:  # SND_CTL_ELEM_TYPE_BOOLEAN
                    return ControlInfo(kind=bool, channels=channels)
                case 2:  # _INTEGER
                    low, high = self._alsa.snd_ctl_elem_info_get_min(info), self._alsa.snd_ctl_elem_info_get_max(info)
                    return ControlInfo(kind=int, channels=channels, low=low, high=high)
                case 3:  # _ENUMERATED
                    return ControlInfo(kind=str, channels=channels, items=tuple(self._items(info, name)))
                case _:
                    return None

    def write(self, name: str, value: Value) -> None:
        """
        Set all channels of a control to what it takes.

        Raises:
            OSError: The card refuses it, or is gone.
        """
        info = self._known(name, value)
        with self._value(name) as held:
            for channel in range(info.channels):
                if isinstance(value, str):
                    self._alsa.snd_ctl_elem_value_set_enumerated(held, channel, info.items.index(value))
                else:
                    self._alsa.snd_ctl_elem_value_set_integer(held, channel, int(value))
            self._check(self._alsa.snd_ctl_elem_write(self._card, held), name)

    def read(self, name: str) -> tuple[Value, ...]:
        """
        Return what the card has, one value a channel.

        Raises:
            OSError: There is no such control, or the card is gone.
        """
        info = self._known(name)
        with self._value(name) as held:
            self._check(self._alsa.snd_ctl_elem_read(self._card, held), name)
            if info.kind is str:
                numbers = [self._alsa.snd_ctl_elem_value_get_enumerated(held, one) for one in range(info.channels)]
                return tuple(info.items[number] for number in numbers)
            return tuple(
                info.kind(self._alsa.snd_ctl_elem_value_get_integer(held, one)) for one in range(info.channels)
            )

    def close(self) -> None:
        """Let go of the card. Idempotent."""
        if self._card.value is not None:
            self._alsa.snd_ctl_close(self._card)
            self._card = c_void_p()

    def _items(self, info: c_void_p, name: str) -> Iterator[str]:
        for item in range(self._alsa.snd_ctl_elem_info_get_items(info)):
            self._alsa.snd_ctl_elem_info_set_item(info, item)
            self._check(self._alsa.snd_ctl_elem_info(self._card, info), name)
            yield self._alsa.snd_ctl_elem_info_get_item_name(info).decode("utf-8", "replace")

    def _known(self, name: str, value: Value | None = None) -> ControlInfo:
        info = self.info(name)
        if info is None:
            raise OSError(errno.ENOENT, "the card has no such control", name)
        if value is not None and not info.takes(value):
            raise OSError(errno.EINVAL, f"the control does not take {value!r}", name)
        return info

    def _name(self, element: c_void_p, name: str) -> None:
        self._alsa.snd_ctl_elem_id_set_interface(element, _MIXER)
        self._alsa.snd_ctl_elem_id_set_name(element, name.encode())

    @contextmanager
    def _value(self, name: str) -> Iterator[c_void_p]:
        with self._new("id") as element, self._new("value") as held:
            self._name(element, name)
            self._alsa.snd_ctl_elem_value_set_id(held, element)
            yield held

    @contextmanager
    def _new(self, what: str) -> Iterator[c_void_p]:
        """Allocate one of alsa-lib's opaque things, all zero, for as long as it is needed."""
        thing = c_void_p()
        self._check(getattr(self._alsa, f"snd_ctl_elem_{what}_malloc")(byref(thing)), what)
        try:
            yield thing
        finally:
            getattr(self._alsa, f"snd_ctl_elem_{what}_free")(thing)

    def _check(self, code: int, what: str) -> None:
        if code < 0:
            raise OSError(-code, os.strerror(-code), what)


def alsa_lib() -> ctypes.CDLL:
    """
    Return alsa-lib, told what its functions take and give where that is not a pointer or an int.

    Raises:
        OSError: It is not installed.
    """
    library = ctypes.CDLL(LIBRARY)
    for part in ("get_min", "get_max"):
        getattr(library, f"snd_ctl_elem_info_{part}").restype = c_long
    library.snd_ctl_elem_info_get_item_name.restype = c_char_p
    library.snd_ctl_elem_value_get_integer.restype = c_long
    library.snd_ctl_elem_value_set_integer.argtypes = (c_void_p, c_uint, c_long)
    library.snd_ctl_open.argtypes = (c_void_p, c_char_p, c_int)
    return library
