"""What can be typed after `talkbox doctor` and `talkbox report`."""

from __future__ import annotations

import argparse
from pathlib import Path


def add_doctor(parser: argparse.ArgumentParser) -> None:
    """Add the options of the doctor to `parser`."""
    parser.add_argument("--json", action="store_true", help="print one JSON object; nobody is asked to touch anything")
    parser.add_argument("--fix", action="store_true", help="mend what can be mended safely, and say what was done")
    parser.add_argument(
        "--boot", action="store_true", help="while the machine starts: no sound, no lights, nothing in a press's way"
    )


def add_report(parser: argparse.ArgumentParser) -> None:
    """Add the options of the report to `parser`."""
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="a .tar.gz, or a .txt (talkbox-report-DATE.tar.gz, here)"
    )
