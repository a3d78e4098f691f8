"""The guest's program: runs every stage for a second of sound between two calls that the emulator counts at."""

from __future__ import annotations

import os
import sys

from tests.bench.stages import both_ways

WARM_UP_S, SECONDS = 3.0, 1.0  # by then the canceller knows how late the echo is, and its filter works


def main() -> None:
    """Print the name of each stage, in the order in which the emulator prints its numbers."""
    for title, stages in both_ways(int(sys.argv[1])).items():
        print(title)
        for name, (step, every_s) in stages.items():
            warm, count = round(WARM_UP_S / every_s), round(SECONDS / every_s)
            for number in range(warm):
                step(number)
            os.sched_yield()
            for number in range(warm, warm + count):
                step(number)
            os.sched_yield()
            print(f"\t{name}", flush=True)


if __name__ == "__main__":
    main()
