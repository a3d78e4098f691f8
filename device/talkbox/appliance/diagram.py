"""The state table as a picture: `python -m talkbox.appliance.diagram` prints the one in ``device/README.md``. Pure."""

from __future__ import annotations

import sys

from .state import TRANSITIONS, Input, State


def mermaid() -> str:
    """Return every row that changes the state, as a Mermaid state diagram; rows between the same two share an arrow."""
    arrows: dict[tuple[State, State], list[Input]] = {}
    for (before, happened), (after, _effects) in TRANSITIONS.items():
        if before is not after:
            arrows.setdefault((before, after), []).append(happened)
    lines = [
        f"    {before} --> {after}: {', '.join(happened.replace('_', ' ') for happened in inputs)}"
        for (before, after), inputs in arrows.items()
    ]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {State.IDLE}", *lines])


if __name__ == "__main__":
    sys.stdout.write(mermaid() + "\n")
