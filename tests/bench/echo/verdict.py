"""The thresholds, and whether they are held. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from .measures import Measured
from .scenes import Scene


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """One canceller in one scene, over all seeds; as `Measured`, averaged. `noticed` of `spoken` utterances were."""

    loss_db: float
    later_db: float
    false: float
    noticed: int
    spoken: int
    median_s: float | None
    pesq: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One threshold and what was measured."""

    what: str
    measured: float
    limit: float
    at_least: bool

    @property
    def holds(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit


def summary(measured: Sequence[Measured]) -> Summary:
    """Return the figures of all seeds as one."""
    delays = [delay for one in measured for delay in one.noticed_s]
    noticed = [delay for delay in delays if delay is not None]
    return Summary(
        loss_db=mean(one.loss_db for one in measured),
        later_db=mean(one.later_db for one in measured),
        false=mean(one.false for one in measured),
        noticed=len(noticed),
        spoken=len(delays),
        median_s=median(noticed) if noticed else None,
        pesq=mean(one.pesq for one in measured),
    )


def checks(found: Mapping[Scene, Summary]) -> list[Check]:
    """Return every threshold that the scenes of ``found`` can be held to."""
    made: list[Check] = []

    def least(what: str, measured: float, limit: float) -> None:
        made.append(Check(what=what, measured=measured, limit=limit, at_least=True))

    def most(what: str, measured: float, limit: float) -> None:
        made.append(Check(what=what, measured=measured, limit=limit, at_least=False))

    for scene, one in found.items():
        if scene.name == "base":
            least("base: echo loss, dB", one.loss_db, 30.0)
            least("base: PESQ of the user alone", one.pesq, 3.2)
        if scene.name in {"base", "ser0"}:
            least(f"{scene.name}: utterances over the agent noticed", one.noticed / one.spoken, 0.98)
            most(f"{scene.name}: median time until then, s", one.median_s or float("inf"), 0.45)
        if scene.slip_ms:
            most(f"{scene.name}: echo taken for speech", one.false, 0.04)
        elif not scene.drift_ppm:
            most(f"{scene.name}: echo taken for speech", one.false, 0.01)
    return made
