"""
What a terminal sends when a key is pressed. Pure: bytes in, key strokes out.

Most terminals tell only that a key went down, again and again while it is held. Those that speak the Kitty keyboard
protocol (kitty, foot, WezTerm, Ghostty, Konsole, ...) tell its release as well, once asked with `ASK_FOR_RELEASES`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum, auto

QUERY = b"\x1b[?u\x1b[c"
"""Ask whether releases can be told. Every terminal answers the second half, so nobody waits for the first."""

ASK_FOR_RELEASES = b"\x1b[>11u"  # 1 disambiguate + 2 tell repeats and releases + 8 for keys that print as well
STOP_TELLING_RELEASES = b"\x1b[<u"


class Key(StrEnum):
    """The keys of a view, by what they do."""

    BUTTON = auto()
    TOGGLE = auto()
    LOUDER = auto()
    SOFTER = auto()
    MUTE = auto()
    QUIT = auto()


class Edge(StrEnum):
    """What a key did."""

    DOWN = auto()
    REPEAT = auto()
    UP = auto()


@dataclass(frozen=True, slots=True)
class Stroke:
    """A key, and what it did."""

    key: Key
    edge: Edge = Edge.DOWN


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the terminal answered to `QUERY`: the end of the answer has come, and whether it can tell releases."""

    tells_releases: bool


_PRINTING = {
    " ": Key.BUTTON,
    "p": Key.TOGGLE,
    "P": Key.TOGGLE,
    "+": Key.LOUDER,
    "-": Key.SOFTER,
    "m": Key.MUTE,
    "M": Key.MUTE,
    "q": Key.QUIT,
    "Q": Key.QUIT,
    "\x03": Key.QUIT,  # Ctrl-C, where the terminal does not make a signal of it
    "\x04": Key.QUIT,
}
_ARROWS = {"A": Key.LOUDER, "C": Key.LOUDER, "B": Key.SOFTER, "D": Key.SOFTER}
_EDGES = {"1": Edge.DOWN, "2": Edge.REPEAT, "3": Edge.UP}
_CTRL = 4
# An escape sequence: CSI with its parameters, SS3 (arrows of some terminals), or the beginning of one of them.
_SEQUENCE = re.compile(r"\x1b(?:\[(?P<parameters>[0-?]*)[ -/]*(?P<final>[@-~])|O(?P<arrow>[@-~]))")
_BEGINNING = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|O)?")
_LONGEST_SEQUENCE = 64


class KeyParser:
    """Turn what a terminal sends, cut anywhere, into key strokes. What means nothing here is dropped."""

    def __init__(self) -> None:
        self._text = ""
        self._can_tell_releases = False

    def feed(self, received: bytes) -> list[Stroke | Answer]:
        """Take the next bytes and return the strokes they complete, in order."""
        self._text += received.decode("latin-1")
        found: list[Stroke | Answer] = []
        while self._text:
            if sequence := _SEQUENCE.match(self._text):
                self._text = self._text[sequence.end() :]
                stroke = self._read(sequence)
            elif _BEGINNING.fullmatch(self._text) and len(self._text) < _LONGEST_SEQUENCE:
                break  # the rest is still to come
            else:
                stroke = Stroke(_PRINTING[self._text[0]]) if self._text[0] in _PRINTING else None
                self._text = self._text[1:]
            if stroke is not None:
                found.append(stroke)
        return found

    def _read(self, sequence: re.Match[str]) -> Stroke | Answer | None:
        parameters, final = sequence["parameters"] or "", sequence["final"] or sequence["arrow"]
        if parameters.startswith("?"):
            if final == "u":
                self._can_tell_releases = True
            return Answer(tells_releases=self._can_tell_releases) if final == "c" else None
        # The key's code, then its modifiers and what it did, parted by a colon.
        code, _, rest = parameters.partition(";")
        modifiers, _, edge = rest.partition(";")[0].partition(":")
        key = _ARROWS.get(final)
        if final == "u":
            key = _coded(code.partition(":")[0], control=bool(_number(modifiers) - 1 & _CTRL))
        return Stroke(key, _EDGES.get(edge, Edge.DOWN)) if key else None


def _coded(code: str, *, control: bool) -> Key | None:
    character = chr(_number(code) % 0x110000)
    if control:
        return Key.QUIT if character in "cd" else None
    return _PRINTING.get(character)


def _number(text: str) -> int:
    return int(text) if text.isdigit() else 1
