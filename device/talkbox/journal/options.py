"""What can be typed after `talkbox logs`."""

from __future__ import annotations

import argparse

from .query import MOST_ENTRIES, Query


def add(parser: argparse.ArgumentParser) -> None:
    """Add the options to `parser`."""
    parser.add_argument("-f", "--follow", action="store_true", help="go on with what is still to come")
    parser.add_argument(
        "--since",
        default="",
        metavar="WHEN",
        help=f'from then on: "today", "1 hour ago", "2026-01-31 12:00"; else the last {MOST_ENTRIES} entries',
    )
    parser.add_argument("--conversation", default="", metavar="ID", help="of one conversation only")
    parser.add_argument("--errors", action="store_true", help="warnings and errors only")
    parser.add_argument("--json", action="store_true", help="as JSON, one object a line")
    parser.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="color it (%(default)s)")


def query(options: argparse.Namespace) -> Query:
    """Return what is wanted."""
    return Query(
        follow=options.follow, since=options.since, conversation_id=options.conversation, errors=options.errors
    )


def color(options: argparse.Namespace, *, terminal: bool, no_color: bool) -> bool:
    """
    Tell whether to color what is shown.

    Args:
        options: What was typed.
        terminal: Whether it is shown on one.
        no_color: Whether the environment has ``NO_COLOR`` (no-color.org).
    """
    return {"always": True, "never": False}.get(options.color, terminal and not no_color)
