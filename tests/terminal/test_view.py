import io

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.live import Live

from talkbox.terminal.scene import Scene
from talkbox.terminal.view import View
from tests.support.fake_device import STATUS


def scene(**status: object) -> Scene:
    shown = Scene()
    shown.take_status({**STATUS, **status})
    return shown


def say(shown: Scene, source: str, text: str, *, final: bool = True) -> None:
    event = {"event": "message", "time": "2026-11-22T12:03:04.567+01:00", "source": source, "text": text}
    shown.take_event({**event, "final": final})


def drawn(view: View, *, width: int = 80, height: int | None = None) -> list[str]:
    """The lines of a view without color; `height`: as on a screen that is its own."""
    console = Console(width=width, height=24, file=io.StringIO(), color_system=None)
    lines = console.render_lines(view, console.options.update(height=height), pad=False)
    return ["".join(segment.text for segment in line) for line in lines]


def test_everything_is_told_in_words_too() -> None:
    shown = scene(muted=True)
    say(shown, "user", "what time is it")
    say(shown, "agent", "it is noon")
    say(shown, "someone", "hm", final=False)
    shown.take_event({"event": "state", "time": "2026-11-22T12:03:04.567+01:00", "state": "listening"})
    text = "\n".join(drawn(View(shown, title="Talkbox", footer="q = quit")))
    for words in (
        "● listening",
        "session 0:00   up 1:01",
        "● ● ○ blue green off",
        "conv_0123",
        "25 %  muted",
        "80 %",
        "120 chunks sent, 1 session",
        "12:03:04  you    what time is it",
        "12:03:04  agent  it is noon",
        "someone hm ...",
        "state=listening",
        "q = quit",
    ):
        assert words in text


@pytest.mark.parametrize("width", [20, 50, 80, 200])
@pytest.mark.parametrize("height", [None, 10, 24, 60])
def test_it_fits_whatever_there_is(width: int, height: int | None) -> None:
    shown = scene()
    for number in range(30):
        say(shown, "agent", f"sentence {number} of a long story with 日本語 in it, and more words than fit a line")
        shown.take_event({"event": "state", "state": "x" * 100})
    lines = drawn(View(shown, title="t" * 100, footer="keys"), width=width, height=height)
    assert all(cell_len(line) <= width for line in lines)
    if height != 10:
        assert len(lines) == (height or 24)


def test_the_newest_words_are_shown_when_not_all_fit() -> None:
    shown = scene()
    for number in range(100):
        say(shown, "user", f"sentence {number}.")
    text = "\n".join(drawn(View(shown)))
    assert "sentence 99." in text
    assert "sentence 0." not in text


def test_a_long_utterance_is_wrapped_below_itself() -> None:
    shown = scene()
    say(shown, "agent", "word " * 40)
    lines = [line for line in drawn(View(shown)) if "word" in line]
    assert len(lines) > 1
    assert all(line.index("word") == lines[0].index("word") for line in lines)


def test_a_device_that_does_not_answer_is_said_to() -> None:
    shown = scene()
    shown.gone()
    text = "\n".join(drawn(View(shown)))
    assert "○ the device does not answer" in text
    assert "no session" in text


def test_a_device_without_lights_has_none() -> None:
    assert any("lights   none" in line for line in drawn(View(scene(leds=[], mode="", conversation_id=None))))


def test_lights_have_their_colors() -> None:
    console = Console(width=80, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(View(scene(leds=[[255, 0, 0], [0, 0, 4]])))
    output = console.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b[38;2;255;0;0m● " in output
    assert "\x1b[38;2;0;0;39m● " in output  # dim on the board, and still to be seen here


@pytest.mark.parametrize("height", [14, 40])
def test_on_a_screen_of_its_own_it_is_as_high_as_the_screen(height: int) -> None:
    file = io.StringIO()
    console = Console(width=80, height=height, file=file, force_terminal=True, color_system=None)
    shown = scene()
    shown.take_event({"event": "error", "text": "no connection", "hint": "look there"})
    for number in range(9):
        shown.take_event({"event": "state", "state": f"number {number}"})
    with Live(View(shown, footer="q = quit"), console=console, screen=True, auto_refresh=False) as live:
        live.refresh()
        lines = file.getvalue().rpartition("\x1b[H")[2].splitlines()
    assert "q = quit" in lines[-1]
    assert "╰" in lines[-2]
    assert len(lines) == height


def test_a_long_answer_is_shown_from_its_beginning_and_leaves_its_question_where_it_is() -> None:
    shown = scene()
    say(shown, "user", "tell me a long story")
    say(shown, "agent", f"once upon a time {'there was a lighthouse ' * 80} the end")
    text = "\n".join(drawn(View(shown)))
    assert "tell me a long story" in text
    assert "once upon a time" in text
    assert "…" in text
    assert "the end" not in text


def test_what_went_wrong_and_what_to_do_is_shown_in_whole() -> None:
    shown = scene()
    shown.take_event(
        {"event": "error", "text": "no connection to 127.0.0.1: ECONNREFUSED", "hint": "look " * 12 + "there"}
    )
    text = " ".join("".join(drawn(View(shown))).replace("│", " ").split())
    assert f"no connection to 127.0.0.1: ECONNREFUSED — {'look ' * 12}there" in text


def test_the_footer_is_in_the_middle() -> None:
    *_, first, second = drawn(View(scene(), footer="a = one thing\nq = quit"), width=40)
    assert first.rstrip() == f"{' ' * 13}a = one thing"
    assert second.rstrip() == f"{' ' * 16}q = quit"
