"""What was measured, beside what was asked for: one line a figure, and the verdict over all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """
    One figure.

    Attributes:
        name: What it is, as it is printed.
        value: The figure that the limit is for.
        limit: What it may be at most; `None`: nobody asked.
        unit: Of both.
        samples: All that was measured, where `value` is the 95th percentile of it.
        section: Under which headline.
    """

    name: str
    value: float
    limit: float | None = None
    unit: str = "ms"
    samples: tuple[float, ...] = ()
    section: str = ""

    @property
    def held(self) -> bool:
        """Whether it is within its limit."""
        return self.limit is None or self.value <= self.limit


@dataclass(slots=True)
class Report:
    """All figures of one run, in the order in which they were measured, each printed when it comes."""

    figures: list[Figure] = field(default_factory=list)
    section: str = ""

    def begin(self, section: str) -> None:
        """Print a headline; the figures that follow carry it in their names."""
        self.section = section
        print(f"\n{section}", flush=True)

    def line(self, text: str) -> None:
        """Print what is no figure."""
        print(f"  {text}", flush=True)

    def add(self, name: str, value: float, *, limit: float | None = None, unit: str = "ms", note: str = "") -> Figure:
        """Take one figure."""
        return self._take(Figure(name=name, value=value, limit=limit, unit=unit), f"{value:8.2f} {unit:<6}", note)

    def times(self, name: str, values_s: Sequence[float], *, limit_ms: float | None = None, note: str = "") -> None:
        """Take many measurements of one time; the limit is for the 95th percentile."""
        if not values_s:
            self._take(Figure(name=name, value=float("inf"), limit=limit_ms), "nothing was measured", note)
            return
        values_ms = np.array(values_s) * 1000
        p50, p95, p99 = np.percentile(values_ms, [50, 95, 99])
        figure = Figure(name=name, value=float(p95), limit=limit_ms, samples=tuple(values_ms.tolist()))
        said = f"{p95:8.1f} ms p95 ({p50:.1f} p50, {p99:.1f} p99, {values_ms.max():.1f} most, {len(values_ms)} times)"
        self._take(figure, said, note)

    def says(self, name: str, holds: bool, *, note: str = "") -> None:
        """Take the answer to a question, which should be yes."""
        self._take(Figure(name=name, value=0.0 if holds else 1.0, limit=0.0, unit=""), " yes" if holds else " no", note)

    @property
    def missed(self) -> list[Figure]:
        """Return what is over its limit."""
        return [figure for figure in self.figures if not figure.held]

    def _take(self, figure: Figure, said: str, note: str) -> Figure:
        figure = replace(figure, section=self.section)
        self.figures.append(figure)
        verdict = ""
        if figure.limit is not None:
            asked = f"asked <= {figure.limit:g}, " if figure.unit else ""
            verdict = f"   {asked}{'held' if figure.held else 'MISSED'}"
        print(f"  {figure.name:<44} {said}{verdict}{f'   {note}' if note else ''}", flush=True)
        return figure
