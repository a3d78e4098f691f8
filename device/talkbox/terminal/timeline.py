"""A picture of a conversation: both voices, the state, the LEDs and what happened, over one time axis. Pure."""

from __future__ import annotations

from html import escape
from itertools import pairwise

from .record import Glance, Record, Sound, peaks

WIDTH = 1600
LEFT, RIGHT = 110, 20
FONT = "font-family='DejaVu Sans, Verdana, sans-serif'"

# As on the LEDs: green is the user's turn, blue the agent's.
STATE_COLORS = {
    "idle": "#3a3f47",
    "connecting": "#7a6a2f",
    "listening": "#2c7a55",
    "speaking": "#3566a8",
    "ending": "#6b4a7a",
    "reconnecting": "#8b6b1f",
    "offline": "#8b5a1f",
    "fault": "#8b2f2f",
}
FOLD_S = 1.0
ROW_PX = 44
TALK_COLORS = {"user": "#7fe0b0", "agent": "#8fbcff"}
Rgb = tuple[int, int, int]


def draw(record: Record, speaker: Sound) -> str:
    """
    Return the picture as SVG text.

    Args:
        record: What was seen; its glances carry the LEDs and tie the speaker's frames to the clock.
        speaker: What the loudspeaker played.
    """
    axis = _Axis(record.begun_s, max(record.end_s, record.begun_s + 1.0))
    words = _words(record, axis)
    rows = [
        _state_row(record, axis, top=50),
        _label("you", 110) + _microphone_row(record, axis, middle=135),
        _label("Talkbox", 205) + _speaker_row(record, speaker, axis, middle=230),
        _label("LEDs", 287) + _led_rows(record, axis, top=285),
        _mark_row(record, axis, top=345),
        words,
        axis.ticks(bottom=HEIGHT - 24),
    ]
    head = (
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {HEIGHT}' width='{WIDTH}' height='{HEIGHT}'>"
        f"<rect width='100%' height='100%' fill='#14171b'/>"
        f"<text x='{LEFT}' y='30' {FONT} font-size='18' fill='#e8eaed'>A conversation with Talkbox</text>"
    )
    return head + "".join(rows) + "</svg>\n"


LANES = 5
LANE_PX = 19
WORDS_TOP = 400
HEIGHT = WORDS_TOP + 2 * LANES * LANE_PX + 50


class _Axis:
    """Seconds to pixels."""

    def __init__(self, begin_s: float, end_s: float) -> None:
        self.begin_s, self.end_s = begin_s, end_s
        self._scale = (WIDTH - LEFT - RIGHT) / (end_s - begin_s)

    def x(self, at_s: float) -> float:
        return LEFT + (min(max(at_s, self.begin_s), self.end_s) - self.begin_s) * self._scale

    def ticks(self, *, bottom: float) -> str:
        span = self.end_s - self.begin_s
        step = next(step for step in (1, 2, 5, 10, 30, 60, 300, 3600) if span / step <= 30 or step == 3600)
        out = []
        for second in range(0, int(span) + 1, step):
            x = self.x(self.begin_s + second)
            out.append(
                f"<line x1='{x:.1f}' x2='{x:.1f}' y1='44' y2='{bottom - 8}' stroke='#ffffff' stroke-opacity='.06'/>"
            )
            out.append(_text(x, bottom + 6, f"{second} s", size=11, color="#8b929b", anchor="middle"))
        return "".join(out)


def _text(x: float, y: float, text: str, *, size: int, color: str, anchor: str = "start") -> str:
    printable = "".join(character for character in text if character.isprintable())
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' {FONT} font-size='{size}' fill='{color}' text-anchor='{anchor}'>"
        f"{escape(printable)}</text>"
    )


def _label(text: str, y: float) -> str:
    return _text(LEFT - 12, y + 24, text, size=13, color="#c3c8ce", anchor="end")


def _stretches(record: Record) -> list[tuple[float, float, Glance]]:
    """Each glance with the time until the next one."""
    ends = [glance.at_s for glance in record.glances[1:]] + [record.end_s]
    return [(glance.at_s, end_s, glance) for glance, end_s in zip(record.glances, ends, strict=False)]


def _state_row(record: Record, axis: _Axis, *, top: float) -> str:
    changes = [(event["at_s"], str(event["state"])) for event in record.named("state")]
    before = [str(event["was"]) for event in record.named("state") if "was" in event]
    before += [glance.state for glance in record.glances[:1]]  # the first glance may have come after the first change
    changes[:0] = [(record.begun_s, state) for state in before[:1]]
    out = [_label("state", top - 8)]
    for (at_s, state), (end_s, _) in pairwise([*changes, (record.end_s, "")]):
        x, width = axis.x(at_s), axis.x(end_s) - axis.x(at_s)
        color = STATE_COLORS.get(state, "#555555")
        out.append(f"<rect x='{x:.1f}' y='{top}' width='{max(width, 0.5):.1f}' height='26' fill='{color}'/>")
        if width > 60:
            out.append(_text(x + 6, top + 18, state, size=12, color="#ffffff"))
    return "".join(out)


def _microphone_row(record: Record, axis: _Axis, *, middle: float) -> str:
    out = [_zero_line(middle)]
    for spoken in record.spoken:
        x = axis.x(spoken.at_s)
        columns = max(1, round(axis.x(spoken.end_s) - x))
        out.append(_wave(peaks(spoken.samples, columns), x, middle, color=TALK_COLORS["user"]))
    return "".join(out)


def _speaker_row(record: Record, speaker: Sound, axis: _Axis, *, middle: float) -> str:
    columns = []
    for column in range(WIDTH - LEFT - RIGHT):
        at_s = axis.begin_s + column * (axis.end_s - axis.begin_s) / (WIDTH - LEFT - RIGHT)
        columns.append(record.frame_at(at_s))
    found = [
        peaks(speaker.samples[first:last], 1)[0] if last > first else (0.0, 0.0) for first, last in pairwise(columns)
    ]
    return _zero_line(middle) + _wave(found, LEFT, middle, color=TALK_COLORS["agent"])


def _zero_line(middle: float) -> str:
    return f"<line x1='{LEFT}' x2='{WIDTH - RIGHT}' y1='{middle}' y2='{middle}' stroke='#ffffff' stroke-opacity='.15'/>"


def _wave(found: list[tuple[float, float]], x: float, middle: float, *, color: str, half_px: float = 70) -> str:
    strokes = [
        f"M{x + n:.1f} {middle - min(high * half_px, ROW_PX):.1f}V{middle - max(low * half_px, -ROW_PX):.1f}"
        for n, (low, high) in enumerate(found)
        if high - low > 1e-4
    ]
    return f"<path d='{''.join(strokes)}' stroke='{color}' stroke-width='1'/>" if strokes else ""


def _led_rows(record: Record, axis: _Axis, *, top: float) -> str:
    count = max((len(glance.leds) for glance in record.glances), default=0)
    out = []
    for led in range(count):
        y = top + led * 17
        out.append(f"<rect x='{LEFT}' y='{y}' width='{WIDTH - LEFT - RIGHT}' height='14' fill='#000000'/>")
        for begin_s, end_s, color in _runs(record, led):
            x = axis.x(begin_s)
            width = max(axis.x(end_s) - x, 0.5)
            out.append(f"<rect x='{x:.1f}' y='{y}' width='{width:.1f}' height='14' fill='{_css(color)}'/>")
    return "".join(out)


def _runs(record: Record, led: int) -> list[tuple[float, float, Rgb]]:
    """The stretches of one color of an LED that is lit."""
    runs: list[tuple[float, float, Rgb]] = []
    for begin_s, end_s, glance in _stretches(record):
        color = glance.leds[led] if led < len(glance.leds) else (0, 0, 0)
        if runs and runs[-1][2] == color:
            runs[-1] = (runs[-1][0], end_s, color)
        else:
            runs.append((begin_s, end_s, color))
    return [run for run in runs if any(run[2])]


def _css(color: Rgb) -> str:
    """Brighten for paper: an LED at half its power is still a bright thing, a screen's dark pixel is not."""
    return "#" + "".join(f"{round(255 * (channel / 255) ** 0.45):02x}" for channel in color)


def _mark_row(record: Record, axis: _Axis, *, top: float) -> str:
    out = [_label("events", top - 8)]
    happened = [(at_s, what) for at_s, what, _ in record.marks]
    happened += [(event["at_s"], "interrupted") for event in record.named("interrupted")]
    happened += [(event["at_s"], f"tool: {event.get('name', '')}") for event in record.named("tool")]
    free_from = [0.0, 0.0]
    for at_s, what, times in _folded(sorted(happened)):
        x = axis.x(at_s)
        text = f"{what} ×{times}" if times > 1 else what
        lane = min(range(len(free_from)), key=lambda n: (free_from[n] > x, n))
        free_from[lane] = x + 7 * len(text) + 10
        y = top + 10 + lane * 17
        out.append(f"<line x1='{x:.1f}' x2='{x:.1f}' y1='50' y2='{y}' stroke='#f2b84b' stroke-opacity='.5'/>")
        out.append(_text(min(x + 3, WIDTH - 7 * len(text)), y + 4, text, size=11, color="#f2b84b"))
    return "".join(out)


def _folded(happened: list[tuple[float, str]]) -> list[tuple[float, str, int]]:
    """Make one mark of the same thing done again at once: when it was first done, what, and how often."""
    folded: list[tuple[float, str, int]] = []
    last_s = 0.0
    for at_s, what in happened:
        if folded and folded[-1][1] == what and at_s - last_s < FOLD_S:
            folded[-1] = (folded[-1][0], what, folded[-1][2] + 1)
        else:
            folded.append((at_s, what, 1))
        last_s = at_s
    return folded


def _words(record: Record, axis: _Axis) -> str:
    """Who said what, each line where it was known; one block of lanes a speaker, so that nothing overlaps."""
    out = [_label("heard", WORDS_TOP - 14), _label("answered", WORDS_TOP + LANES * LANE_PX - 6)]
    free_from = {"user": [0.0] * LANES, "agent": [0.0] * LANES}
    for event in record.transcript():
        source = str(event["source"])
        text = str(event.get("text", ""))
        x = axis.x(event["at_s"])
        text = _shortened(text, most=max(20, min(60, int((WIDTH - RIGHT - x - 12) / 6.6))))
        lanes = free_from[source]
        lane = min(range(LANES), key=lambda n: (lanes[n] > x, lanes[n]))
        width = 6.6 * len(text) + 12
        x = min(x, WIDTH - RIGHT - width)
        lanes[lane] = x + width
        y = WORDS_TOP + lane * LANE_PX + (LANES * LANE_PX + 12 if source == "agent" else 0)
        out.append(_text(x, y, text, size=12, color=TALK_COLORS[source]))
    return "".join(out)


def _shortened(text: str, *, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"
