"""What a device says, in plain lines for people. Pure; no control character of a transcript goes through."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from talkbox.masking import printable

from .status import Rgb, Status

_BAR_CELLS = 20
# Told by the line itself, or of use to programs only.
_UNTOLD = {"event", "at_s", "time", "speaker_frame"}
# The loudspeaker's usual ceiling is -1 dBFS.
_HELD_BACK_DB = -2.0
# Colors a person has a word for, by hue in degrees.
_HUES = ((15, "red"), (45, "orange"), (70, "yellow"), (165, "green"), (195, "cyan"), (255, "blue"), (335, "purple"))


def status_text(status: Status) -> str:
    """Return the status as a block, one fact a line."""
    facts = {
        "state": status.state,
        "mode": status.mode or "-",
        "microphone": status.microphone,
        "volume": percent(status.volume),
        "lights": " ".join(color_name(led) for led in status.leds) or "none",
        "input": f"{bar(status.input_level, _BAR_CELLS)} {percent(status.input_level)}",
        "output": f"{bar(status.output_level, _BAR_CELLS)} {percent(status.output_level)}",
        "conversation": status.conversation_id or "none",
        "echo": echo_text(status.echo),
        "running for": duration(status.uptime_s),
        "counters": counters_text(status.counters),
    }
    return "\n".join(f"{name:<13} {printable(value)}" for name, value in facts.items())


def event_line(event: Mapping[str, object]) -> str:
    """Return one event as ``12:03:04.120  name  what``, on one line."""
    return printable(f"{clock(event.get('time')):<12}  {event.get('event')!s:<13} {event_text(event)}".rstrip())


def event_text(event: Mapping[str, object]) -> str:
    """Return what an event says beside its name, perhaps ``""``."""
    if event.get("event") == "message":
        return f"{event.get('source')}: {event.get('text')}" + ("" if event.get("final", True) else " ...")
    if event.get("event") == "lost":
        return f"{event.get('count')} events were lost: this reader is too slow"
    told = {name: value for name, value in event.items() if name not in _UNTOLD and value not in (None, "")}
    return "  ".join(f"{name}={value}" for name, value in told.items())


def echo_text(echo: Mapping[str, object]) -> str:
    """Return the echo canceller as ``speexdsp, then AEC3; 31.0 dB``."""
    parts = [str(echo.get("canceller") or "unknown")]
    if echo.get("half_duplex") is True:
        parts.append("half duplex")
    if echo.get("loss_db") is not None:
        parts.append(f"{echo['loss_db']} dB")
    if isinstance(ceiling_db := echo.get("ceiling_db"), float) and ceiling_db < _HELD_BACK_DB:
        parts.append(f"loudspeaker held back to {ceiling_db} dBFS")
    return "; ".join(parts)


def counters_text(counters: Mapping[str, object]) -> str:
    """Return the counters as ``3 sessions, 120 chunks sent``."""
    return printable(", ".join(f"{value} {_counted(str(name), value)}" for name, value in counters.items())) or "none"


def _counted(name: str, value: object) -> str:
    """Return what is counted: ``"1 chunk sent"``, but ``"2 chunks sent"``."""
    what, _, more = name.partition("_")
    return " ".join([what.removesuffix("s") if value == 1 else what, *more.split("_")]).strip()


def bar(level: float, cells: int) -> str:
    """Return a bar `cells` wide, filled to `level` (0..1). Anything that can be heard shows."""
    filled = min(cells, round(level * cells) or (1 if level > 0 else 0))
    return "█" * filled + "░" * (cells - filled)


def percent(fraction: float) -> str:
    """Return ``"40 %"`` for 0.4."""
    return f"{fraction * 100:.0f} %"


def duration(seconds: float) -> str:
    """Return ``"1:02:03"``, or ``"2:03"`` within the first hour."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute}:{second:02}"


def clock(stamp: object, *, timespec: str = "milliseconds") -> str:
    """Return the time of day of an event's ``time``; as it is where it cannot be read."""
    try:
        return datetime.fromisoformat(str(stamp)).time().isoformat(timespec=timespec)
    except ValueError:
        return str(stamp)


def color_name(color: Rgb) -> str:
    """Return the word for a color, for terminals that have none: ``"off"``, ``"white"``, ``"green"``."""
    high, low = max(color), min(color)
    if high == 0:
        return "off"
    if high - low < high * 0.25:
        return "white"
    red, green, blue = color
    if high == red:
        hue = 60 * (green - blue) / (high - low) % 360
    elif high == green:
        hue = 60 * (blue - red) / (high - low) + 120
    else:
        hue = 60 * (red - green) / (high - low) + 240
    return next((name for end, name in _HUES if hue < end), "red")
