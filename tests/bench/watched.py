"""
`talkbox`, with an eye on its garbage collector: every collection's length goes to the file that BENCH_GC names.

    BENCH_GC=FILE python -m tests.bench.watched run …
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import time
from pathlib import Path

VARIABLE = "BENCH_GC"


def main() -> None:
    collections: list[tuple[float, float, int]] = []
    began_s = 0.0

    def watch(phase: str, info: dict[str, int]) -> None:
        nonlocal began_s
        now_s = time.monotonic()
        if phase == "start":
            began_s = now_s
        else:
            collections.append((began_s, now_s - began_s, info["generation"]))

    target = Path(os.environ[VARIABLE])
    atexit.register(lambda: target.write_text(json.dumps(collections)))
    gc.callbacks.append(watch)
    runpy.run_module("talkbox", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
