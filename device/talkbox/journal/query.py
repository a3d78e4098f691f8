"""What is to be read, as journalctl's arguments: it is journald that filters. Pure."""

from __future__ import annotations

from dataclasses import dataclass

UNITS = ("talkbox.service", "talkbox-broker.service")
"""What happens to the device. What setup and the doctor said is long, and has its own `journalctl --unit`."""
MOST_ENTRIES = 200
FIRST_ENTRIES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """
    Which entries of the journal are wanted.

    Attributes:
        follow: Go on with those that are still to come.
        since: The first moment, in journalctl's words: "today", "1 hour ago"; ``""`` for the last `MOST_ENTRIES`.
        conversation_id: Of one conversation only; ``""`` for everything.
        errors: Warnings and errors only.
    """

    follow: bool = False
    since: str = ""
    conversation_id: str = ""
    errors: bool = False

    def arguments(self) -> list[str]:
        """Return the arguments for journalctl. Each value is within one of them, and cannot become another."""
        arguments = ["--output=json", "--all", "--no-pager", *(f"--unit={unit}" for unit in UNITS)]
        if self.follow:
            arguments.append("--follow")
        if self.errors:
            arguments.append("--priority=warning")
        if self.since:
            arguments.append(f"--since={self.since}")
        if self.conversation_id:
            arguments.append(f"TALKBOX_CONVERSATION_ID={self.conversation_id}")
        if self.since or self.conversation_id:
            return [*arguments, "--lines=all"]
        return [*arguments, f"--lines={FIRST_ENTRIES if self.follow else MOST_ENTRIES}"]
