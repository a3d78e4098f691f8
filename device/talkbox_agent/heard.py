"""How much of an answer has been heard: the agent's own guess of its client's loudspeaker. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class _Piece:
    characters: int
    begin_s: float
    end_s: float


class Playout:
    """
    One answer at a client that plays what it gets at once, without a gap, in real time.

    All times are the loop's, in seconds.

    Args:
        text: The whole answer.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self._pieces: list[_Piece] = []

    def sent(self, characters: int, *, duration_s: float, at_s: float) -> None:
        """Take note that the sound of the next ``characters`` was sent: it plays after what was sent before."""
        begin_s = max(at_s, self.end_s)
        self._pieces.append(_Piece(characters, begin_s, begin_s + duration_s))

    @property
    def end_s(self) -> float:
        """When the last of it has been heard; minus infinity if nothing was sent."""
        return self._pieces[-1].end_s if self._pieces else float("-inf")

    def heard_text(self, at_s: float) -> str:
        """Give the words of the text that had been heard to their end at ``at_s``."""
        heard = sum(piece.characters * _share(piece, at_s) for piece in self._pieces)
        return whole_words(self.text, int(heard + 1e-6))


def _share(piece: _Piece, at_s: float) -> float:
    """Give the part of a piece heard by ``at_s``, 0 to 1."""
    if at_s >= piece.end_s:
        return 1.0
    return max(0.0, (at_s - piece.begin_s) / (piece.end_s - piece.begin_s))


def whole_words(text: str, length: int) -> str:
    """Cut ``text`` after its last word that ends within ``length`` characters."""
    ends = [word.end() for word in re.finditer(r"\S+", text) if word.end() <= length]
    return text[: ends[-1]] if ends else ""


def sentences(text: str) -> list[str]:
    """Cut an answer where a speaker would breathe. The parts, put together, are the text."""
    return re.findall(r"\S.*?(?:[.!?]+(?=\s)\s*|$)", text, re.DOTALL)


def spread(text: str, count: int) -> list[str]:
    """Cut ``text`` into ``count`` parts of even length, for as many chunks of its sound."""
    edges = [len(text) * n // count for n in range(count + 1)]
    return [text[begin:end] for begin, end in pairwise(edges)]


def alignment(text: str, *, duration_s: float) -> dict[str, list[str] | list[int]]:
    """Give the contract's alignment of a chunk: its characters at an even pace, in milliseconds."""
    edges_ms = [round(1000 * duration_s * n / max(1, len(text))) for n in range(len(text) + 1)]
    return {
        "chars": list(text),
        "char_start_times_ms": edges_ms[:-1],
        "char_durations_ms": [end - begin for begin, end in pairwise(edges_ms)],
    }
