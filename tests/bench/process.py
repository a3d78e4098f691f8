"""What a running process costs, from outside: /proc."""

from __future__ import annotations

import os
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def cpu_s(pid: int) -> float:
    """Return the CPU time of all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def peak_mb(pid: int) -> float:
    """Return the most memory that it had resident, in megabytes (10**6 bytes)."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    [peak] = [line for line in lines if line.startswith("VmHWM")]
    return int(peak.split()[1]) * 1024 / 1e6


def threads_ms(pid: int) -> dict[str, float]:
    """Return the CPU time of each of its threads, in milliseconds: by their numbers, the first is the process's own."""
    tasks = Path(f"/proc/{pid}/task")
    found = sorted(int(task.name) for task in tasks.iterdir())
    return {str(task): int((tasks / str(task) / "schedstat").read_text("ascii").split()[0]) / 1e6 for task in found}
