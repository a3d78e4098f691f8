"""One picture of a run: the latencies with their limits, the queue over a bad network, the echo. SVG, no library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np

from tests.bench.figures import Figure, Report
from tests.bench.network import Answer

WIDTH, MARGIN, TITLE = 1110, 20, 34
CELL, BARS, MOST_MS, BIN_MS = (262, 110), 60, 80.0, 2.0
PLOT_HEIGHT, LABEL = 130, 40
_LATENCIES = "latencies: "
BLUE, RED, GREEN, GRAY = "#3b6ea5", "#c0392b", "#2e8b57", "#888"


def picture(report: Report, answers: Sequence[Answer], echo: str) -> str:
    """Return the SVG; `echo` is one, with its root, or a text that says why there is none."""
    parts: list[str] = []
    y = MARGIN
    for draw in (_histograms(report), _queue(answers), _echo(echo)):
        part, height = draw
        parts.append(f'<g transform="translate({MARGIN} {y})">{part}</g>')
        y += height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + MARGIN}" font-family="sans-serif" '
        f'font-size="12"><rect width="100%" height="100%" fill="white"/>' + "".join(parts) + "</svg>\n"
    )


def _histograms(report: Report) -> tuple[str, int]:
    """A row for each latency, a column for each card and canceller."""
    timed = [figure for figure in report.figures if figure.samples and figure.section.startswith(_LATENCIES)]
    names, sections = _distinct(figure.name for figure in timed), _distinct(figure.section for figure in timed)
    if not timed:
        return _title("no latencies were measured"), TITLE
    width, height = CELL
    cells = [_title("Latencies, ms: how often; the limit in red, the 95th percentile as a triangle")]
    for column, section in enumerate(sections):
        cells.append(_text(column * width, TITLE + 12, section.removeprefix(_LATENCIES), weight="bold"))
    for figure in timed:
        x, y = sections.index(figure.section) * width, TITLE + 24 + names.index(figure.name) * height
        cells.append(f'<g transform="translate({x} {y})">{_histogram(figure)}</g>')
    return "".join(cells), TITLE + 34 + len(names) * height


def _histogram(figure: Figure) -> str:
    scale = (CELL[0] - 22) / MOST_MS
    counts, _ = np.histogram(
        np.clip(figure.samples, 0, MOST_MS - 0.01), bins=round(MOST_MS / BIN_MS), range=(0, MOST_MS)
    )
    base = 18 + BARS
    bars = "".join(
        f'<rect x="{n * BIN_MS * scale:.1f}" y="{base - count / counts.max() * BARS:.1f}" '
        f'width="{BIN_MS * scale - 0.7:.1f}" height="{count / counts.max() * BARS:.1f}" fill="{BLUE}"/>'
        for n, count in enumerate(counts)
        if count
    )
    color = GREEN if figure.held else RED
    p95 = min(figure.value, MOST_MS) * scale
    said = f"{figure.value:.1f}" + ("" if figure.limit is None else f" of {figure.limit:g} {_verdict(figure)}")
    marks = f'<path d="M{p95:.1f} {base + 1} l-4 8 h8 z" fill="{color}"/>'
    if figure.limit is not None:
        at = figure.limit * scale
        marks += f'<line x1="{at:.1f}" x2="{at:.1f}" y1="14" y2="{base}" stroke="{RED}" stroke-width="1.5"/>'
    ticks = "".join(
        _text(ms * scale, base + 20, f"{ms}", anchor="middle", color=GRAY, size=10) for ms in range(0, int(MOST_MS), 20)
    )
    axis = f'<line x1="0" x2="{MOST_MS * scale:.0f}" y1="{base}" y2="{base}" stroke="{GRAY}"/>'
    return _text(0, 10, f"{figure.name}: {said}", size=9) + bars + axis + ticks + marks


def _queue(answers: Sequence[Answer]) -> tuple[str, int]:
    """Draw what waits to be heard, answer by answer; red below where the loudspeaker was silent in the middle."""
    if not answers:
        return _title("no network was tried"), TITLE
    parts = [_title("Speech that has arrived and waits to be heard, s; red: silence in the middle of the answer")]
    each = (WIDTH - 2 * MARGIN - LABEL) / len(answers)
    for column, answer in enumerate(answers):
        x0, y0 = LABEL + column * each, TITLE + 20
        top = max(1.0, float(np.ceil(answer.depth_s.max())))
        across, up = (each - 30) / answer.at_s[-1], PLOT_HEIGHT / top
        points = " ".join(
            f"{x0 + at_s * across:.1f},{y0 + PLOT_HEIGHT - depth_s * up:.1f}"
            for at_s, depth_s in zip(answer.at_s[::3], answer.depth_s[::3], strict=True)
        )
        bottom = y0 + PLOT_HEIGHT
        parts += [
            _text(x0, y0 - 6, answer.name, weight="bold"),
            f'<polygon points="{x0:.1f},{bottom} {points} {x0 + each - 30:.1f},{bottom}" fill="{BLUE}" opacity="0.7"/>',
            f'<line x1="{x0}" x2="{x0 + each - 30}" y1="{bottom}" y2="{bottom}" stroke="{GRAY}"/>',
            _text(x0 - 5, y0 + 8, f"{top:g}", anchor="end", color=GRAY, size=10),
            _text(x0 - 5, bottom, "0", anchor="end", color=GRAY, size=10),
            _text(x0 + each - 30, bottom + 16, f"{answer.at_s[-1]:.0f} s", anchor="end", color=GRAY, size=10),
        ]
        edges = np.flatnonzero(np.diff(answer.silent.astype(int), prepend=0, append=0))
        for begin, end in edges.reshape(-1, 2):
            width = max(1.0, (end - begin) * 0.01 * across)
            x = x0 + begin * 0.01 * across
            parts.append(f'<rect x="{x:.1f}" y="{bottom + 2}" width="{width:.1f}" height="5" fill="{RED}"/>')
    return "".join(parts), TITLE + PLOT_HEIGHT + 60


def _echo(echo: str) -> tuple[str, int]:
    if not echo.startswith("<svg"):
        return _title("The echo") + _text(0, TITLE + 10, echo), TITLE + 20
    _, _, width, height = (float(part) for part in echo.split('viewBox="', 1)[1].split('"', 1)[0].split())
    tall = (WIDTH - 2 * MARGIN) / width * height
    placed = f'<svg x="0" y="{TITLE}" width="{WIDTH - 2 * MARGIN}" height="{tall:.0f}" '
    return _title("The echo, before and after") + placed + echo.removeprefix("<svg "), round(TITLE + tall)


def _verdict(figure: Figure) -> str:
    return "held" if figure.held else "missed"


def _title(text: str) -> str:
    return _text(0, 14, text, size=15, weight="bold")


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 12,
    weight: str = "normal",
    anchor: str = "start",
    color: str = "black",
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" '
        f'fill="{color}">{escape(text)}</text>'
    )


def _distinct(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))
