"""
How a device looks in a terminal: a scene in, something for rich to print out.

Pure: reads no clock, no terminal and no socket. Everything is told in words and shapes as well as in color.
"""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.panel import Panel
from rich.text import Text

from .scene import Said, Scene
from .status import Rgb
from .text import bar, color_name, counters_text, duration, percent

_STATE_STYLES = {
    "idle": "dim",
    "connecting": "yellow",
    "listening": "bold green",
    "speaking": "bold cyan",
    "ending": "yellow",
    "reconnecting": "yellow",
    "offline": "red",
    "fault": "bold red",
}
_NAMES = {"user": ("you", "bold green"), "agent": ("agent", "bold cyan")}
_HEIGHT_ELSEWHERE = 24  # lines to fill where the terminal's height is not ours to fill
_TROUBLE_LINES = 3
_HAPPENED_LINES = 4
_FRAME_LINES = 2
_LABEL_CELLS = 9
_MARGIN_CELLS = 4  # the frame and a blank, on both sides
_GAMMA = 0.45


class View:
    """
    Show `scene`, as it is whenever rich asks, in the width and height there are.

    Args:
        scene: What to show.
        title: In the upper edge, for example the socket.
        footer: Below, for example the keys. May be changed.
    """

    def __init__(self, scene: Scene, *, title: str = "Talkbox", footer: str = "") -> None:
        self._scene, self._title = scene, title
        self.footer = footer

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width, height = options.max_width, options.height or _own_height(console)
        inner = max(1, width - _MARGIN_CELLS)
        footer = _footer(self.footer, console=console, width=width) if self.footer else []
        head = _head(self._scene, width=inner)
        trouble = list(Text(self._scene.trouble, style="bold red").wrap(console, inner)) if self._scene.trouble else []
        tail = [Text(""), *trouble[:_TROUBLE_LINES]]
        room = max(1, height - _FRAME_LINES - len(head) - len(tail) - len(footer))
        lines = min(_HAPPENED_LINES, room - 1, len(self._scene.happened))  # what is said comes first
        tail += [_dim(line) for line in list(self._scene.happened)[len(self._scene.happened) - lines :]]
        room -= lines
        said = [
            line
            for one in list(self._scene.transcript)[-room:]
            for line in _begun(_said(one, console=console, width=inner), most=max(1, room // 2))
        ][-room:]
        filler = [Text("")] * (room - len(said))
        yield Panel(
            Group(*head, *said, *filler, *tail),
            title=Text(f" {self._title} "),
            title_align="left",
            border_style="" if self._scene.connected else "red",
            width=width,
        )
        yield from footer


def _own_height(console: Console) -> int:
    """Return how many lines a view may fill. rich tells nobody below its `Screen` how high that is."""
    return console.height if console.is_alt_screen else _HEIGHT_ELSEWHERE


def _head(scene: Scene, *, width: int) -> list[Text]:
    """Return what is so now, one line a fact."""
    status = scene.status
    cells = max(1, width - _LABEL_CELLS - len(" 100 %  muted"))
    state = Text.assemble((f"● {status.state}", _STATE_STYLES.get(status.state, "")))
    if not scene.connected:
        state = Text("○ the device does not answer", style="bold red")
    session = "no session" if scene.session_s is None else f"session {duration(scene.session_s)}"
    muted = ("  muted", "bold red") if status.muted else ""
    return [
        _sides(state, Text(f"{session}   up {duration(status.uptime_s)}"), width=width),
        _sides(_row("lights", *_lights(status.leds)), _dim(status.conversation_id or ""), width=width),
        _row("mic", *_level(status.input_level, cells=cells, style="green"), muted),
        _row("speaker", *_level(status.output_level, cells=cells, style="cyan")),
        _row("volume", *_level(status.volume, cells=cells, style="")),
        _row("counted", (counters_text({name: count for name, count in status.counters.items() if count}), "dim")),
        Text(""),
    ]


def _row(label: str, *parts: str | tuple[str, str]) -> Text:
    return Text.assemble((f"{label:<{_LABEL_CELLS}}", "dim"), *parts, no_wrap=True, overflow="ellipsis")


def _sides(left: Text, right: Text, *, width: int) -> Text:
    """Put two texts at the two ends of a line; the left one gives way."""
    left = left.copy()
    left.truncate(max(1, width - right.cell_len - 1), overflow="ellipsis", pad=True)
    return Text.assemble(left, " ", right, no_wrap=True, overflow="ellipsis")


def _lights(leds: tuple[Rgb, ...]) -> list[str | tuple[str, str]]:
    if not leds:
        return ["none"]
    dots: list[str | tuple[str, str]] = [_dot(led) for led in leds]
    return [*dots, (" ".join(dict.fromkeys(color_name(led) for led in leds)), "dim")]


def _dot(led: Rgb) -> tuple[str, str]:
    """Return one LED. A dim one is shown brighter than it is: the eye before a screen is used to more light."""
    if max(led) == 0:
        return "○ ", "dim"
    red, green, blue = (round(255 * (part / 255) ** _GAMMA) for part in led)
    return "● ", f"rgb({red},{green},{blue})"


def _level(level: float, *, cells: int, style: str) -> list[tuple[str, str]]:
    return [(bar(level, cells), style), (f" {percent(level):>5}", "")]


def _said(said: Said, *, console: Console, width: int) -> list[Text]:
    """Return one utterance, wrapped below itself."""
    name, style = _NAMES.get(said.source, (said.source, "bold"))
    head = Text.assemble((f"{said.at:<9} ", "dim"), (f"{name:<6} ", style))
    text = Text(said.text if said.final else f"{said.text} ...", style="" if said.final else "dim italic")
    lines = text.wrap(console, max(8, width - head.cell_len)) or [Text("")]
    indent = Text(" " * head.cell_len)
    edges = [head, *[indent] * (len(lines) - 1)]
    return [Text.assemble(*pair, no_wrap=True, overflow="ellipsis") for pair in zip(edges, lines, strict=True)]


def _footer(text: str, *, console: Console, width: int) -> list[Text]:
    """Return lines that rich will center; it must not while it wraps, or it does so twice."""
    return list(Text(text, style="dim", justify="center").wrap(console, width, justify="default"))


def _begun(lines: list[Text], *, most: int) -> list[Text]:
    """Return the beginning: an answer is known at once and spoken for a minute, and must not push out its question."""
    if len(lines) <= most:
        return lines
    last = lines[most - 1].copy()
    last.append(" …")
    return [*lines[: most - 1], last]


def _dim(line: str) -> Text:
    return Text(line, style="dim", no_wrap=True, overflow="ellipsis")
