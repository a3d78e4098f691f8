"""
What a check is, and what it can find: one line, and what to do about it.

Pure. A check looks and judges; `run` decides which are made, `lines` how they are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, auto

SUDO = "run it as root: `sudo talkbox doctor`"
SETUP = "run the setup once more, it mends this: `sudo /opt/talkbox/setup/provisioning/setup.sh`"

Figure = str | int | float | bool | None
Figures = Mapping[str, Figure]

_NONE: Figures = {}


class Status(StrEnum):
    """What came of a check."""

    OK = auto()
    WARNING = auto()
    FAILED = auto()
    UNSEEN = auto()
    """It could not be looked at: by this user, or now."""
    SKIPPED = auto()
    """There is nothing to look at here, or it was asked not to be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """
    What ``--fix`` does about it.

    Attributes:
        says: In words, as done: "set 2 controls of the mixer".
        act: Does it. Raises `OSError` or `TalkboxError` if it cannot.
    """

    says: str
    act: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """
    What a check found.

    Attributes:
        said: The fact, then the value; lower case, no full stop. More lines say more of the same.
        remedy: What a person can do, or ``""``.
        figures: What was measured, with the unit in the name, for programs.
        fix: What can be done without a person, or `None`.
    """

    status: Status
    said: str
    remedy: str = ""
    figures: Figures = field(default_factory=dict)
    fix: Fix | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """
    One thing to look at.

    Attributes:
        name: For programs, and for ``needs``.
        title: For people.
        look: Looks, within bounded time. What it raises is a result too: see `run.examine`.
        needs: Names of checks without which this one would only say the same again.
        doing: What it does meanwhile, if that takes more than a moment.
    """

    name: str
    title: str
    look: Callable[[], Result]
    needs: tuple[str, ...] = ()
    doing: str = ""


def ok(said: str, *, figures: Figures = _NONE) -> Result:
    """Return that all is well."""
    return Result(status=Status.OK, said=said, figures=figures)


def warning(said: str, remedy: str, *, fix: Fix | None = None, figures: Figures = _NONE) -> Result:
    """Return what works, but not as it should."""
    return Result(status=Status.WARNING, said=said, remedy=remedy, fix=fix, figures=figures)


def failed(said: str, remedy: str, *, fix: Fix | None = None, figures: Figures = _NONE) -> Result:
    """Return what does not work."""
    return Result(status=Status.FAILED, said=said, remedy=remedy, fix=fix, figures=figures)


def unseen(said: str, remedy: str = SUDO) -> Result:
    """Return what could not be looked at."""
    return Result(status=Status.UNSEEN, said=said, remedy=remedy)


def skipped(said: str) -> Result:
    """Return that there is nothing to look at."""
    return Result(status=Status.SKIPPED, said=said)
