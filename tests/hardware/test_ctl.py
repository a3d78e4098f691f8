"""`ctl.py` on a stand-in for alsa-lib; the real one: the virtual Pi."""

import ctypes
import errno
from collections.abc import Iterator
from typing import Any

import pytest

from talkbox_hardware import ctl
from talkbox_hardware.ctl import ControlInfo, Controls

TYPES: dict[Any, int] = {bool: 1, int: 2, str: 3, bytes: 4}
OTHER: Any = bytes  # a kind of control that we do not speak


class Thing:
    """What an opaque pointer of alsa-lib points to."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.name = ""
        self.item = 0
        self.interface = 0
        self.values: dict[int, int] = {}


class AlsaLib:
    """The functions of alsa-lib that are used, on a card of the test's making."""

    def __init__(self, card: dict[str, tuple[ControlInfo, list[int]]]) -> None:
        self.card = card
        self.things: dict[int, Thing] = {}
        self.made = 0
        self.opened: list[str] = []
        self.closed = 0
        self.failing: dict[str, int] = {}

    def __getattr__(self, name: str) -> Any:
        *_, kind, action = name.split("_")
        if action not in ("malloc", "free"):
            raise AttributeError(name)
        return (lambda pointer: self._new(pointer, kind)) if action == "malloc" else self._free

    def _new(self, pointer: Any, kind: str) -> int:
        self.made += 1
        self.things[self.made] = Thing(kind)
        pointer._obj.value = self.made
        return self.failing.get("malloc", 0)

    def _free(self, pointer: ctypes.c_void_p) -> None:
        del self.things[pointer.value or 0]

    def _at(self, pointer: ctypes.c_void_p) -> Thing:
        return self.things[pointer.value or 0]

    def snd_ctl_open(self, pointer: Any, device: bytes, _mode: int) -> int:
        self.opened.append(device.decode())
        pointer._obj.value = 4096
        return self.failing.get("open", 0)

    def snd_ctl_close(self, _card: ctypes.c_void_p) -> None:
        self.closed += 1

    def snd_ctl_elem_id_set_interface(self, element: ctypes.c_void_p, interface: int) -> None:
        self._at(element).interface = interface

    def snd_ctl_elem_id_set_name(self, element: ctypes.c_void_p, name: bytes) -> None:
        self._at(element).name = name.decode()

    def snd_ctl_elem_info_set_id(self, info: ctypes.c_void_p, element: ctypes.c_void_p) -> None:
        assert (self._at(info).kind, self._at(element).kind, self._at(element).interface) == ("info", "id", 2)
        self._at(info).name = self._at(element).name

    def snd_ctl_elem_value_set_id(self, held: ctypes.c_void_p, element: ctypes.c_void_p) -> None:
        assert (self._at(held).kind, self._at(element).kind, self._at(element).interface) == ("value", "id", 2)
        self._at(held).name = self._at(element).name

    def snd_ctl_elem_info(self, _card: ctypes.c_void_p, info: ctypes.c_void_p) -> int:
        return self.failing.get("info", 0) or (0 if self._at(info).name in self.card else -errno.ENOENT)

    def _info(self, info: ctypes.c_void_p) -> ControlInfo:
        return self.card[self._at(info).name][0]

    def snd_ctl_elem_info_get_count(self, info: ctypes.c_void_p) -> int:
        return self._info(info).channels

    def snd_ctl_elem_info_get_type(self, info: ctypes.c_void_p) -> int:
        return TYPES[self._info(info).kind]

    def snd_ctl_elem_info_get_min(self, info: ctypes.c_void_p) -> int:
        return self._info(info).low

    def snd_ctl_elem_info_get_max(self, info: ctypes.c_void_p) -> int:
        return self._info(info).high

    def snd_ctl_elem_info_get_items(self, info: ctypes.c_void_p) -> int:
        return len(self._info(info).items)

    def snd_ctl_elem_info_set_item(self, info: ctypes.c_void_p, item: int) -> None:
        self._at(info).item = item

    def snd_ctl_elem_info_get_item_name(self, info: ctypes.c_void_p) -> bytes:
        return self._info(info).items[self._at(info).item].encode()

    def snd_ctl_elem_value_set_integer(self, held: ctypes.c_void_p, channel: int, value: int) -> None:
        self._at(held).values[channel] = value

    snd_ctl_elem_value_set_enumerated = snd_ctl_elem_value_set_integer

    def snd_ctl_elem_value_get_integer(self, held: ctypes.c_void_p, channel: int) -> int:
        return self._at(held).values[channel]

    snd_ctl_elem_value_get_enumerated = snd_ctl_elem_value_get_integer

    def snd_ctl_elem_write(self, _card: ctypes.c_void_p, held: ctypes.c_void_p) -> int:
        if "write" not in self.failing:
            for channel, value in self._at(held).values.items():
                self.card[self._at(held).name][1][channel] = value
        return self.failing.get("write", 0)

    def snd_ctl_elem_read(self, _card: ctypes.c_void_p, held: ctypes.c_void_p) -> int:
        self._at(held).values = dict(enumerate(self.card[self._at(held).name][1]))
        return self.failing.get("read", 0)


@pytest.fixture
def alsa() -> Iterator[AlsaLib]:
    library = AlsaLib(
        {
            "Capture Volume": (ControlInfo(kind=int, channels=2, low=0, high=63), [0, 0]),
            "Capture Switch": (ControlInfo(kind=bool, channels=2), [0, 0]),
            "ADC HPF Cut-off": (ControlInfo(kind=str, channels=2, items=("Disabled", "0.0045xFs")), [0, 0]),
            "IEC958": (ControlInfo(kind=OTHER, channels=1), [0]),
        }
    )
    yield library
    assert library.things == {}, "everything that was allocated has been freed"


@pytest.fixture
def card(alsa: AlsaLib) -> Controls:
    return Controls("hw:CARD=x", library=alsa)


@pytest.mark.parametrize(
    ("name", "value"), [("Capture Volume", 39), ("Capture Switch", True), ("ADC HPF Cut-off", "0.0045xFs")]
)
def test_a_value_reaches_all_channels_of_the_card_and_is_read_back_from_it(
    name: str, value: ctl.Value, card: Controls, alsa: AlsaLib
) -> None:
    card.write(name, value)
    assert card.read(name) == (value, value)
    assert [type(one) for one in card.read(name)] == [type(value)] * 2
    assert alsa.card[name][1] == [39, 39] if name == "Capture Volume" else [1, 1]


def test_a_control_says_what_it_takes(card: Controls) -> None:
    assert card.info("Capture Volume") == ControlInfo(kind=int, channels=2, low=0, high=63)
    assert card.info("Capture Switch") == ControlInfo(kind=bool, channels=2)
    enum = card.info("ADC HPF Cut-off")
    assert enum is not None
    assert enum.items == ("Disabled", "0.0045xFs")
    assert card.info("Nothing") is None
    assert card.info("IEC958") is None


@pytest.mark.parametrize(
    ("info", "good", "bad"),
    [
        (ControlInfo(kind=int, channels=1, low=0, high=3), [0, 3], [-1, 4, True, "3"]),
        (ControlInfo(kind=bool, channels=1), [True, False], [1, "on"]),
        (ControlInfo(kind=str, channels=1, items=("Off",)), ["Off"], ["off", 0, False]),
    ],
)
def test_a_control_takes_only_its_kind(info: ControlInfo, good: list[ctl.Value], bad: list[ctl.Value]) -> None:
    assert all(info.takes(value) for value in good)
    assert not any(info.takes(value) for value in bad)


@pytest.mark.parametrize(("name", "value"), [("Capture Volume", 64), ("Capture Switch", 1), ("ADC HPF Cut-off", "x")])
def test_what_a_control_does_not_take_is_refused_before_it_reaches_the_card(
    name: str, value: ctl.Value, card: Controls, alsa: AlsaLib
) -> None:
    with pytest.raises(OSError, match="does not take") as raised:
        card.write(name, value)
    assert raised.value.errno == errno.EINVAL
    assert alsa.card[name][1] == [0, 0]


def test_a_control_that_is_not_there_can_be_neither_written_nor_read(card: Controls) -> None:
    for attempt in (lambda: card.write("Nothing", 1), lambda: card.read("Nothing")):
        with pytest.raises(OSError, match="no such control") as raised:
            attempt()
        assert raised.value.errno == errno.ENOENT


@pytest.mark.parametrize("failing", ["info", "write", "read", "malloc"])
def test_a_card_that_is_gone_is_an_os_error(failing: str, card: Controls, alsa: AlsaLib) -> None:
    alsa.failing[failing] = -errno.ENODEV
    with pytest.raises(OSError, match="No such device") as raised:
        card.read("Capture Volume") if failing != "write" else card.write("Capture Volume", 1)
    assert raised.value.errno == errno.ENODEV
    alsa.things.clear() if failing == "malloc" else None


def test_a_card_that_is_not_there_cannot_be_opened(alsa: AlsaLib) -> None:
    alsa.failing["open"] = -errno.ENODEV
    with pytest.raises(OSError, match="No such device") as raised:
        Controls("hw:CARD=x", library=alsa)
    assert (raised.value.errno, raised.value.filename) == (errno.ENODEV, "hw:CARD=x")


def test_a_card_is_let_go_of_once(card: Controls, alsa: AlsaLib) -> None:
    card.close()
    card.close()
    assert (alsa.opened, alsa.closed) == (["hw:CARD=x"], 1)


def test_without_alsa_lib_opening_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctl, "LIBRARY", "libnot-there.so.2")
    with pytest.raises(OSError, match="libnot-there"):
        Controls("hw:CARD=x")
