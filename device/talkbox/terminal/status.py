"""A device's status, read leniently: a view must show an older or a newer device too."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """
    What `talkbox status --json` says.

    Attributes:
        volume, input_level, output_level: 0 to 1.
        leds: 0..255 each, as the board shows them.
        conversation_id: `None` while there is no session.
    """

    state: str = "unknown"
    mode: str = ""
    muted: bool = False
    volume: float = 0.0
    leds: tuple[Rgb, ...] = ()
    input_level: float = 0.0
    output_level: float = 0.0
    conversation_id: str | None = None
    uptime_s: float = 0.0
    echo: Mapping[str, object] = field(default_factory=dict)
    counters: Mapping[str, object] = field(default_factory=dict)

    @property
    def at_rest(self) -> bool:
        """Whether the device is in no session."""
        return self.state in ("idle", "offline", "fault", "unknown")

    @property
    def microphone(self) -> str:
        """How the microphone stands: ``"closed"`` without a session, else ``"open"`` or ``"muted"``."""
        if self.at_rest:
            return "closed, and muted" if self.muted else "closed"
        return "muted" if self.muted else "open"


def read(raw: Mapping[str, object]) -> Status:
    """Return `raw` with a default in the place of whatever is missing or strange."""
    leds, counters, conversation_id = raw.get("leds"), raw.get("counters"), raw.get("conversation_id")
    echo = raw.get("echo")
    return Status(
        state=str(raw.get("state") or "unknown"),
        mode=str(raw.get("mode") or ""),
        muted=raw.get("muted") is True,
        volume=_fraction(raw.get("volume")),
        leds=tuple(_color(led) for led in leds) if isinstance(leds, list) else (),
        input_level=_fraction(raw.get("input_level")),
        output_level=_fraction(raw.get("output_level")),
        conversation_id=str(conversation_id) if conversation_id else None,
        uptime_s=max(0.0, _number(raw.get("uptime_s"))),
        echo=echo if isinstance(echo, dict) else {},
        counters=counters if isinstance(counters, dict) else {},
    )


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _fraction(value: object) -> float:
    return min(1.0, max(0.0, _number(value)))


def _color(led: object) -> Rgb:
    parts = [min(255, max(0, round(_number(part)))) for part in led] if isinstance(led, list) else []
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (0, 0, 0)
