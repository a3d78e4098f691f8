"""A plugin of pytest: one line a check, that the host can read while the virtual Pi is still at work."""

from __future__ import annotations

import pytest

PREFIX = "check|"


def line(*, name: str, result: str, figure: str) -> str:
    """Return what is printed of a check."""
    return PREFIX + "|".join(" ".join(part.split()).replace("|", "/") for part in (name, result, figure))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Print the outcome of a check: of its body, or of whatever kept its body from running."""
    if report.when != "call" and report.passed:
        return
    figures = [str(value) for key, value in report.user_properties if key == "figure"]
    if report.skipped and isinstance(report.longrepr, tuple):
        figures = [report.longrepr[2].removeprefix("Skipped: ")]
    elif report.failed:
        crash = getattr(report.longrepr, "reprcrash", None)
        figures = [crash.message.partition("\n")[0] if crash else str(report.longrepr)]
    name = report.location[2].removeprefix("test_").replace("_", " ")
    result = {"passed": "pass", "failed": "FAIL"}.get(report.outcome, "skip")
    print("\n" + line(name=name, result=result, figure=", ".join(figures)), flush=True)
