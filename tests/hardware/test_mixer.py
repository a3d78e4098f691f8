import errno
import os

import pytest

from talkbox_hardware import mixer as mixer_module
from talkbox_hardware.board import Control, load_boards
from talkbox_hardware.ctl import ControlInfo, Value
from talkbox_hardware.mixer import Differs, Missing, apply, compare

PROFILES = {name: board.card.profile for name, board in load_boards().items() if board.card and board.card.profile}


class Codec:
    """A mixer in memory. What is `stuck` keeps its value; what is `refused` raises."""

    def __init__(self, **controls: tuple[ControlInfo, list[Value]]) -> None:
        self.controls = controls
        self.stuck: set[str] = set()
        self.refused: set[str] = set()
        self.gone = self.closed = False
        self.written: list[str] = []

    def info(self, name: str) -> ControlInfo | None:
        return self.controls[name][0] if name in self.controls else None

    def write(self, name: str, value: Value) -> None:
        self.written.append(name)
        if name in self.refused:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        if name not in self.stuck:
            info, values = self.controls[name]
            values[:] = [value] * info.channels

    def close(self) -> None:
        self.closed = True

    def read(self, name: str) -> tuple[Value, ...]:
        if self.gone:
            raise OSError(errno.ENODEV, os.strerror(errno.ENODEV))
        return tuple(self.controls[name][1])


def codec() -> Codec:
    return Codec(
        volume=(ControlInfo(kind=int, channels=2, low=0, high=63), [7, 7]),
        switch=(ControlInfo(kind=bool, channels=1), [False]),
        enum=(ControlInfo(kind=str, channels=2, items=("Off", "On")), ["Off", "Off"]),
    )


VOLUME = Control(name="volume", value=39)
SWITCH = Control(name="switch", value=True)
ENUM = Control(name="enum", value="On")


def test_a_profile_is_set_in_its_order() -> None:
    mixer = codec()
    assert apply(mixer, (SWITCH, ENUM, VOLUME)) == ()
    assert mixer.written == ["switch", "enum", "volume"]
    assert [mixer.read(name) for name in mixer.controls] == [(39, 39), (True,), ("On", "On")]


def test_a_control_that_is_missing_is_reported_and_the_others_are_set() -> None:
    mixer = codec()
    missing = Control(name="Speaker AC Volume", value=5)
    assert apply(mixer, (missing, VOLUME)) == (Missing(control=missing),)
    assert mixer.read("volume") == (39, 39)
    assert str(Missing(control=missing)) == "the card has no control 'Speaker AC Volume'"


def test_a_control_that_does_not_take_its_value_is_reported_with_what_it_has() -> None:
    mixer = codec()
    mixer.stuck = {"volume"}
    mixer.refused = {"enum"}
    problems = apply(mixer, (VOLUME, ENUM, SWITCH))
    assert problems == (Differs(control=VOLUME, found=(7, 7)), Differs(control=ENUM, found=("Off", "Off")))
    assert str(problems[0]) == "control 'volume' is 7, not 39"


@pytest.mark.parametrize(
    ("control", "found"),
    [
        (Control(name="volume", value=64), (7, 7)),
        (Control(name="switch", value=1), (False,)),
        (Control(name="enum", value="on"), ("Off", "Off")),
    ],
)
def test_a_value_that_the_control_cannot_have_is_not_written(control: Control, found: tuple[Value, ...]) -> None:
    mixer = codec()
    assert apply(mixer, (control,)) == (Differs(control=control, found=found),)
    assert mixer.written == []


def test_comparing_says_what_differs_and_sets_nothing() -> None:
    mixer = codec()
    missing = Control(name="Speaker AC Volume", value=5)
    problems = compare(mixer, (VOLUME, missing))
    assert problems == (Differs(control=VOLUME, found=(7, 7)), Missing(control=missing))
    assert mixer.written == []
    apply(mixer, (VOLUME,))
    assert compare(mixer, (VOLUME,)) == ()


def test_one_channel_that_differs_is_a_difference() -> None:
    mixer = codec()
    mixer.stuck = {"volume"}
    mixer.controls["volume"][1][:] = [39, 7]
    (problem,) = apply(mixer, (VOLUME,))
    assert str(problem) == "control 'volume' is 39, 7, not 39"


def test_a_switch_is_no_volume_though_one_is_true() -> None:
    mixer = codec()
    mixer.controls["volume"][1][:] = [1, 1]
    assert apply(mixer, (Control(name="volume", value=True),)) != ()


def test_a_later_control_that_undoes_an_earlier_one_is_found_out() -> None:
    mixer = codec()
    again = Control(name="volume", value=1)
    assert apply(mixer, (VOLUME, again)) == (Differs(control=VOLUME, found=(1, 1)),)


def test_a_card_that_is_named_is_opened_and_let_go_of(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Codec] = []

    def open_card(device: str) -> Codec:
        assert device == "hw:CARD=x"
        opened.append(codec())
        return opened[-1]

    monkeypatch.setattr(mixer_module, "Controls", open_card)
    assert apply("hw:CARD=x", (VOLUME,)) == ()
    assert (opened[0].read("volume"), opened[0].closed) == ((39, 39), True)
    assert len(compare("hw:CARD=x", (VOLUME,))) == 1
    assert (opened[1].written, opened[1].closed) == ([], True)


def test_a_card_that_is_gone_is_an_os_error() -> None:
    mixer = codec()
    mixer.gone = True
    with pytest.raises(OSError, match="No such device"):
        apply(mixer, (VOLUME,))


@pytest.mark.parametrize("name", PROFILES)
def test_a_board_with_all_its_controls_is_set_without_a_word(name: str) -> None:
    kinds = {bool: ControlInfo(kind=bool, channels=2), int: ControlInfo(kind=int, channels=2, low=0, high=255)}
    controls: dict[str, tuple[ControlInfo, list[Value]]] = {}
    for control in PROFILES[name]:
        enum = ControlInfo(kind=str, channels=2, items=("?", str(control.value)))
        controls[control.name] = (kinds.get(type(control.value), enum), [0, 0])
    mixer = Codec(**controls)
    assert apply(mixer, PROFILES[name]) == ()
