import io

import pytest
from rich.cells import cell_len
from rich.console import Console

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
        "120 chunks sent, 1 sessions",
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
