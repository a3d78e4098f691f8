"""How long the machine itself holds a program up: what no figure can be better than."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from tests.bench.beside import beside
from tests.bench.figures import Report

_EVERY_S = 0.005


@contextmanager
def sleeper(report: Report) -> Iterator[None]:
    """Sleep and wake up again and again while the body runs; say afterwards how much too late that was."""
    late_s = [0.0]

    def sleep(over: threading.Event) -> None:
        while not over.is_set():
            due_s = time.monotonic() + _EVERY_S
            time.sleep(_EVERY_S)
            late_s.append(time.monotonic() - due_s)

    try:
        with beside("sleeper", sleep):
            yield
    finally:
        p99, most = np.percentile(np.array(late_s) * 1000, [99, 100])
        report.line(f"the machine woke a sleeper {p99:.1f} ms too late (p99), {most:.1f} ms at most")
