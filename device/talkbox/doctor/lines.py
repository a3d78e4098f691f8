"""What was found, as lines for people and as JSON for programs. Pure; no secret and no control character passes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from talkbox.masking import mask, printable

from .check import Status
from .run import Finding

COLORS = {Status.OK: "32", Status.WARNING: "33", Status.FAILED: "31;1", Status.UNSEEN: "36", Status.SKIPPED: "2"}
WIDTH = max(map(len, Status))
FIXED = "fixed"


def lines(finding: Finding, *, titles: int, color: bool) -> Iterator[str]:
    """
    Yield one line for a finding; below it, indented, what more there is to say and the remedy.

    Args:
        finding: What was found.
        titles: Columns of the widest title.
        color: Whether the terminal has colors.
    """
    indent = " " * (WIDTH + titles + 4)
    if finding.fixed:
        yield _line(FIXED, "35", finding.check.title, finding.fixed, titles=titles, color=color)
    result = finding.result
    first, *rest = map(shown, result.said.splitlines() or [""])
    yield _line(result.status, COLORS[result.status], finding.check.title, first, titles=titles, color=color)
    yield from (f"{indent}{line}" for line in rest)
    if result.remedy:
        yield _dyed(f"{indent}→ {shown(result.remedy)}", "1" if result.status is Status.FAILED else "", color=color)


def summary(findings: Sequence[Finding], *, root: bool, fixing: bool) -> Iterator[str]:
    """Yield the last lines: the numbers, and what to type next."""
    counts = Counter(finding.result.status for finding in findings)
    told = ", ".join(f"{counts[status]} {status}" for status in Status if counts[status])
    yield f"{len(findings)} checks: {told}"
    fixes = [finding for finding in findings if finding.result.fix is not None]
    if fixes and not fixing:
        yield f"`{'' if root else 'sudo '}talkbox doctor --fix` mends: {', '.join(one.check.title for one in fixes)}"
    if counts[Status.UNSEEN] and not root:
        yield "`sudo talkbox doctor` sees more"


def as_json(findings: Iterable[Finding], *, version: str, time: str) -> str:
    """Return all of it as one JSON object, in ASCII."""
    checks = [
        {
            "name": finding.check.name,
            "title": finding.check.title,
            "status": finding.result.status.value,
            "said": mask(finding.result.said),
            "remedy": mask(finding.result.remedy),
            "figures": {
                name: mask(value) if isinstance(value, str) else value for name, value in finding.result.figures.items()
            },
            "fixed": finding.fixed,
            "fixable": finding.result.fix is not None,
            "took_s": round(finding.took_s, 3),
        }
        for finding in findings
    ]
    counts = Counter(check["status"] for check in checks)
    answer = {
        "version": version,
        "time": time,
        "ok": not counts[Status.FAILED],
        "counts": {status.value: counts[status] for status in Status},
        "checks": checks,
    }
    return json.dumps(answer, indent=2)


def shown(text: str) -> str:
    """Return `text` fit for a terminal."""
    return printable(mask(text))


def _line(word: str, dye: str, title: str, said: str, *, titles: int, color: bool) -> str:
    return f"{_dyed(f'{word:>{WIDTH}}', dye, color=color)}  {title:<{titles}}  {said}".rstrip()


def _dyed(text: str, dye: str, *, color: bool) -> str:
    return f"\x1b[{dye}m{text}\x1b[0m" if color and dye else text
